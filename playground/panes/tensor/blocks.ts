import type { GraphMap } from 'iwaec';

type MappedNode = GraphMap['nodes'][number];

/** One or more nodes drawn as one box. */
export interface Block {
  readonly kind: 'input' | 'product' | 'reduction' | 'elementwise' | 'output';
  /** The same for all boxes of the same nodes. */
  readonly value: number;
  /** Computed elsewhere in the picture: this box stands for it beside its user. */
  readonly isReference: boolean;
  readonly title: string;
  /** Axes with their sizes and the count of elements. */
  readonly caption: string;
  /** Lines of the graph's text. */
  readonly lines: readonly string[];
}

export interface BlockGraph {
  /** Each behind those that it depends on. */
  readonly blocks: readonly Block[];
  /** Positions of blocks, from what is used to its user; each pair once. */
  readonly edges: readonly (readonly [number, number])[];
}

/** Free to compute: written into their users' boxes as part of an operation, not as boxes. */
const isScalarLeaf = ({ op }: MappedNode): boolean => op === 'constant' || op === 'host';

/** The same array seen with another name for an axis. */
const isView = ({ op }: MappedNode): boolean => op === 'rename' || op === 'stop';

const sizeOf = ({ axes }: MappedNode): number => axes.reduce((product, { size }) => product * size, 1);

const sameAxes = (a: MappedNode, b: MappedNode): boolean =>
  a.axes.length === b.axes.length && a.axes.every(({ name }, i) => name === b.axes[i]!.name);

/**
 * Puts nodes that a picture need not tell apart into one group, each named by the node that computes its last value: a
 * view goes to what it is a view of; with `runs`, an element-wise operation that is used by one run of element-wise
 * operations alone goes into that run. Neither can make a cycle: a view has no other argument, and no path leaves the
 * operation but into its run.
 */
function groupsOf(nodes: readonly MappedNode[], runs: boolean): readonly number[] {
  const groups = nodes.map((_, id) => id);
  nodes.forEach((node, id) => {
    if (isView(node)) groups[id] = groups[node.arguments[0]!]!;
  });
  if (!runs) return groups;
  const users = nodes.map((): number[] => []);
  nodes.forEach((node, id) => {
    if (!isView(node)) for (const argument of node.arguments) users[groups[argument]!]!.push(id);
  });
  const run = nodes.map((_, id) => id);
  for (let id = nodes.length - 1; id >= 0; id--) {
    const into = new Set(users[id]!.map(user => run[user]!));
    const [only] = into;
    if (nodes[id]!.op !== 'map' || into.size !== 1 || only === undefined) continue;
    if (nodes[only]!.op === 'map' && sameAxes(nodes[id]!, nodes[only]!)) run[id] = only;
  }
  return groups.map(group => run[group]!);
}

const kinds: Readonly<Record<MappedNode['op'], Block['kind']>> = {
  constant: 'input',
  host: 'input',
  input: 'input',
  dataset: 'input',
  noise: 'input',
  index: 'input',
  contract: 'product',
  reduce: 'reduction',
  map: 'elementwise',
  rename: 'elementwise',
  stop: 'elementwise',
};

/** `tanh`, or of a run what it has most of: `multiply, add and 5 more`. */
function titleOf(members: readonly MappedNode[]): string {
  const names = members.filter(member => !isView(member)).map(({ operation }) => operation);
  if (names.length <= 3) return names.join(', ');
  return `${names.slice(-2).toReversed().join(', ')} and ${names.length - 2} more`;
}

const captionOf = (node: MappedNode): string =>
  node.axes.length === 0
    ? 'one number'
    : `${node.axes.map(({ name, size }) => `${name} ${size.toLocaleString('en')}`).join(' × ')} = ${sizeOf(node).toLocaleString('en')}`;

/** The graph as boxes and arrows; with `runs`, runs of element-wise operations are one box each. */
export function blocksOf({ nodes, outputs }: GraphMap, runs: boolean): BlockGraph {
  const groups = groupsOf(nodes, runs);
  const drawn = (id: number) => !isScalarLeaf(nodes[id]!);
  const members = new Map<number, number[]>();
  nodes.forEach((_, id) => {
    if (drawn(id)) members.set(groups[id]!, [...(members.get(groups[id]!) ?? []), id]);
  });
  // A run is named by its last node, so that this order puts each block behind what it depends on.
  const order = [...members.keys()].sort((a, b) => a - b);
  const place = new Map(order.map((group, i) => [group, i]));
  const blocks = order.map((group, value): Block => {
    const parts = members.get(group)!.map(id => nodes[id]!);
    return {
      kind: kinds[nodes[group]!.op],
      value,
      isReference: false,
      title: titleOf(parts),
      caption: captionOf(nodes[group]!),
      lines: parts.map(({ line }) => line),
    };
  });
  const edges = new Map<string, readonly [number, number]>();
  const connect = (from: number, to: number) => {
    if (from !== to) edges.set(`${from} ${to}`, [from, to]);
  };
  nodes.forEach((node, id) => {
    if (!drawn(id)) return;
    for (const argument of node.arguments.filter(drawn))
      connect(place.get(groups[argument]!)!, place.get(groups[id]!)!);
  });
  const ends = outputs.map(({ name, node }, i): Block => {
    if (drawn(node)) connect(place.get(groups[node]!)!, blocks.length + i);
    return {
      kind: 'output',
      value: blocks.length + i,
      isReference: false,
      title: name,
      caption: captionOf(nodes[node]!),
      lines: [nodes[node]!.line],
    };
  });
  return { blocks: [...blocks, ...ends], edges: [...edges.values()] };
}

/** Arrows over more levels than this would cross the whole picture, as those of a backward pass do. */
const longestArrow = 4;

/** How many arrows lie above each block at most, those from inputs not counted. */
function levelsOf({ blocks, edges }: BlockGraph): readonly number[] {
  const levels = blocks.map(() => 0);
  const ordered = edges.toSorted((a, b) => a[1] - b[1]);
  for (const [from, to] of ordered) {
    if (blocks[from]!.kind !== 'input') levels[to] = Math.max(levels[to]!, levels[from]! + 1);
  }
  return levels;
}

/**
 * The same graph without arrows across the picture: an input stands beside each of its users, and so does a reference to
 * a block that was computed much earlier.
 */
export function withReferences(graph: BlockGraph): BlockGraph {
  const { blocks, edges } = graph;
  const levels = levelsOf(graph);
  const isApart = ([from, to]: readonly [number, number]) =>
    blocks[from]!.kind === 'input' || levels[to]! - levels[from]! > longestArrow;
  const isUsed = new Set(edges.map(([from]) => from));
  const result: Block[] = [];
  const arrows: (readonly [number, number])[] = [];
  const placeOf = new Map<number, number>();
  blocks.forEach((block, i) => {
    if (block.kind === 'input' && isUsed.has(i)) return;
    const incoming = edges.filter(([, to]) => to === i);
    const references = incoming.filter(isApart).map(([from]) => blocks[from]!);
    const first = result.length;
    result.push(...references.map(each => ({ ...each, isReference: each.kind !== 'input' })), block);
    const own = result.length - 1;
    placeOf.set(i, own);
    for (let at = first; at < own; at++) arrows.push([at, own]);
    for (const edge of incoming) if (!isApart(edge)) arrows.push([placeOf.get(edge[0])!, own]);
  });
  return { blocks: result, edges: arrows };
}
