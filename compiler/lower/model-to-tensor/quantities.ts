import type { Factor, QuantityName, Role, TypedModel } from '../../model/ir.js';
import { invariant } from '../../support/bug.js';
import type { GraphBuilder } from '../../tensor/build.js';
import type { Axis, NodeId } from '../../tensor/ir.js';
import { expressionLowering, featureAxes, type Scope } from './expression.js';

/**
 * The log-densities of one set of samples: h ~ q(h | x) drawn once for each point of the sample axes, and every
 * quantity a bound may ask of it. Built on demand; the builder shares what is asked for twice.
 */
export interface SampleSet {
  readonly quantity: (name: QuantityName, layer: string | null) => NodeId;
  /** The mean of a latent under q, given those drawn before it; a draw where the distribution has no mean. */
  readonly mean: (layer: string) => NodeId;
  /** The sampled latents. */
  readonly latents: ReadonlyMap<string, NodeId>;
}

export interface SampleSetRequest {
  readonly model: TypedModel;
  readonly builder: GraphBuilder;
  /** Decoded data of the batch by variable name. */
  readonly data: ReadonlyMap<string, NodeId>;
  readonly outerAxes: readonly Axis[];
  /** Draws only the sample of this number; null: one for each point of the sample axes in `outerAxes`. */
  readonly sample: NodeId | null;
  readonly stream: (site: string) => string;
}

/** Which gradients a log-density lets through. */
type Variant = 'full' | 'stop-parameters' | 'stop-latents';

/** h ~ q(h | x). */
export function sampleSet(request: SampleSetRequest): SampleSet {
  const variables = sampleRecognition(request);
  return setOf(request, { recognition: variables, generative: variables, counted: null });
}

/** The latents' values are given, not drawn. */
export function givenSet(request: SampleSetRequest, latents: ReadonlyMap<string, NodeId>): SampleSet {
  const variables = new Map([...request.data, ...latents]);
  return setOf(request, { recognition: variables, generative: variables, counted: null });
}

/**
 * h ~ q(h | x), with every unit that is not `active` (1 or 0 for each) drawn again from p given what p makes of its
 * parents; its own terms of log p(h) and log q(h | x) leave the weight. That is the weight of a proposal that knows
 * nothing of these units but the prior, so E[w] = p(x) still: what q drew for them stands for itself as an auxiliary
 * variable, whose law cancels.
 */
export function prunedSet(request: SampleSetRequest, active: ReadonlyMap<string, NodeId>): SampleSet {
  const { builder, model } = request;
  const drawn = sampleRecognition(request);
  const mixed = new Map(request.data);
  const lower = expressionLowering(scopeOf(request, mixed));
  for (const { kind, variable, sample } of model.generative) {
    if (kind === 'data') continue;
    const fromPrior = lower(sample);
    mixed.set(variable, builder.apply('select', active.get(variable)!, drawn.get(variable)!, fromPrior));
  }
  return setOf(request, { recognition: drawn, generative: mixed, counted: active });
}

/** Where the densities of q and of p are taken, and which units of each latent count (null: all). */
interface Values {
  readonly recognition: ReadonlyMap<string, NodeId>;
  readonly generative: ReadonlyMap<string, NodeId>;
  readonly counted: ReadonlyMap<string, NodeId> | null;
}

function setOf(request: SampleSetRequest, values: Values): SampleSet {
  const { model, builder } = request;
  const total = (side: Role, kind: Factor['kind'], layer: string | null, variant: Variant = 'full') =>
    sumAll(
      builder,
      factorsOf(model, side)
        .filter(factor => factor.kind === kind && (layer === null || factor.variable === layer))
        .map(factor => logDensity(request, factor, values, variant)),
    );
  const minus = (left: NodeId, right: NodeId) => builder.apply('subtract', left, right);
  const formulas: Record<QuantityName, (layer: string | null) => NodeId> = {
    log_lik: layer => total('generative', 'data', layer),
    log_prior: layer => total('generative', 'latent', layer),
    log_q: layer => total('recognition', 'latent', layer),
    log_joint: () => builder.apply('add', formulas.log_lik(null), formulas.log_prior(null)),
    log_w: () => minus(formulas.log_joint(null), formulas.log_q(null)),
    log_w_path: () =>
      minus(formulas.log_joint(null), total('recognition', 'latent', null, 'stop-parameters')),
    log_q_score: layer => total('recognition', 'latent', layer, 'stop-latents'),
    kl: layer => divergence(request, values.recognition, layer),
  };
  const lowerMean = expressionLowering(scopeOf(request, values.recognition));
  return {
    latents: new Map(model.recognition.map(({ variable }) => [variable, values.recognition.get(variable)!])),
    mean: layer => {
      const { mean, sample } = model.recognition.find(({ variable }) => variable === layer)!;
      return lowerMean(mean ?? sample);
    },
    quantity: (name, layer) => formulas[name](layer),
  };
}

