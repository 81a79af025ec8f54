import { type BoundPoint, directionalDerivative } from '../model/directional.js';
import type { BoundExpr, SampleAxis } from '../model/ir.js';
import { boundChildren, nodesOf } from '../model/traverse.js';

type Quantity = Extract<BoundExpr, { kind: 'quantity' }>;

/** Values that are tried: more are a formula that nobody trains with. */
const mostWork = 2 ** 17;

/** Log-weights of the first sample, far below the others, among them, and far above. */
const ownWeights = [-8, -0.5, 0, 0.5, 8];

/**
 * Whether the samples' `log_w_path` are averaged with weights that depend on the samples: weights w_i that sum to the
 * same number whatever the samples are, while that of a sample changes with it.
 *
 * `log_w_path` leaves out the score of q. Where it is multiplied by w, what is left out is E[w_i d log q(h_i)], which is 0
 * for a w_i that h_i does not enter, and otherwise E[dw_i / dlog w_i d log_w_path_i] (Tucker et al., 2019): the weights
 * that make up for it, w_i - dw_i / dlog w_i, do not sum to a constant.
 */
export function averagesPathByWeight(root: BoundExpr, axes: readonly SampleAxis[]): boolean {
  const nodes = nodesOf<BoundExpr>([root], boundChildren);
  const paths = nodes.filter(
    (node): node is Quantity => node.kind === 'quantity' && node.name === 'log_w_path',
  );
  const sizes = new Map(axes.map(({ id, size }) => [id, size]));
  const count = ({ axes: own }: BoundExpr) => own.reduce((product, id) => product * (sizes.get(id) ?? 1), 1);
  const work = nodes.reduce((total, node) => total + count(node), 0);
  if (work > mostWork) return false;
  return paths.some(path => isAverage(root, axes, path));
}

function isAverage(root: BoundExpr, axes: readonly SampleAxis[], path: Quantity): boolean {
  const slope = (own: number, tangent: BoundPoint['tangent']) =>
    directionalDerivative(root, { axes, value: valueWith(own), tangent, clock: { epoch: 37, step: 1000 } });
  const totals = ownWeights.map(own => slope(own, node => (node === path ? 1 : 0)));
  const first = ownWeights.map(own => slope(own, (node, place) => (node === path && isFirst(place) ? 1 : 0)));
  return isConstant(totals) && Math.abs(totals[0]!) > tolerance && !isConstant(first);
}

const tolerance = 1e-9;

const isConstant = (values: readonly number[]): boolean => {
  const largest = Math.max(...values.map(Math.abs));
  return values.every(value => Math.abs(value - values[0]!) <= tolerance * largest);
};

const isFirst = (place: readonly number[]) => place.every(coordinate => coordinate === 0);

/** The first sample has `own`; the others have values without a pattern between -1 and 1, the same for each quantity. */
const valueWith =
  (own: number): BoundPoint['value'] =>
  (_, place) =>
    isFirst(place) ? own : Math.sin(place.reduce((hash, coordinate) => 7.3 * hash + 1.7 * coordinate, 1));
