import type { Role, SampleAxis, TypedModel } from '../../model/ir.js';
import { sortAxes } from '../../tensor/axes.js';
import { GraphBuilder } from '../../tensor/build.js';
import type { Axis, Graph, NodeId, Output } from '../../tensor/ir.js';
import { decodeData } from './data.js';
import { type CountedSampleSet, estimate, type SampleSets } from './estimate.js';
import { expressionLowering, featureAxes } from './expression.js';
import { objectiveLowering, sampleAxis } from './objective.js';
import {
  ancestralMeans,
  recognitionMeans,
  type SampleSetRequest,
  sampleSet,
  shapeAxes,
} from './quantities.js';

/** Images that one run of `sample` draws, or `encode` and `reconstruct` read. */
export const pictureRows = 20;

/** Names that entries' graphs give to their outputs. */
export const outputName = {
  bound: 'bound',
  ascent: (role: 'recognition' | 'generative') => `ascent.${role}`,
  gradient: (parameter: string) => `gradient.${parameter}`,
  term: (quantity: 'log_lik' | 'log_prior' | 'log_q' | 'kl', variable: string) => `${quantity}.${variable}`,
  mean: (variable: string) => `mean.${variable}`,
  draw: (variable: string) => `draw.${variable}`,
  data: (variable: string) => `data.${variable}`,
} as const;

export function finish(builder: GraphBuilder, outputs: readonly Output[]): Graph {
  for (const { name, node, axes } of outputs) builder.output(name, node, axes);
  return builder.build();
}

export const datumAxis = (size: number): Axis => ({ name: 'b', kind: 'datum', size });

/** Initial value of each parameter; outputs are named as the parameters are. */
export function initialiseGraph(model: TypedModel): Graph {
  const builder = new GraphBuilder('initialise');
  const lower = expressionLowering({
    builder,
    outerAxes: [],
    sample: null,
    variables: new Map(),
    parameter: (name, axes) => builder.input(name, axes),
    stream: site => `initial.${site}`,
  });
  const outputs = model.parameters.map(parameter => ({
    name: parameter.name,
    node: lower(parameter.initial),
    axes: featureAxes(parameter.shape),
  }));
  return finish(builder, outputs);
}

/**
 * The objective of one batch: `bound`, its mean over the batch, and for each network what it ascends, the sum or mean
 * over the batch as the training block says. Differentiation turns the ascents into gradients.
 */
export function objectiveGraph(model: TypedModel, name = 'train_step'): Graph {
  const builder = new GraphBuilder(name);
  const { batch, gradient } = model.training;
  const datum = datumAxis(batch);
  const samples = sampleSets(model, builder, datum);
  const lower = objectiveLowering(builder, model.objective.axes, samples);
  const overBatch = (node: NodeId, combine: 'sum' | 'mean') => {
    const sum = builder.reduce('sum', node, [datum]);
    return combine === 'sum' ? sum : builder.apply('multiply', sum, builder.constant(1 / batch));
  };
  const { estimator } = model.objective;
  const ascent = (role: Role) =>
    estimator === null
      ? lower(model.objective[role])
      : estimate(builder, model.objective, estimator, lower(model.objective.value), samples);
  const scalarOutput = (name: string, node: NodeId): Output => ({ name, node, axes: [] });
  return finish(builder, [
    scalarOutput(outputName.bound, overBatch(lower(model.objective.value), 'mean')),
    scalarOutput(outputName.ascent('generative'), overBatch(ascent('generative'), gradient)),
    scalarOutput(outputName.ascent('recognition'), overBatch(ascent('recognition'), gradient)),
  ]);
}

/**
 * One sample set for each set of axes that some quantity carries. The first draws from the sites' own streams, further
 * ones from streams of their own, so that they are independent.
 */
function sampleSets(model: TypedModel, builder: GraphBuilder, datum: Axis): SampleSets {
  const data = dataNodes(model, builder, datum);
  const sets = new Map<string, CountedSampleSet>();
  return axisIds => {
    const key = axisIds.join(' ');
    const known = sets.get(key);
    if (known !== undefined) return known;
    const suffix = sets.size === 0 ? '' : `#${sets.size}`;
    const axes = axisIds.map(id =>
      sampleAxis(model.objective.axes.find((axis: SampleAxis) => axis.id === id)!),
    );
    const request = { model, builder, data, stream: (site: string) => site + suffix };
    const set: CountedSampleSet = {
      ...sampleSet({ ...request, outerAxes: sortAxes([datum, ...axes]), sample: null }),
      only: number => sampleSet({ ...request, outerAxes: [datum], sample: number }),
    };
    sets.set(key, set);
    return set;
  };
}

const dataNodes = (model: TypedModel, builder: GraphBuilder, datum: Axis): ReadonlyMap<string, NodeId> =>
  new Map(model.data.map(variable => [variable.name, decodeData(builder, variable, datum)]));

export function setRequest(
  model: TypedModel,
  builder: GraphBuilder,
  datum: Axis | null,
  samples: readonly Axis[],
): SampleSetRequest {
  return {
    model,
    builder,
    data: datum === null ? new Map() : dataNodes(model, builder, datum),
    outerAxes: [...(datum === null ? [] : [datum]), ...samples],
    sample: null,
    stream: site => site,
  };
}

/** Ancestral samples: the mean of each data variable given latents drawn from the prior. */
export function sampleGraph(model: TypedModel): Graph {
  const builder = new GraphBuilder('sample');
  const samples: Axis = { name: 'k', kind: 'sample', size: pictureRows };
  const means = ancestralMeans(setRequest(model, builder, null, [samples]), new Map());
  return finish(builder, meanOutputs(model, means, [samples]));
}

/** The batch as the model sees it, and the mean of each data variable given one draw of the latents from q. */
export function reconstructGraph(model: TypedModel): Graph {
  const builder = new GraphBuilder('reconstruct');
  const datum = datumAxis(pictureRows);
  const request = setRequest(model, builder, datum, []);
  const means = ancestralMeans(request, sampleSet(request).latents);
  const seen = model.data.map(({ name, shape }) => ({
    name: outputName.data(name),
    node: request.data.get(name)!,
    axes: shapeAxes([datum], shape),
  }));
  return finish(builder, [...seen, ...meanOutputs(model, means, [datum])]);
}

/** Of each latent the mean of q, deeper latents given the means before them, and one draw. */
export function encodeGraph(model: TypedModel): Graph {
  const builder = new GraphBuilder('encode');
  const datum = datumAxis(pictureRows);
  const request = setRequest(model, builder, datum, []);
  const means = recognitionMeans(request);
  const { latents } = sampleSet(request);
  const outputs = model.recognition.flatMap(({ variable, shape }) => {
    const axes = shapeAxes([datum], shape);
    return [
      { name: outputName.mean(variable), node: means.get(variable)!, axes },
      { name: outputName.draw(variable), node: latents.get(variable)!, axes },
    ];
  });
  return finish(builder, outputs);
}

export const meanOutputs = (
  model: TypedModel,
  means: ReadonlyMap<string, NodeId>,
  outer: readonly Axis[],
): readonly Output[] =>
  model.data.map(({ name, shape }) => ({
    name: outputName.mean(name),
    node: means.get(name)!,
    axes: shapeAxes(outer, shape),
  }));
