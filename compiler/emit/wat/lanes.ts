import type { LaneAlgebra } from '../../scalar/lanes.js';
import type { Node, NodeTable } from './nodes.js';

const hex = (word: number): string => `0x${(word >>> 0).toString(16)}`;

const largest = 3.4028234663852886e38;

/** The same f32 in each lane; what exceeds the largest f32 becomes that. */
export const constantLanes = (nodes: NodeTable, value: number): Node => {
  const text = Math.fround(Math.min(largest, Math.max(-largest, value))).toString();
  return nodes.make(`v128.const f32x4 ${text} ${text} ${text} ${text}`, 'v128', []);
};

export const wordLanes = (nodes: NodeTable, words: readonly number[]): Node =>
  nodes.make(`v128.const i32x4 ${words.map(hex).join(' ')}`, 'v128', []);

/** The vector instructions of the scalar registry as nodes, with relaxed SIMD's multiply-add. */
export function laneAlgebra(nodes: NodeTable): LaneAlgebra<Node> {
  const unary = (instruction: string) => (a: Node) => nodes.make(instruction, 'v128', [a]);
  const binary = (instruction: string) => (a: Node, b: Node) => nodes.make(instruction, 'v128', [a, b]);
  const shift = (instruction: string) => (a: Node, bits: number) =>
    nodes.make(instruction, 'v128', [a, nodes.integer(bits)]);
  const ternary = (instruction: string) => (a: Node, b: Node, c: Node) =>
    nodes.make(instruction, 'v128', [a, b, c]);
  return {
    constant: value => constantLanes(nodes, value),
    bits: word => wordLanes(nodes, [word, word, word, word]),
    add: binary('f32x4.add'),
    subtract: binary('f32x4.sub'),
    multiply: binary('f32x4.mul'),
    divide: binary('f32x4.div'),
    multiplyAdd: ternary('f32x4.relaxed_madd'),
    multiplySubtract: ternary('f32x4.relaxed_nmadd'),
    minimum: binary('f32x4.pmin'),
    maximum: binary('f32x4.pmax'),
    abs: unary('f32x4.abs'),
    negate: unary('f32x4.neg'),
    sqrt: unary('f32x4.sqrt'),
    floor: unary('f32x4.floor'),
    less: binary('f32x4.lt'),
    lessEqual: binary('f32x4.le'),
    equal: binary('f32x4.eq'),
    and: binary('v128.and'),
    or: binary('v128.or'),
    xor: binary('v128.xor'),
    choose: (mask, a, b) => nodes.make('v128.bitselect', 'v128', [a, b, mask]),
    integerAdd: binary('i32x4.add'),
    integerSubtract: binary('i32x4.sub'),
    shiftLeft: shift('i32x4.shl'),
    shiftRight: shift('i32x4.shr_u'),
    shiftRightSigned: shift('i32x4.shr_s'),
    fromInteger: unary('f32x4.convert_i32x4_s'),
  };
}

const swapHalves = 'i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7';
const swapPairs = 'i8x16.shuffle 4 5 6 7 0 1 2 3 12 13 14 15 8 9 10 11';

/** Combination of the four lanes, in each lane: (0 + 2) + (1 + 3) for every device and thread. */
export function combineLanes(nodes: NodeTable, combine: (a: Node, b: Node) => Node, value: Node): Node {
  const halves = combine(value, nodes.make(swapHalves, 'v128', [value, value]));
  return combine(halves, nodes.make(swapPairs, 'v128', [halves, halves]));
}

const shuffles = {
  lowPairs: 'i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23',
  highPairs: 'i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31',
  lowHalves: 'i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23',
  highHalves: 'i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31',
} as const;

/** Rows of a 4 × 4 matrix to its columns. */
export function transpose(nodes: NodeTable, rows: readonly Node[]): readonly Node[] {
  const shuffle = (kind: keyof typeof shuffles, a: Node, b: Node) =>
    nodes.make(shuffles[kind], 'v128', [a, b]);
  const [a, b, c, d] = rows as readonly [Node, Node, Node, Node];
  const lowUpper = shuffle('lowPairs', a, b);
  const lowLower = shuffle('lowPairs', c, d);
  const highUpper = shuffle('highPairs', a, b);
  const highLower = shuffle('highPairs', c, d);
  return [
    shuffle('lowHalves', lowUpper, lowLower),
    shuffle('highHalves', lowUpper, lowLower),
    shuffle('lowHalves', highUpper, highLower),
    shuffle('highHalves', highUpper, highLower),
  ];
}
