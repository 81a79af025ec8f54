import type { Expr } from '../../model/ir.js';
import { unreachable } from '../../support/bug.js';
import type { GraphBuilder } from '../../tensor/build.js';
import type { Axis, NodeId } from '../../tensor/ir.js';

/** What the leaves of a per-datum, per-sample expression stand for in one place of a graph. */
export interface Scope {
  readonly builder: GraphBuilder;
  /** Axes that every noise of this scope carries beside its features: the datum and the samples. */
  readonly outerAxes: readonly Axis[];
  /** The number of the sample that all noise belongs to, where `outerAxes` do not count samples; null: they do. */
  readonly sample: NodeId | null;
  /** Values of data variables and latents. */
  readonly variables: ReadonlyMap<string, NodeId>;
  readonly parameter: (name: string, axes: readonly Axis[]) => NodeId;
  /** Noise stream of a site: scopes that must not share samples name their streams apart. */
  readonly stream: (site: string) => string;
}

/** Feature axes of a shape, from the left: f0, f1, … */
export const featureAxes = (shape: readonly number[]): readonly Axis[] =>
  shape.map((size, position) => ({ name: `f${position}`, kind: 'feature', size }));

/** Lowers expressions of one scope, each shared node once. */
export function expressionLowering(scope: Scope): (expr: Expr) => NodeId {
  const lowered = new Map<Expr, NodeId>();
  const lower = (expr: Expr): NodeId => {
    const known = lowered.get(expr);
    if (known !== undefined) return known;
    const node = lowerNode(scope, expr, lower);
    lowered.set(expr, node);
    return node;
  };
  return lower;
}

function lowerNode(scope: Scope, expr: Expr, lower: (expr: Expr) => NodeId): NodeId {
  const { builder } = scope;
  switch (expr.kind) {
    case 'constant':
      return builder.constant(expr.value);
    case 'variable':
      return scope.variables.get(expr.name)!;
    case 'parameter':
      return scope.parameter(expr.name, featureAxes(expr.shape));
    case 'statistic':
      return builder.input(statisticName(expr.data), featureAxes(expr.shape));
    case 'noise':
      return builder.noise(
        expr.law,
        scope.stream(expr.site),
        'model',
        [...scope.outerAxes, ...featureAxes(expr.shape)],
        scope.sample,
      );
    case 'scalar':
      return builder.apply(expr.op, ...expr.args.map(lower));
    case 'matmul':
      return rowTimesMatrix(builder, lower(expr.vector), lower(expr.matrix));
    case 'sum':
      return builder.reduce('sum', lower(expr.arg), featureAxes(expr.arg.shape));
    case 'stop':
      return builder.stop(lower(expr.arg));
    default:
      return unreachable(expr, 'model expression');
  }
}

export const statisticName = (data: string) => `mean.${data}`;

/** [f0: n] times [f0: n, f1: m]: the contracted axis is called c0 in both, and the result's is f0 again. */
function rowTimesMatrix(builder: GraphBuilder, vector: NodeId, matrix: NodeId): NodeId {
  const left = builder.rename(vector, 'f0', 'c0');
  const right = builder.rename(builder.rename(matrix, 'f0', 'c0'), 'f1', 'f0');
  return builder.sumProduct(left, right, builder.axesOf(right).slice(0, 1));
}
