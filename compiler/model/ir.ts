import type { ScalarOp } from '../scalar/registry.js';
import type { Span } from '../support/source.js';
import type { EstimatorName } from './estimators.js';

/**
 * The typed probabilistic program, after every name, layer and formula of the standard library has been inlined.
 * Everything is for one datum and one sample: neither axis occurs here except, by name, in the objective.
 */
export interface TypedModel {
  readonly name: string;
  readonly data: readonly DataVariable[];
  /** Factors of q(h | x), in sampling order. */
  readonly recognition: readonly Factor[];
  /** Factors of p(h) p(x | h), in ancestral order; the data's factors are among them. */
  readonly generative: readonly Factor[];
  readonly parameters: readonly Parameter[];
  /** Of the last stage, or of all of training. */
  readonly objective: Objective;
  /** What is ascended in the epochs before, in order. */
  readonly earlier: readonly Stage[];
  readonly training: Training;
}

export type ElementType = 'real' | 'positive' | 'unit' | 'binary' | 'byte' | 'int';
export type Role = 'recognition' | 'generative';

export interface DataVariable {
  readonly name: string;
  readonly element: ElementType;
  readonly shape: readonly number[];
}

/** One conditional density. Its expressions share nodes with those of other factors. */
export interface Factor {
  readonly variable: string;
  readonly kind: 'latent' | 'data';
  readonly role: Role;
  /** Name of the distribution, for people. */
  readonly distribution: string;
  readonly shape: readonly number[];
  readonly support: ElementType;
  /** The sample is a differentiable function of the parameters and of parameter-free noise. */
  readonly reparameterised: boolean;
  /** A draw, from `noise` nodes; same shape as the factor. */
  readonly sample: Expr;
  /** Elementwise log-density of the variable (a `variable` node), same shape as the factor; the factor's is its sum. */
  readonly logProb: Expr;
  /** Expectation of the variable, scalar or same shape, or null where the distribution does not give it. */
  readonly mean: Expr | null;
  /**
   * Of a recognition factor, where its distribution has the closed form: KL(q ‖ p) of this variable given those drawn
   * before it, elementwise, scalar or same shape; the factor's is its sum. null everywhere else.
   */
  readonly kl: Expr | null;
  readonly span: Span;
}

export interface Parameter {
  /** Unique and stable, for checkpoints: `recognition.h1.dense1.weight`. */
  readonly name: string;
  readonly role: Role;
  readonly shape: readonly number[];
  /** Scalar or same shape; made of constants, `statistic`, `noise` (site = the parameter's name) and scalar operations. */
  readonly initial: Expr;
  readonly span: Span;
}

export type NoiseLaw = 'normal' | 'uniform';

/**
 * An immutable dataflow graph; sharing is by reference. Shapes are static. A scalar (shape []) broadcasts; two
 * different non-scalar shapes never meet in one operation.
 */
export type Expr =
  | { readonly kind: 'constant'; readonly shape: readonly []; readonly value: number }
  /** The value of a data variable or of a latent one; what stands for a latent is the lowering's choice. */
  | { readonly kind: 'variable'; readonly shape: readonly number[]; readonly name: string }
  | { readonly kind: 'parameter'; readonly shape: readonly number[]; readonly name: string }
  /** Mean of a data variable over the training rows, elementwise. In initialisers only. */
  | {
      readonly kind: 'statistic';
      readonly shape: readonly number[];
      readonly statistic: 'mean';
      readonly data: string;
    }
  /** Standard normal, or uniform on (0, 1). `site` names the factor or parameter: `q.h1`, `p.x`. */
  | {
      readonly kind: 'noise';
      readonly shape: readonly number[];
      readonly law: NoiseLaw;
      readonly site: string;
    }
  | {
      readonly kind: 'scalar';
      readonly shape: readonly number[];
      readonly op: ScalarOp;
      readonly args: readonly Expr[];
    }
  /** Row vector times matrix: [n] x [n, m] -> [m]. */
  | {
      readonly kind: 'matmul';
      readonly shape: readonly number[];
      readonly vector: Expr;
      readonly matrix: Expr;
    }
  /** Sum over all elements. */
  | { readonly kind: 'sum'; readonly shape: readonly []; readonly arg: Expr }
  | { readonly kind: 'stop'; readonly shape: readonly number[]; readonly arg: Expr };

