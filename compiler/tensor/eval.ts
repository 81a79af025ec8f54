import { scalars } from '../scalar/registry.js';
import { invariant } from '../support/bug.js';
import { axesWithout, hasAxis, sizeOf, sortAxes } from './axes.js';
import type { Axis, Graph, HostScalar, Node, NodeId } from './ir.js';
import { nodeArguments, reachable } from './nodes.js';
import { batchedProduct, foldInto, mapOver, relayout } from './strided.js';

/** Where one random number lives; the binding turns it into bits. */
export interface NoiseElement {
  readonly stream: string;
  readonly clock: 'model' | 'data';
  /** Data-set row; 0 where the node has no datum axis. */
  readonly row: number;
  /** Position over the node's sample axes, row-major, plus `sampleOffset` for the model's clock. */
  readonly sample: number;
  /** Position over the node's feature axes, row-major. */
  readonly element: number;
}

/** What a graph's leaves stand for. Only those that the outputs need must be given. */
export interface Bindings {
  /** By name, row-major along the input's axes. */
  readonly inputs?: Readonly<Record<string, ArrayLike<number>>>;
  readonly datasets?: Readonly<
    Record<string, { readonly width: number; readonly values: ArrayLike<number> }>
  >;
  /** The data-set row of each position along the datum axis; 0, 1, … where not given. */
  readonly rows?: ArrayLike<number>;
  readonly clocks?: Readonly<Record<string, number>>;
  readonly noise?: (law: 'normal' | 'uniform', element: NoiseElement) => number;
  /** Samples of earlier chunks. */
  readonly sampleOffset?: number;
}

type LeafOf<Op extends Node['op']> = Extract<Node, { op: Op }>;

function boundArray(found: ArrayLike<number> | undefined, what: string, size: number): ArrayLike<number> {
  invariant(found !== undefined, () => `${what} is not bound`);
  invariant(found.length === size, () => `${what} has ${found.length} elements, not ${size}`);
  return found;
}

/** A formula over the run's clocks, in f64. */
export function evaluateHostScalar(value: HostScalar, clocks: Readonly<Record<string, number>>): number {
  switch (value.kind) {
    case 'constant':
      return value.value;
    case 'clock': {
      const clock = clocks[value.clock];
      invariant(clock !== undefined, () => `clock ${value.clock} is not bound`);
      return clock;
    }
    case 'scalar':
      return scalars[value.op].evaluate(...value.args.map(arg => evaluateHostScalar(arg, clocks)));
  }
}

const ofKind = (axes: readonly Axis[], kind: Axis['kind']) => sizeOf(axes.filter(axis => axis.kind === kind));

const rowAt = (bindings: Bindings, position: number): number => {
  if (!bindings.rows) return position;
  const row = bindings.rows[position];
  invariant(row !== undefined, () => `no data row is bound for datum ${position}`);
  return row;
};

function evaluateDataset(node: LeafOf<'dataset'>, bindings: Bindings): Float64Array {
  const dataset = bindings.datasets?.[node.name];
  invariant(dataset, () => `data set ${node.name} is not bound`);
  const { width, values } = dataset;
  const data = ofKind(node.axes, 'datum');
  invariant(sizeOf(node.axes) === data * width, () => `rows of ${node.name} have ${width} elements`);
  const result = new Float64Array(data * width);
  for (let position = 0; position < data; position++) {
    const start = rowAt(bindings, position) * width;
    for (let i = 0; i < width; i++) {
      const value = values[start + i];
      invariant(value !== undefined, () => `data set ${node.name} has no row ${start / width}`);
      result[position * width + i] = value;
    }
  }
  return result;
}

/** `chosen`: the number of the sample, for each datum or for all. */
function evaluateNoise(node: LeafOf<'noise'>, chosen: Float64Array | null, bindings: Bindings): Float64Array {
  const { noise, sampleOffset = 0 } = bindings;
  invariant(noise, 'noise is not bound');
  const { stream, clock, law } = node;
  const [samples, elements] = [ofKind(node.axes, 'sample'), ofKind(node.axes, 'feature')];
  const hasDatum = node.axes[0]?.kind === 'datum';
  const perDatum = samples * elements;
  // Data are the same in every block of samples.
  const firstSample = clock === 'model' ? sampleOffset : 0;
  return Float64Array.from({ length: sizeOf(node.axes) }, (_, i) => {
    const datum = hasDatum ? Math.floor(i / perDatum) : 0;
    const row = hasDatum ? rowAt(bindings, datum) : 0;
    const position =
      chosen === null ? Math.floor(i / elements) % samples : chosen[chosen.length === 1 ? 0 : datum]!;
    return noise(law, { stream, clock, row, sample: position + firstSample, element: i % elements });
  });
}

