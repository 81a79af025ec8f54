import type { TypedModel } from '../model/ir.js';
import { expressionChildren, nodesOf } from '../model/traverse.js';
import type { Span } from '../support/source.js';
import { report, type Scope } from './scope.js';

/** Elements of the largest array of a step: 4 GiB, more than a buffer of any device holds. */
const mostElements = 2 ** 30;

const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** A value that each sample of each row has of its own must fit in one array; which device has room is seen later. */
export function checkStepSize(scope: Scope, model: TypedModel, bound: Span): void {
  const { batch } = model.training;
  const samples = model.objective.axes.reduce((product, axis) => product * axis.size, 1);
  const factors = [...model.recognition, ...model.generative];
  const nodes = nodesOf(
    factors.flatMap(({ sample, logProb }) => [sample, logProb]),
    expressionChildren,
  );
  const values = nodes.filter(node => node.kind !== 'parameter');
  const widest = values.reduce((most, { shape }) => Math.max(most, elements(shape)), 1);
  if (batch * samples * widest <= mostElements) return;
  report(scope, 'step-too-large', bound, { batch, samples, widest, most: mostElements });
}
