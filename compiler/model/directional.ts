import { numberAlgebra } from '../scalar/algebra.js';
import { scalars } from '../scalar/registry.js';
import { unreachable } from '../support/bug.js';
import type { BoundExpr, SampleAxis } from './ir.js';
import { boundChildren, nodesOf } from './traverse.js';

type Quantity = Extract<BoundExpr, { kind: 'quantity' }>;

/** Where a bound's formula is evaluated, and in which direction it is differentiated. */
export interface BoundPoint {
  readonly axes: readonly SampleAxis[];
  /** Of one sample: its place along each axis that the quantity carries. */
  readonly value: (quantity: Quantity, place: readonly number[]) => number;
  readonly tangent: (quantity: Quantity, place: readonly number[]) => number;
  readonly clock: Readonly<Record<'epoch' | 'step', number>>;
}

/** A node's value and its change for each sample, row-major over the node's axes. */
interface Column {
  readonly values: Float64Array;
  readonly tangents: Float64Array;
}

/** The derivative of a formula without free sample axes, in f64, in the direction of `point`'s tangents (forward mode). */
export function directionalDerivative(root: BoundExpr, point: BoundPoint): number {
  const sizes = new Map(point.axes.map(({ id, size }) => [id, size]));
  const sizesOf = (node: BoundExpr) => node.axes.map(id => sizes.get(id) ?? 1);
  const columns = new Map<BoundExpr, Column>();
  for (const node of nodesOf<BoundExpr>([root], boundChildren)) {
    const count = sizesOf(node).reduce((product, size) => product * size, 1);
    const column = { values: new Float64Array(count), tangents: new Float64Array(count) };
    columns.set(node, column);
    fill(node, column, { point, sizesOf, columnOf: arg => columns.get(arg)! });
  }
  return columns.get(root)!.tangents[0]!;
}

interface Context {
  readonly point: BoundPoint;
  readonly sizesOf: (node: BoundExpr) => readonly number[];
  readonly columnOf: (node: BoundExpr) => Column;
}

function fill(node: BoundExpr, column: Column, context: Context): void {
  const { point, sizesOf, columnOf } = context;
  switch (node.kind) {
    case 'constant':
      column.values[0] = node.value;
      return;
    case 'clock':
      column.values[0] = point.clock[node.clock];
      return;
    case 'quantity':
      forEachPlace(sizesOf(node), (place, index) => {
        column.values[index] = point.value(node, place);
        column.tangents[index] = point.tangent(node, place);
      });
      return;
    case 'stop':
      column.values.set(columnOf(node.arg).values);
      return;
    case 'scalar':
      fillScalar(node, column, context);
      return;
    case 'reduce':
      fillReduction(node, column, context);
      return;
    case 'rank':
      fillRank(node, column, context);
      return;
    default:
      unreachable(node, 'bound expression');
  }
}

function fillScalar(
  node: Extract<BoundExpr, { kind: 'scalar' }>,
  column: Column,
  { sizesOf, columnOf }: Context,
): void {
  const row = scalars[node.op];
  const args = node.args.map(arg => ({ ...columnOf(arg), at: indexIn(arg, node, sizesOf) }));
  forEachPlace(sizesOf(node), (place, index) => {
    const places = args.map(arg => arg.at(place));
    const values = args.map((arg, position) => arg.values[places[position]!]!);
    const result = row.evaluate(...values);
    const slopes = row.derivative(numberAlgebra, values, result);
    column.values[index] = result;
    // An argument that does not change adds nothing, even where the slope is infinite.
    column.tangents[index] = args.reduce((total, arg, position) => {
      const tangent = arg.tangents[places[position]!]!;
      return tangent === 0 ? total : total + (slopes[position] ?? 0) * tangent;
    }, 0);
  });
}

function fillReduction(
  node: Extract<BoundExpr, { kind: 'reduce' }>,
  column: Column,
  { sizesOf, columnOf }: Context,
): void {
  const arg = columnOf(node.arg);
  const at = indexIn(node, node.arg, sizesOf);
  if (node.op === 'max') column.values.fill(-Infinity);
  forEachPlace(sizesOf(node.arg), (place, index) => {
    const target = at(place);
    const value = arg.values[index]!;
    if (node.op === 'sum') {
      column.values[target]! += value;
      column.tangents[target]! += arg.tangents[index]!;
    } else if (value > column.values[target]!) {
      column.values[target] = value;
      column.tangents[target] = arg.tangents[index]!;
    }
  });
}

function fillRank(
  node: Extract<BoundExpr, { kind: 'rank' }>,
  column: Column,
  { sizesOf, columnOf }: Context,
): void {
  const { values } = columnOf(node.arg);
  const at = indexIn(node.arg, node, sizesOf);
  const along = node.axes.indexOf(node.over);
  const lines = new Map<
    string,
    { readonly index: number; readonly sample: number; readonly value: number }[]
  >();
  forEachPlace(sizesOf(node), (place, index) => {
    const line = place.filter((_, axis) => axis !== along).join();
    const samples = lines.get(line) ?? [];
    samples.push({ index, sample: place[along]!, value: values[at(place)]! });
    lines.set(line, samples);
  });
  for (const samples of lines.values()) {
    samples.sort((a, b) => a.value - b.value || a.sample - b.sample);
    for (const [rank, { index }] of samples.entries()) column.values[index] = rank;
  }
}

/** Where in the column of `node` the value stands that belongs to a place of `of`. */
function indexIn(node: BoundExpr, of: BoundExpr, sizesOf: Context['sizesOf']) {
  const sizes = sizesOf(node);
  const strides = node.axes.map((_, axis) =>
    sizes.slice(axis + 1).reduce((product, size) => product * size, 1),
  );
  const steps = of.axes.map(id => strides[(node.axes as readonly string[]).indexOf(id)] ?? 0);
  return (place: readonly number[]) =>
    place.reduce((index, coordinate, axis) => index + coordinate * steps[axis]!, 0);
}

/** Every place of an array of these sizes, with its row-major index. */
function forEachPlace(
  sizes: readonly number[],
  visit: (place: readonly number[], index: number) => void,
): void {
  const count = sizes.reduce((product, size) => product * size, 1);
  const place = sizes.map(() => 0);
  for (let index = 0; index < count; index++) {
    visit(place, index);
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      place[axis]!++;
      if (place[axis]! < sizes[axis]!) break;
      place[axis] = 0;
    }
  }
}
