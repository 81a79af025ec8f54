import type { WordAlgebra } from '../../program/threefry.js';
import type { LaneAlgebra } from '../../scalar/lanes.js';
import { log, sineOfTurns } from '../../scalar/lanes.js';
import { wordLanes } from './lanes.js';
import type { Node, NodeTable } from './nodes.js';

export const scalarWords = (nodes: NodeTable): WordAlgebra<Node> => ({
  add: (a, b) => nodes.addInteger(a, b),
  xor: (a, b) => nodes.make('i32.xor', 'i32', [a, b]),
  rotateLeft: (a, bits) => nodes.make('i32.rotl', 'i32', [a, nodes.integer(bits)]),
  constant: word => nodes.integer(word),
});

export const vectorWords = (nodes: NodeTable, lanes: LaneAlgebra<Node>): WordAlgebra<Node> => ({
  add: (a, b) => lanes.integerAdd(a, b),
  xor: (a, b) => lanes.xor(a, b),
  rotateLeft: (a, bits) => lanes.or(lanes.shiftLeft(a, bits), lanes.shiftRight(a, 32 - bits)),
  constant: word => wordLanes(nodes, [word, word, word, word]),
});

/** ((w >> 9) + ½) 2^-23, exact in f32. */
export const uniform = (lanes: LaneAlgebra<Node>, word: Node): Node =>
  lanes.multiply(
    lanes.add(lanes.fromInteger(lanes.shiftRight(word, 9)), lanes.constant(0.5)),
    lanes.constant(2 ** -23),
  );

/** Box–Muller: √(-2 log u1) cos(2π u2) in even elements, sin in odd ones; `even` is 1 or 0 in each lane. */
export function normal(lanes: LaneAlgebra<Node>, first: Node, second: Node, even: Node): Node {
  const radius = lanes.sqrt(lanes.multiply(lanes.constant(-2), log(lanes, uniform(lanes, first))));
  return lanes.multiply(radius, sineOfTurns(lanes, uniform(lanes, second), even));
}

/** Four i32 as the lanes of a vector. */
export const gatherWords = (nodes: NodeTable, words: readonly Node[]): Node =>
  words
    .slice(1)
    .reduce(
      (vector: Node, word, i) => nodes.make(`i32x4.replace_lane ${i + 1}`, 'v128', [vector, word]),
      nodes.make('i32x4.splat', 'v128', [words[0]!]),
    );