/** Both arguments laid out as [shared, own, summed] and [shared, summed, own] matrices, multiplied, and put in order. */
function evaluateContract(
  node: LeafOf<'contract'>,
  [left, right]: readonly [Float64Array, Float64Array],
  [leftAxes, rightAxes]: readonly [readonly Axis[], readonly Axis[]],
): Float64Array {
  const summed = leftAxes.filter(axis => node.over.includes(axis.name));
  const shared = axesWithout(leftAxes, node.over).filter(axis => hasAxis(rightAxes, axis.name));
  const ownOf = (axes: readonly Axis[]) =>
    axes.filter(axis => !shared.some(({ name }) => name === axis.name) && !node.over.includes(axis.name));
  const [rows, columns] = [ownOf(leftAxes), ownOf(rightAxes)];
  const product = batchedProduct(
    relayout(left, leftAxes, [...shared, ...rows, ...summed]),
    relayout(right, rightAxes, [...shared, ...summed, ...columns]),
    [sizeOf(shared), sizeOf(rows), sizeOf(summed), sizeOf(columns)],
  );
  return relayout(product, [...shared, ...rows, ...columns], node.axes);
}

/** The same elements under new names, moved if the canonical order moves the renamed axis. */
function evaluateRename(node: LeafOf<'rename'>, values: Float64Array, own: readonly Axis[]): Float64Array {
  const renamed = own.map(axis => (axis.name === node.from ? { ...axis, name: node.to } : axis));
  return relayout(values, renamed, sortAxes(renamed));
}

function evaluateNode(
  node: Node,
  axesOf: (id: NodeId) => readonly Axis[],
  valueAt: (id: NodeId) => Float64Array,
  bindings: Bindings,
): Float64Array {
  switch (node.op) {
    case 'constant':
      return Float64Array.of(node.value);
    case 'host':
      return Float64Array.of(evaluateHostScalar(node.value, bindings.clocks ?? {}));
    case 'input': {
      const found =
        bindings.inputs && Object.hasOwn(bindings.inputs, node.name) ? bindings.inputs[node.name] : undefined;
      return Float64Array.from(boundArray(found, `input ${node.name}`, sizeOf(node.axes)));
    }
    case 'dataset':
      return evaluateDataset(node, bindings);
    case 'noise':
      return evaluateNoise(node, node.sample === null ? null : valueAt(node.sample), bindings);
    case 'index':
      return Float64Array.from({ length: sizeOf(node.axes) }, (_, i) => i);
    case 'map': {
      const operands = node.args.map(arg => ({ values: valueAt(arg), axes: axesOf(arg) }));
      return mapOver(node.axes, operands, scalars[node.scalar].evaluate);
    }
    case 'contract':
      return evaluateContract(
        node,
        [valueAt(node.left), valueAt(node.right)],
        [axesOf(node.left), axesOf(node.right)],
      );
    case 'reduce':
      return foldInto(valueAt(node.arg), axesOf(node.arg), node.axes, node.combine);
    case 'rename':
      return evaluateRename(node, valueAt(node.arg), axesOf(node.arg));
    case 'stop':
      return valueAt(node.arg);
  }
}

/** By id, the last node or output that needs a value; values are dropped after it. */
function lastUses(graph: Graph): readonly NodeId[] {
  const last = graph.nodes.map(() => -1);
  graph.nodes.forEach((node, id) => {
    for (const arg of nodeArguments(node)) last[arg] = id;
  });
  for (const output of graph.outputs) last[output.node] = graph.nodes.length;
  return last;
}

/**
 * The definition of every operation, in f64: values of the outputs by name, each row-major along the output's axes.
 * A leaf that is not bound, or bound to an array of another size, is a CompilerBug.
 */
export function evaluate(graph: Graph, bindings: Bindings = {}): ReadonlyMap<string, Float64Array> {
  const live = reachable(
    graph.nodes,
    graph.outputs.map(output => output.node),
  );
  const last = lastUses(graph);
  const values = new Map<NodeId, Float64Array>();
  const axesOf = (id: NodeId) => graph.nodes[id]!.axes;
  graph.nodes.forEach((node, id) => {
    if (!live[id]) return;
    values.set(
      id,
      evaluateNode(node, axesOf, arg => values.get(arg)!, bindings),
    );
    for (const arg of nodeArguments(node)) if (last[arg] === id) values.delete(arg);
  });
  return new Map(
    graph.outputs.map(output => [
      output.name,
      relayout(values.get(output.node)!, axesOf(output.node), output.axes),
    ]),
  );
}
