import type { Factor, TypedModel } from '../../model/ir.js';
import { GraphBuilder } from '../../tensor/build.js';
import type { Axis, Graph, NodeId, Output } from '../../tensor/ir.js';
import { datumAxis, finish, meanOutputs, outputName, setRequest } from './entries.js';
import { featureAxes } from './expression.js';
import { ancestralMeans, givenSet, prunedSet, type SampleSet, sampleSet, shapeAxes } from './quantities.js';

/** Rows and samples that one run of an evaluation handles: large enough to fill a device, small enough to stay in a cache. */
export const evaluationBlock = { rows: 20, samples: 50 } as const;

/** Names of the arrays that the host gives to an entry. */
export const givenName = {
  /** [samples of a block, ...shape]: values of a latent. */
  latent: (variable: string) => `given.${variable}`,
  /** [...shape]: 1 for each unit of a latent that counts, 0 for the others. */
  active: (variable: string) => `active.${variable}`,
} as const;

const samples: Axis = { name: 'k', kind: 'sample', size: evaluationBlock.samples };

/**
 * One block of a streamed importance-weighted estimate: for each row and sample the terms of
 * log w = log p(x | h) + log p(h) − log q(h | x), one for each variable, and the closed form of KL(q ‖ p) where there is
 * one. The host combines blocks in f64, so any k runs in constant memory. Beside them, for each latent, the sum over the
 * samples that count of its mean under q given the latents drawn before it: over k samples, k E_q[u | x] without the
 * noise of u's own draw.
 */
export function evaluateGraph(model: TypedModel): Graph {
  const builder = new GraphBuilder('evaluate');
  const datum = datumAxis(evaluationBlock.rows);
  const set = sampleSet(setRequest(model, builder, datum, [samples]));
  const closed = model.recognition
    .filter(({ kl }) => kl !== null)
    .map(({ variable }) => termOutput(set, 'kl', variable, datum));
  const counts = countedSamples(builder);
  const means = model.recognition.map(({ variable, shape }) => ({
    name: outputName.mean(variable),
    node: builder.sumProduct(counts, set.mean(variable), [samples]),
    axes: shapeAxes([datum], shape),
  }));
  return finish(builder, [...weightTerms(model, set, datum), ...closed, ...means]);
}

/** 1 for each sample of the block whose number is below the clock `samples`, else 0. */
function countedSamples(builder: GraphBuilder): NodeId {
  const clock = (name: string) => builder.host({ kind: 'clock', clock: name });
  const number = builder.apply('add', builder.index(samples), clock('sample_offset'));
  return builder.apply('less', number, clock('samples'));
}

/** The terms of log w alone, with the units that the host names inactive drawn from the prior. */
export function evaluateActiveGraph(model: TypedModel): Graph {
  const builder = new GraphBuilder('evaluate_active');
  const datum = datumAxis(evaluationBlock.rows);
  const active = new Map(
    model.recognition.map(({ variable, shape }) => [
      variable,
      builder.input(givenName.active(variable), featureAxes(shape)),
    ]),
  );
  const set = prunedSet(setRequest(model, builder, datum, [samples]), active);
  return finish(builder, weightTerms(model, set, datum));
}

const weightTerms = (model: TypedModel, set: SampleSet, datum: Axis): readonly Output[] => [
  ...model.data.map(({ name }) => termOutput(set, 'log_lik', name, datum)),
  ...model.recognition.flatMap(({ variable }) => [
    termOutput(set, 'log_prior', variable, datum),
    termOutput(set, 'log_q', variable, datum),
  ]),
];

const termOutput = (
  set: SampleSet,
  quantity: 'log_lik' | 'log_prior' | 'log_q' | 'kl',
  variable: string,
  datum: Axis,
): Output => ({
  name: outputName.term(quantity, variable),
  node: set.quantity(quantity, variable),
  axes: [datum, samples],
});

/** log q(h | x) and log p(h) of each row for each value of the latents that the host gives. */
export const latentDensityGraph = (model: TypedModel): Graph =>
  densityGraph(model, 'latent_density', ['log_q', 'log_prior']);

/** log p(x, h), likewise. */
export const jointDensityGraph = (model: TypedModel): Graph =>
  densityGraph(model, 'joint_density', ['log_joint']);

function densityGraph(
  model: TypedModel,
  entry: string,
  quantities: readonly ('log_q' | 'log_prior' | 'log_joint')[],
): Graph {
  const builder = new GraphBuilder(entry);
  const datum = datumAxis(evaluationBlock.rows);
  const set = givenSet(
    setRequest(model, builder, datum, [samples]),
    givenLatents(builder, model.recognition),
  );
  const outputs = quantities.map(name => ({
    name,
    node: set.quantity(name, null),
    axes: [datum, samples],
  }));
  return finish(builder, outputs);
}

/** The mean of each data variable for each value of the latents that the host gives. */
export function decodeGraph(model: TypedModel): Graph {
  const builder = new GraphBuilder('decode');
  const request = setRequest(model, builder, null, [samples]);
  const means = ancestralMeans(request, givenLatents(builder, model.recognition));
  return finish(builder, meanOutputs(model, means, [samples]));
}

const givenLatents = (builder: GraphBuilder, recognition: readonly Factor[]): ReadonlyMap<string, NodeId> =>
  new Map(
    recognition.map(({ variable, shape }) => [
      variable,
      builder.input(givenName.latent(variable), shapeAxes([samples], shape)),
    ]),
  );
