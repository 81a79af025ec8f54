import { type EstimatorGraph, type EstimatorName, estimators } from '../../model/estimators.js';
import type { Objective } from '../../model/ir.js';
import { boundChildren, nodesOf } from '../../model/traverse.js';
import { invariant } from '../../support/bug.js';
import { gradientAt } from '../../tensor/autodiff.js';
import { sizeOf } from '../../tensor/axes.js';
import type { GraphBuilder } from '../../tensor/build.js';
import type { Axis, NodeId } from '../../tensor/ir.js';
import type { SampleSet } from './quantities.js';

/** A sample set of which single samples can be drawn again. */
export interface CountedSampleSet extends SampleSet {
  /** The sample of this number, row-major over the sample axes, alone: one for each datum. */
  readonly only: (number: NodeId) => SampleSet;
}

/** The sample set that carries exactly these axes. */
export type SampleSets = (axisIds: readonly string[]) => CountedSampleSet;

/** What both networks ascend, for each datum, where `estimator` stands for the gradient of `value`. */
export function estimate(
  builder: GraphBuilder,
  objective: Objective,
  estimator: EstimatorName,
  value: NodeId,
  samples: SampleSets,
): NodeId {
  const quantity = nodesOf([objective.value], boundChildren).find(({ kind }) => kind === 'quantity');
  invariant(quantity, `${estimator} of an objective without samples`);
  const set = samples(quantity.axes);
  return estimators[estimator].surrogate(estimatorGraph(builder, estimator, value, set));
}

function estimatorGraph(
  builder: GraphBuilder,
  estimator: EstimatorName,
  value: NodeId,
  set: CountedSampleSet,
): EstimatorGraph<NodeId> {
  const logWeight = set.quantity('log_w', null);
  const axes = builder.axesOf(logWeight);
  const sampleAxes = axes.filter(({ kind }) => kind === 'sample');
  const total = builder.reduce('sum', value, builder.axesOf(value));
  const derivative = gradientAt(builder, total, [logWeight]).get(logWeight) ?? builder.constant(0);
  return {
    constant: number => builder.constant(number),
    apply: (op, ...args) => builder.apply(op, ...args),
    derivative: builder.stop(derivative),
    position: positionAlong(builder, sampleAxes),
    uniform: name => builder.noise('uniform', `${estimator}.${name}`, 'model', axes),
    reduce: (combine, node) => builder.reduce(combine, node, sampleAxes),
    stop: node => builder.stop(node),
    logWeight: number => set.only(number).quantity('log_w', null),
  };
}

/** Row-major, as noise counts samples. */
function positionAlong(builder: GraphBuilder, axes: readonly Axis[]): NodeId {
  return axes.reduce((position, axis, i) => {
    const stride = builder.constant(sizeOf(axes.slice(i + 1)));
    const step = builder.apply('multiply', stride, builder.index(axis));
    return builder.apply('add', position, step);
  }, builder.constant(0));
}
