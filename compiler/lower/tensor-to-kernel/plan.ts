import type { Axis, Node, NodeId } from '../../tensor/ir.js';
import type { ArrayPlace } from './options.js';
import type { View } from './view.js';

/** Products that one kernel accumulates side by side. */
export const mostProducts = 2;
/** Longest fold at the points of a matrix product. */
export const foldBesideProduct = 64;

/** An array that some kernel stores: an output, or a node that its readers do not compute for themselves. */
export interface Root {
  readonly id: number;
  readonly node: NodeId;
  /** The kernel's domain, and the layout of what it stores. */
  readonly axes: readonly Axis[];
  /** null: a workspace. */
  readonly place: ArrayPlace | null;
  readonly name: string;
  readonly reason: string;
  /** Stores sums (or maxima) of each `tile` successive elements instead of the elements. */
  readonly partial: { readonly combine: 'sum' | 'max'; readonly tile: number } | null;
  /** Reductions that its kernel holds, and why. */
  readonly held: string[];
  /** Matrix products, and the longest fold, that its kernel holds. */
  products: number;
  longestFold: number;
}

/** Where in a kernel a value is needed: at its points, or inside a reduction over them. */
export type Scope = 'point' | 'fold' | 'product';

/** One kernel's need of a node. */
export interface Request {
  readonly kernel: Root;
  readonly view: View;
  readonly scope: Scope;
  /** The node is a factor of a matrix product, whole. */
  readonly isFactor: boolean;
  /** How often the kernel evaluates it. */
  readonly points: number;
}

/** A kernel's load of an array. */
export interface Read {
  readonly reader: Root;
  readonly view: View;
  readonly scope: Scope;
}

export interface RootRead extends Read {
  readonly source: Root;
}

export interface InputRead extends Read {
  readonly node: NodeId;
}

/** What is stored, by which kernel, and who reads it. */
export interface Plan {
  readonly roots: readonly Root[];
  /** The array of a stored node. */
  readonly rootOf: ReadonlyMap<NodeId, Root>;
  /** The partial sums of a reduction that is computed in two steps. */
  readonly partialOf: ReadonlyMap<NodeId, Root>;
  readonly reads: readonly RootRead[];
  readonly inputReads: readonly InputRead[];
}

export type ReduceNode = Extract<Node, { op: 'reduce' }>;
export type ContractNode = Extract<Node, { op: 'contract' }>;
