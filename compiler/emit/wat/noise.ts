import type { LaneAlgebra } from '../../scalar/lanes.js';
import { log, sineOfTurns } from '../../scalar/lanes.js';
import { wordLanes } from './lanes.js';
import type { Node, NodeTable } from './nodes.js';

/** 32-bit integers modulo 2^32, one (i32) or four (v128). */
interface Words {
  add(a: Node, b: Node): Node;
  xor(a: Node, b: Node): Node;
  rotateLeft(a: Node, bits: number): Node;
  constant(word: number): Node;
}

export const scalarWords = (nodes: NodeTable): Words => ({
  add: (a, b) => nodes.addInteger(a, b),
  xor: (a, b) => nodes.make('i32.xor', 'i32', [a, b]),
  rotateLeft: (a, bits) => nodes.make('i32.rotl', 'i32', [a, nodes.integer(bits)]),
  constant: word => nodes.integer(word),
});

export const vectorWords = (nodes: NodeTable, lanes: LaneAlgebra<Node>): Words => ({
  add: (a, b) => lanes.integerAdd(a, b),
  xor: (a, b) => lanes.xor(a, b),
  rotateLeft: (a, bits) => lanes.or(lanes.shiftLeft(a, bits), lanes.shiftRight(a, 32 - bits)),
  constant: word => wordLanes(nodes, [word, word, word, word]),
});

const rotations = [
  [10, 26],
  [11, 21],
  [13, 27],
  [23, 5],
  [6, 20],
  [17, 11],
  [25, 10],
  [18, 20],
] as const;

type Block = readonly [Node, Node, Node, Node];

/** Threefry4x32-20 as `compiler/program/noise.ts` defines it. */
export function threefry(words: Words, counter: Block, key: Block): Block {
  const parity = key.reduce((sum: Node, word) => words.xor(sum, word), words.constant(0x1bd11bda));
  const schedule = [...key, parity];
  const x = counter.map((word, i) => words.add(word, schedule[i]!));
  for (let round = 0; round < 20; round++) {
    const [a, b] = rotations[round % 8]!;
    const [first, second] = round % 2 === 0 ? [1, 3] : [3, 1];
    x[0] = words.add(x[0]!, x[first]!);
    x[first] = words.xor(words.rotateLeft(x[first]!, a), x[0]);
    x[2] = words.add(x[2]!, x[second]!);
    x[second] = words.xor(words.rotateLeft(x[second]!, b), x[2]);
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      for (let i = 0; i < 4; i++) x[i] = words.add(x[i]!, schedule[(injection + i) % 5]!);
      x[3] = words.add(x[3]!, words.constant(injection));
    }
  }
  return [x[0]!, x[1]!, x[2]!, x[3]!];
}

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
