import type { ScalarOp } from '../scalar/registry.js';

/**
 * A pure dataflow graph over named axes. Broadcasting is by name: an operation's axes are the union of its
 * arguments'. Inside one node an axis name occurs once; the same name in two arguments means the same size.
 *
 * Axis order in `axes` is the canonical layout, outermost first: datum, sample axes, then features.
 */
export type AxisKind = 'datum' | 'sample' | 'feature';

export interface Axis {
  readonly name: string;
  readonly kind: AxisKind;
  readonly size: number;
}

export type NodeId = number;

export type Node = { readonly axes: readonly Axis[] } & (
  | { readonly op: 'constant'; readonly value: number }
  /** An array the caller binds: a parameter, a statistic, optimizer state, a latent given from outside. */
  | { readonly op: 'input'; readonly name: string }
  /** A scalar evaluated by the host in f64 for each run: see `HostScalar`. */
  | { readonly op: 'host'; readonly value: HostScalar }
  /** Row `row(datum)` of a data set as stored, before any decoding. */
  | { readonly op: 'dataset'; readonly name: string }
  /**
   * Counter-based noise. `stream` names the site; each element's bits depend only on (seed, stream, step, data row,
   * sample, element), so neither batch size nor device changes them. `clock` says which of the run's two (seed, step)
   * pairs counts: the model's own, or the one that decides how grey data is made binary. `sample`, where it is not null,
   * is the number of the one sample whose noise this is: whole, 0 or more, with the datum axis or none.
   */
  | {
      readonly op: 'noise';
      readonly law: 'normal' | 'uniform';
      readonly stream: string;
      readonly clock: 'model' | 'data';
      readonly sample: NodeId | null;
    }
  /** The position along one axis, as a number. */
  | { readonly op: 'index'; readonly axis: string }
  | { readonly op: 'map'; readonly scalar: ScalarOp; readonly args: readonly NodeId[] }
  /** Sum over the axes `over` (each in both arguments) of left · right. */
  | {
      readonly op: 'contract';
      readonly left: NodeId;
      readonly right: NodeId;
      readonly over: readonly string[];
    }
  | {
      readonly op: 'reduce';
      readonly combine: 'sum' | 'max';
      readonly arg: NodeId;
      readonly over: readonly string[];
    }
  /** The same array seen with one axis under another name. */
  | { readonly op: 'rename'; readonly arg: NodeId; readonly from: string; readonly to: string }
  /** Identity whose derivative is zero. */
  | { readonly op: 'stop'; readonly arg: NodeId }
);

/** Formulas over the run's own scalars; `compiler/program` holds their f64 evaluation for the host. */
export type HostScalar =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'clock'; readonly clock: string }
  | { readonly kind: 'scalar'; readonly op: ScalarOp; readonly args: readonly HostScalar[] };

export interface Output {
  readonly name: string;
  readonly node: NodeId;
  /** The layout to store; a node that lacks one of these axes is broadcast along it. */
  readonly axes: readonly Axis[];
}

/** `nodes` is in topological order: an argument's id is smaller than its user's. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly outputs: readonly Output[];
}