/** A sample axis of the objective. `id` is unique within the objective, `name` is what the user wrote. */
export interface SampleAxis {
  readonly id: string;
  readonly name: string;
  readonly size: number;
}

/** An objective for so many epochs. */
export interface Stage {
  readonly objective: Objective;
  readonly epochs: number;
}

/** What is reported, and what each network ascends. */
export interface Objective {
  /** As the user wrote it: `iwae(k=50)`, `iwae(k=50) using one_sample`. */
  readonly text: string;
  readonly axes: readonly SampleAxis[];
  readonly value: BoundExpr;
  readonly generative: BoundExpr;
  readonly recognition: BoundExpr;
  /**
   * How the gradient is estimated; null: by differentiating the formulas. Otherwise there is one formula, of `log_w` over
   * one set of samples.
   */
  readonly estimator: EstimatorName | null;
}

/**
 * log_w = log p(x, h) − log q(h | x); `log_w_path` stops q's parameters inside log q; `log_q_score` stops h; `kl` is the
 * closed form of KL(q ‖ p), summed over the latent layers, where every layer's distribution gives one.
 */
export const quantityNames = [
  'log_w',
  'log_joint',
  'log_lik',
  'log_prior',
  'log_q',
  'log_w_path',
  'log_q_score',
  'kl',
] as const;
export type QuantityName = (typeof quantityNames)[number];

/**
 * A bound's formula, all reductions of the standard library inlined, one value for each datum.
 * `axes` of a node are the ids of the sample axes it carries, in the order of `Objective.axes`.
 */
export type BoundExpr =
  | { readonly kind: 'constant'; readonly axes: readonly []; readonly value: number }
  /** `layer` narrows log_lik, log_prior, log_q, kl to one latent layer (or data variable). */
  | {
      readonly kind: 'quantity';
      readonly axes: readonly string[];
      readonly name: QuantityName;
      readonly layer: string | null;
    }
  | {
      readonly kind: 'scalar';
      readonly axes: readonly string[];
      readonly op: ScalarOp;
      readonly args: readonly BoundExpr[];
    }
  | {
      readonly kind: 'reduce';
      readonly axes: readonly string[];
      readonly op: 'sum' | 'max';
      readonly over: string;
      readonly arg: BoundExpr;
    }
  /** Rank of each sample along `over`, 0 for the smallest, ties in order of the samples. Not differentiable. */
  | {
      readonly kind: 'rank';
      readonly axes: readonly string[];
      readonly over: string;
      readonly arg: BoundExpr;
    }
  | { readonly kind: 'stop'; readonly axes: readonly string[]; readonly arg: BoundExpr }
  /** `epoch` (from 0, fractional steps excluded) and `step` (from 1). */
  | { readonly kind: 'clock'; readonly axes: readonly []; readonly clock: 'epoch' | 'step' };

/** A scalar formula evaluated by the host in f64 once a step; `step` counts from 1, `epoch` from 0. */
export type HostExpr =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'clock'; readonly clock: 'epoch' | 'step' }
  | { readonly kind: 'scalar'; readonly op: ScalarOp; readonly args: readonly HostExpr[] };

/** Elementwise update; `rate` is the schedule's factor at this step. */
export type UpdateExpr =
  | HostExpr
  | { readonly kind: 'scalar'; readonly op: ScalarOp; readonly args: readonly UpdateExpr[] }
  | { readonly kind: 'operand'; readonly operand: 'parameter' | 'gradient' | 'rate' }
  | { readonly kind: 'state'; readonly name: string };

export interface OptimizerState {
  readonly name: string;
  readonly initial: number;
  readonly next: UpdateExpr;
}

export interface Training {
  readonly batch: number;
  /** How the per-datum gradients of a batch are combined. */
  readonly gradient: 'sum' | 'mean';
  /** What the optimizer sees of a gradient: at most this in each element, or in the norm of all parameters together. */
  readonly clipping: { readonly by: 'value' | 'norm'; readonly limit: number } | null;
  readonly optimizer: {
    readonly text: string;
    readonly states: readonly OptimizerState[];
    readonly parameter: UpdateExpr;
  };
  readonly schedule: { readonly text: string; readonly epochs: number; readonly rate: HostExpr };
}
