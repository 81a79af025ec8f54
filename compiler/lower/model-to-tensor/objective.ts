import type { BoundExpr, SampleAxis } from '../../model/ir.js';
import { unreachable } from '../../support/bug.js';
import type { GraphBuilder } from '../../tensor/build.js';
import type { Axis, NodeId } from '../../tensor/ir.js';
import type { SampleSet } from './quantities.js';

export const sampleAxis = (axis: SampleAxis): Axis => ({ name: axis.id, kind: 'sample', size: axis.size });

/** Lowers a bound's formula to one value a datum; `samples` gives the sample set that carries exactly these axes. */
export function objectiveLowering(
  builder: GraphBuilder,
  axes: readonly SampleAxis[],
  samples: (axisIds: readonly string[]) => Pick<SampleSet, 'quantity'>,
): (expr: BoundExpr) => NodeId {
  const axisOf = (id: string) => sampleAxis(axes.find(axis => axis.id === id)!);
  const lowered = new Map<BoundExpr, NodeId>();
  const lower = (expr: BoundExpr): NodeId => {
    const known = lowered.get(expr);
    if (known !== undefined) return known;
    const node = lowerNode(expr);
    lowered.set(expr, node);
    return node;
  };
  const lowerNode = (expr: BoundExpr): NodeId => {
    switch (expr.kind) {
      case 'constant':
        return builder.constant(expr.value);
      case 'clock':
        return builder.host({ kind: 'clock', clock: expr.clock });
      case 'quantity':
        return samples(expr.axes).quantity(expr.name, expr.layer);
      case 'scalar':
        return builder.apply(expr.op, ...expr.args.map(lower));
      case 'stop':
        return builder.stop(lower(expr.arg));
      case 'reduce':
        return builder.reduce(expr.op, lower(expr.arg), [axisOf(expr.over)]);
      case 'rank':
        return rankAlong(builder, lower(expr.arg), axisOf(expr.over));
      default:
        return unreachable(expr, 'bound expression');
    }
  };
  return lower;
}

/** rank_i = #{j : v_j < v_i} + #{j < i : v_j = v_i}: counts pairs, because a device has no sort. */
function rankAlong(builder: GraphBuilder, node: NodeId, axis: Axis): NodeId {
  const value = builder.stop(node);
  const position = builder.index(axis);
  const other = { ...axis, name: `${axis.name}'` };
  const otherPosition = builder.index(other);
  if (!builder.axesOf(node).some(({ name }) => name === axis.name)) return position;
  const otherValue = builder.rename(value, axis.name, other.name);
  const below = builder.apply('less', otherValue, value);
  const tied = builder.apply(
    'multiply',
    builder.apply('equal', otherValue, value),
    builder.apply('less', otherPosition, position),
  );
  return builder.reduce('sum', builder.apply('add', below, tied), [other]);
}
