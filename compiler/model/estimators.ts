import type { Algebra } from '../scalar/algebra.js';

/**
 * What an estimator sees of a bound F(log w_1, …, log w_K) of one datum: the samples, and what F's gradient gives to each.
 * Values of samples have the sample axes; F and `logWeight` have one value a datum.
 */
export interface EstimatorGraph<Value> extends Algebra<Value> {
  /** dF / dlog w_s for each sample s; no derivative passes it. */
  readonly derivative: Value;
  /** The number of each sample, from 0. */
  readonly position: Value;
  /** A number from (0, 1) for each sample, independent of all other noise. `name` tells several apart. */
  readonly uniform: (name: string) => Value;
  /** Over all samples of a datum. */
  readonly reduce: (combine: 'sum' | 'max', value: Value) => Value;
  readonly stop: (value: Value) => Value;
  /** log w of the sample with this number, computed anew from its noise. */
  readonly logWeight: (number: Value) => Value;
}

/** A way to estimate the gradient of a bound. */
export interface Estimator {
  readonly doc: string;
  /** What both networks ascend: its gradient has the expectation of F's. */
  readonly surrogate: <Value>(graph: EstimatorGraph<Value>) => Value;
}

/**
 * The gradient of F is the sum of c_s grad log w_s with c_s = dF / dlog w_s. Of K terms one is drawn, with probability
 * |c_s| / S where S is the sum of all |c|, and counts sign(c_s) S times: the mean over the draws is the sum. For iwae
 * c is the normalised weights and S is 1. Burda et al. (2016), end of section 3: K forward passes, one backward pass.
 *
 * The draw is a race: with E_s exponential, the largest |c_s| / E_s is that of s with probability |c_s| / S. Of two
 * equal ones the later sample counts. The floor keeps E from 0 where a device rounds log u to it.
 */
const oneSample: Estimator = {
  doc: 'one sample drawn in proportion to its normalised weight: k forward passes, one backward pass',
  surrogate: graph => {
    const { derivative, position } = graph;
    const size = graph.apply('abs', derivative);
    const waiting = graph.apply(
      'maximum',
      graph.apply('negate', graph.apply('log', graph.uniform('race'))),
      graph.constant(2 ** -24),
    );
    const speed = graph.apply('divide', size, waiting);
    const isFastest = graph.apply('equal', speed, graph.reduce('max', speed));
    const chosen = graph.stop(
      graph.reduce('max', graph.apply('select', isFastest, position, graph.constant(-1))),
    );
    const isChosen = graph.apply('equal', position, chosen);
    const sign = graph.reduce('sum', graph.apply('multiply', isChosen, graph.apply('sign', derivative)));
    const scale = graph.stop(graph.apply('multiply', sign, graph.reduce('sum', size)));
    return graph.apply('multiply', scale, graph.logWeight(chosen));
  },
};

/** Every estimator that can stand behind `using`. */
export const estimators = { one_sample: oneSample } as const satisfies Readonly<Record<string, Estimator>>;
export type EstimatorName = keyof typeof estimators;
export const estimatorNames = Object.keys(estimators) as readonly EstimatorName[];
