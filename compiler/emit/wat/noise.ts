import { type Block, threefry, type WordAlgebra } from '../../program/threefry.js';
import { type LaneAlgebra, log, sineOfTurns } from '../../scalar/lanes.js';
import { laneAlgebra, wordLanes } from './lanes.js';
import { FunctionText, type Node, type NodeTable } from './nodes.js';

function words(nodes: NodeTable): WordAlgebra<Node> {
  const lanes = laneAlgebra(nodes);
  return {
    add: (a, b) => lanes.integerAdd(a, b),
    xor: (a, b) => lanes.xor(a, b),
    rotateLeft: (a, bits) => lanes.or(lanes.shiftLeft(a, bits), lanes.shiftRight(a, 32 - bits)),
    constant: word => wordLanes(nodes, [word, word, word, word]),
  };
}

/** ((w >> 9) + ½) 2^-23, exact in f32. */
const uniform = (lanes: LaneAlgebra<Node>, word: Node): Node =>
  lanes.multiply(
    lanes.add(lanes.fromInteger(lanes.shiftRight(word, 9)), lanes.constant(0.5)),
    lanes.constant(2 ** -23),
  );

/** Box–Muller: √(-2 log u1) cos(2π u2), for even elements, and with the sine, for odd ones. */
function boxMuller(nodes: NodeTable, first: Node, second: Node): readonly Node[] {
  const lanes = laneAlgebra(nodes);
  const radius = lanes.sqrt(lanes.multiply(lanes.constant(-2), log(lanes, uniform(lanes, first))));
  const turns = uniform(lanes, second);
  return [1, 0].map(quarter => lanes.multiply(radius, sineOfTurns(lanes, turns, lanes.bits(quarter))));
}

type Law = 'uniform' | 'normal';

/** Elements 4n to 4n + 3 from the four words of counter n. */
const laws: Readonly<Record<Law, (nodes: NodeTable, block: Block<Node>) => readonly Node[]>> = {
  uniform: (nodes, block) => block.map(word => uniform(laneAlgebra(nodes), word)),
  normal: (nodes, [a, b, c, d]) => [...boxMuller(nodes, a, b), ...boxMuller(nodes, c, d)],
};

/**
 * Noise at a counter in each lane (block of four elements, sample, row, 0): four vectors, one for each element of the
 * block. A call, because a kernel that draws does so in several places and many kernels draw: inlined, this is most of a
 * module's text.
 */
export const noiseLanes = (
  nodes: NodeTable,
  law: Law,
  counter: readonly [Node, Node, Node],
  key: Block<Node>,
) => nodes.call(`$${law}`, 'v128', 4, [...counter, ...key]) as Block<Node>;

const params = ['$block', '$sample', '$row', '$key0', '$key1', '$key2', '$key3'];

function lawFunction(law: Law): string {
  const text = new FunctionText();
  const { nodes } = text;
  const [block, sample, row, ...key] = params.map(param => nodes.local(param, 'v128', 0));
  const algebra = words(nodes);
  const counter = [block!, sample!, row!, algebra.constant(0)] as const;
  const elements = laws[law](nodes, threefry(algebra, counter, key as unknown as Block<Node>));
  for (const element of elements) text.line(text.use(element));
  const { locals, body } = text.text();
  const declared = params.map(param => `(param ${param} v128)`).join(' ');
  return `(func $${law} ${declared} (result v128 v128 v128 v128) ${locals}\n${body})`;
}

/** What `noiseLanes` calls. */
export const noiseFunctions = (): string => [lawFunction('uniform'), lawFunction('normal')].join('\n');

/** Four i32 as the lanes of a vector. */
export const gatherWords = (nodes: NodeTable, words: readonly Node[]): Node =>
  words
    .slice(1)
    .reduce(
      (vector: Node, word, i) => nodes.make(`i32x4.replace_lane ${i + 1}`, 'v128', [vector, word]),
      nodes.make('i32x4.splat', 'v128', [words[0]!]),
    );