const factorsOf = (model: TypedModel, side: Role): readonly Factor[] =>
  side === 'recognition' ? model.recognition : model.generative;

/** The data, and every latent drawn from q in sampling order; each draw sees the ones before it. */
function sampleRecognition(request: SampleSetRequest): ReadonlyMap<string, NodeId> {
  const variables = new Map(request.data);
  const lower = expressionLowering(scopeOf(request, variables));
  for (const factor of request.model.recognition) {
    variables.set(factor.variable, lower(factor.sample));
  }
  return variables;
}

function logDensity(request: SampleSetRequest, factor: Factor, values: Values, variant: Variant): NodeId {
  const { builder, data } = request;
  const variables = values[factor.role];
  const seen =
    variant === 'stop-latents'
      ? new Map([...variables].map(([name, node]) => [name, data.has(name) ? node : builder.stop(node)]))
      : variables;
  const lower = expressionLowering(scopeOf(request, seen, variant === 'stop-parameters'));
  const density = lower(factor.logProb);
  const counted = values.counted?.get(factor.variable);
  const kept =
    counted === undefined ? density : builder.apply('select', counted, density, builder.constant(0));
  return builder.reduce('sum', kept, featureAxes(factor.shape));
}

/** Σ over latent layers (or of one) of KL(q ‖ p) in closed form. What depends on no sample carries no sample axis. */
function divergence(
  request: SampleSetRequest,
  variables: ReadonlyMap<string, NodeId>,
  layer: string | null,
): NodeId {
  const { builder, model } = request;
  const lower = expressionLowering(scopeOf(request, variables));
  const terms = model.recognition
    .filter(({ variable }) => layer === null || layer === variable)
    .map(({ variable, kl, shape }) => {
      invariant(kl, `no closed form of the divergence of ${variable}`);
      return builder.reduce('sum', lower(kl), featureAxes(shape));
    });
  return sumAll(builder, terms);
}

function scopeOf(
  request: SampleSetRequest,
  variables: ReadonlyMap<string, NodeId>,
  stopParameters = false,
): Scope {
  const { builder, outerAxes, sample, stream } = request;
  return {
    builder,
    outerAxes,
    sample,
    variables,
    stream,
    parameter: (name, axes) => {
      const node = builder.input(name, axes);
      return stopParameters ? builder.stop(node) : node;
    },
  };
}

/**
 * Ancestral sampling from the generative network: latents not yet in `given` are drawn; the result holds, for each
 * data variable, its conditional mean, or a draw where the distribution has no mean. A data variable that depends on
 * another one is given that of the batch, or a draw where there is none.
 */
export function ancestralMeans(
  request: SampleSetRequest,
  given: ReadonlyMap<string, NodeId>,
): ReadonlyMap<string, NodeId> {
  const variables = new Map(given);
  const lower = expressionLowering(scopeOf(request, variables));
  const means = new Map<string, NodeId>();
  for (const factor of request.model.generative) {
    const { variable } = factor;
    if (factor.kind === 'data') means.set(variable, lower(factor.mean ?? factor.sample));
    if (!variables.has(variable)) variables.set(variable, request.data.get(variable) ?? lower(factor.sample));
  }
  return means;
}

/** The mean of each recognition factor, the latents before it standing at their own means. */
export function recognitionMeans(request: SampleSetRequest): ReadonlyMap<string, NodeId> {
  const variables = new Map(request.data);
  const lower = expressionLowering(scopeOf(request, variables));
  const means = new Map<string, NodeId>();
  for (const factor of request.model.recognition) {
    const node = lower(factor.mean ?? factor.sample);
    variables.set(factor.variable, node);
    means.set(factor.variable, node);
  }
  return means;
}

export const shapeAxes = (outer: readonly Axis[], shape: readonly number[]): readonly Axis[] => [
  ...outer,
  ...featureAxes(shape),
];

function sumAll(builder: GraphBuilder, terms: readonly NodeId[]): NodeId {
  const [first, ...rest] = terms;
  return first === undefined
    ? builder.constant(0)
    : rest.reduce((sum, term) => builder.apply('add', sum, term), first);
}
