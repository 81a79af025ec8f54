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
  /** The sampled latents. */
  readonly latents: ReadonlyMap<string, NodeId>;
}

export interface SampleSetRequest {
  readonly model: TypedModel;
  readonly builder: GraphBuilder;
  /** Decoded data of the batch by variable name. */
  readonly data: ReadonlyMap<string, NodeId>;
  readonly outerAxes: readonly Axis[];
  readonly stream: (site: string) => string;
}

/** Which gradients a log-density lets through. */
type Variant = 'full' | 'stop-parameters' | 'stop-latents';

export function sampleSet(request: SampleSetRequest): SampleSet {
  const { model, builder } = request;
  const { variables, latents } = sampleRecognition(request);
  const total = (side: Role, kind: Factor['kind'], layer: string | null, variant: Variant = 'full') =>
    sumAll(
      builder,
      factorsOf(model, side)
        .filter(factor => factor.kind === kind && (layer === null || factor.variable === layer))
        .map(factor => logDensity(request, factor, variables, variant)),
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
    kl: layer => divergence(request, variables, layer),
  };
  return { latents, quantity: (name, layer) => formulas[name](layer) };
}

const factorsOf = (model: TypedModel, side: Role): readonly Factor[] =>
  side === 'recognition' ? model.recognition : model.generative;

/** Draws every latent from q in sampling order; each draw sees the ones before it. */
function sampleRecognition(request: SampleSetRequest) {
  const variables = new Map(request.data);
  const latents = new Map<string, NodeId>();
  const lower = expressionLowering(scopeOf(request, variables));
  for (const factor of request.model.recognition) {
    const node = lower(factor.sample);
    variables.set(factor.variable, node);
    latents.set(factor.variable, node);
  }
  return { variables, latents };
}

function logDensity(
  request: SampleSetRequest,
  factor: Factor,
  variables: ReadonlyMap<string, NodeId>,
  variant: Variant,
): NodeId {
  const { builder, data } = request;
  const seen =
    variant === 'stop-latents'
      ? new Map([...variables].map(([name, node]) => [name, data.has(name) ? node : builder.stop(node)]))
      : variables;
  const lower = expressionLowering(scopeOf(request, seen, variant === 'stop-parameters'));
  return builder.reduce('sum', lower(factor.logProb), featureAxes(factor.shape));
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
  const { builder, outerAxes, stream } = request;
  return {
    builder,
    outerAxes,
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
 * data variable, its conditional mean, or a draw where the distribution has no mean.
 */
export function ancestralMeans(
  request: SampleSetRequest,
  given: ReadonlyMap<string, NodeId>,
): ReadonlyMap<string, NodeId> {
  const variables = new Map(given);
  const lower = expressionLowering(scopeOf(request, variables));
  const means = new Map<string, NodeId>();
  for (const factor of request.model.generative) {
    if (factor.kind === 'data') means.set(factor.variable, lower(factor.mean ?? factor.sample));
    else if (!variables.has(factor.variable)) variables.set(factor.variable, lower(factor.sample));
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
