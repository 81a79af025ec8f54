import { affine } from '../../kernel/affine.js';
import type { Kernel, Loop, Reduction, Scalar, Store } from '../../kernel/ir.js';
import { mergeLoops } from '../../kernel/loops.js';
import { kernelBuffers } from '../../kernel/scalar.js';
import { streamNumber } from '../../program/noise.js';
import { CompilerBug, invariant } from '../../support/bug.js';
import { evaluateHostScalar } from '../../tensor/eval.js';
import type { Axis, Graph, HostScalar, Node, NodeId } from '../../tensor/ir.js';
import { productForm } from './contraction.js';
import { describe } from './decide.js';
import type { HostTable } from './host.js';
import { nameLoops } from './names.js';
import type { LoweringOptions } from './options.js';
import type { ContractNode, Plan, ReduceNode, Root } from './plan.js';
import {
  domainLoop,
  isDomainLoop,
  loopOf,
  rowMajor,
  sizeOf,
  type View,
  viewKey,
  viewOfArgument,
} from './view.js';

export interface BuildContext {
  readonly graph: Graph;
  readonly plan: Plan;
  readonly options: LoweringOptions;
  readonly hosts: HostTable;
  readonly hostScalars: ReadonlyMap<NodeId, HostScalar>;
  /** Name of a root's own array where it has no place. */
  readonly workspace: (root: Root) => string;
}

/** The view is the kernel's own point: axis i is walked by domain loop i. */
export const isAligned = (root: Root, view: View): boolean =>
  root.axes.every((axis, i) => axis.size === 1 || view.get(axis.name) === domainLoop(i));

export const arrayOf = (context: BuildContext, root: Root) => ({
  buffer: root.place?.buffer ?? context.workspace(root),
  offset: root.place?.offset ?? 0,
});

/** Elements that a root's array has. */
export function arrayLength(root: Root): number {
  if (root.partial === null) return sizeOf(root.axes);
  return sizeOf(root.axes.slice(0, -1)) * tileCount(root);
}

const tileCount = (root: Root): number => Math.ceil(root.axes.at(-1)!.size / root.partial!.tile);

/** One kernel that computes all of `roots`, which have the same extents, and stores those in `stored`. */
export function buildKernel(
  context: BuildContext,
  roots: readonly Root[],
  stored: ReadonlySet<Root>,
  name: string,
): Kernel {
  const kernel: Kernel = {
    kind: 'compute',
    name,
    domain: roots[0]!.axes.map((axis, i) => ({ name: domainLoop(i), extent: axis.size })),
    ...evaluated(context, roots, stored),
    origin: roots.flatMap(root => [originOf(context.graph, root, stored.has(root)), ...root.held]),
  };
  return nameLoops(mergeLoops(kernel), roots[0]!.axes);
}

function evaluated(
  context: BuildContext,
  roots: readonly Root[],
  stored: ReadonlySet<Root>,
): Pick<Kernel, 'reductions' | 'stores'> {
  const builder = new KernelBuilder(context, roots);
  const stores = roots.filter(root => stored.has(root)).map(root => builder.store(root));
  return { reductions: builder.reductions, stores };
}

function originOf(graph: Graph, root: Root, isStored: boolean): string {
  const what = describe(graph.nodes[root.node]!, root.node);
  return `${what}: ${isStored ? root.reason : 'not stored, all its readers are here'}`;
}

/** Buffers of a kernel that computes all of `roots` and stores them. */
export const bufferCount = (context: BuildContext, roots: readonly Root[]): number => {
  const { read, written } = kernelBuffers(evaluated(context, roots, new Set(roots)));
  return new Set([...read, ...written]).size;
};

class KernelBuilder {
  readonly reductions: Reduction[] = [];
  readonly #context: BuildContext;
  readonly #roots: ReadonlySet<Root>;
  readonly #known = new Map<string, Scalar>();
  #loops = 0;

  constructor(context: BuildContext, roots: readonly Root[]) {
    this.#context = context;
    this.#roots = new Set(roots);
  }

  store(root: Root): Store {
    const { buffer, offset } = arrayOf(this.#context, root);
    const view = new Map(root.axes.map(({ name }, i) => [name, domainLoop(i)]));
    const isOwn = this.#context.plan.rootOf.get(root.node) === root;
    const value = isOwn
      ? this.#own(root.node, view)
      : this.#scalar(root.node, this.#restrict(view, root.node));
    if (root.partial === null)
      return { buffer, index: rowMajor(root.axes, view, offset), value, partial: null };
    const tiles: Axis = { ...root.axes.at(-1)!, name: '~tile', size: tileCount(root) };
    const strided = rowMajor(
      [...root.axes.slice(0, -1), tiles],
      new Map([...view, ['~tile', '~tile']]),
      offset,
    );
    const rows = strided.terms.filter(({ loop }) => loop !== '~tile');
    return { buffer, index: affine(offset, rows), value, partial: root.partial };
  }

  #node = (id: NodeId): Node => this.#context.graph.nodes[id]!;

  #restrict(view: View, id: NodeId): View {
    return new Map(this.#node(id).axes.map(({ name }) => [name, loopOf(view, name)]));
  }

  /** A node's value in this kernel: loaded if another one stores it. */
  #scalar(id: NodeId, view: View): Scalar {
    const root = this.#context.plan.rootOf.get(id);
    if (root === undefined) return this.#own(id, view);
    if (this.#roots.has(root) && isAligned(root, view)) return this.#own(id, this.#onDomain(root, view));
    return this.#once(`load ${id} ${viewKey(view)}`, () => this.#load(root, view));
  }

  /** Axes of extent 1 may be walked by any loop; on the domain they are walked by its own. */
  #onDomain = (root: Root, view: View): View =>
    new Map(
      [...view.keys()].map(name => [name, domainLoop(root.axes.findIndex(axis => axis.name === name))]),
    );

  #load(root: Root, view: View): Scalar {
    const { buffer, offset } = arrayOf(this.#context, root);
    return { kind: 'load', buffer, index: rowMajor(root.axes, view, offset) };
  }

  #once(key: string, make: () => Scalar): Scalar {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const scalar = make();
    this.#known.set(key, scalar);
    return scalar;
  }

  /** A node's value, computed here. */
  #own(id: NodeId, view: View): Scalar {
    return this.#once(`${id} ${viewKey(view)}`, () => this.#compute(id, this.#node(id), view));
  }

  #compute(id: NodeId, node: Node, view: View): Scalar {
    const host = this.#context.hostScalars.get(id);
    if (host !== undefined) return this.#host(host);
    switch (node.op) {
      case 'constant':
      case 'host':
        throw new CompilerBug(`%${id} ${node.op} is not a host scalar`);
      case 'input': {
        const place = this.#context.options.inputs[node.name];
        invariant(place, () => `no place for input ${node.name}`);
        return { kind: 'load', buffer: place.buffer, index: rowMajor(node.axes, view, place.offset) };
      }
      case 'dataset':
        return this.#dataset(node, view);
      case 'noise':
        return this.#noise(node, view);
      case 'index':
        return { kind: 'index', value: rowMajor(node.axes, view) };
      case 'map':
        return {
          kind: 'apply',
          op: node.scalar,
          args: node.args.map(arg => this.#argument(node, arg, view)),
        };
      case 'stop':
      case 'rename':
        return this.#argument(node, node.arg, view);
      case 'reduce':
        return this.#reduce(id, node, view);
      case 'contract':
        return this.#contract(id, node, view);
    }
  }

  #argument = (node: Node, arg: NodeId, view: View): Scalar =>
    this.#scalar(arg, viewOfArgument(view, node, this.#node(arg).axes));

  #host(value: HostScalar): Scalar {
    if (usesClock(value)) return { kind: 'host', slot: this.#context.hosts.slotOf(value) };
    return { kind: 'constant', value: evaluateHostScalar(value, {}) };
  }

  #dataset(node: Extract<Node, { op: 'dataset' }>, view: View): Scalar {
    const place = this.#context.options.datasets[node.name];
    invariant(place, () => `no place for data set ${node.name}`);
    const features = node.axes.filter(axis => axis.kind !== 'datum');
    return {
      kind: 'dataset',
      buffer: place.buffer,
      rows: this.#context.options.rows.buffer,
      row: rowMajor(ofKind(node.axes, 'datum'), view),
      feature: rowMajor(features, view),
      width: sizeOf(features),
      encoding: place.encoding,
    };
  }

  #noise(node: Extract<Node, { op: 'noise' }>, view: View): Scalar {
    const datum = ofKind(node.axes, 'datum');
    return {
      kind: 'noise',
      law: node.law,
      stream: streamNumber(node.stream),
      clock: node.clock,
      rows: datum.length === 0 ? null : this.#context.options.rows.buffer,
      row: rowMajor(datum, view),
      sample: rowMajor(ofKind(node.axes, 'sample'), view),
      choice: node.sample === null ? null : this.#argument(node, node.sample, view),
      element: rowMajor(ofKind(node.axes, 'feature'), view),
    };
  }

  #addReduction(id: NodeId, view: View, make: () => Reduction): Scalar {
    invariant([...view.values()].every(isDomainLoop), () => `reduction %${id} inside another reduction`);
    const reduction = make();
    return { kind: 'accumulator', reduction: this.reductions.push(reduction) - 1 };
  }

  #newLoops(axes: readonly Axis[]): { readonly loops: readonly Loop[]; readonly inner: View } {
    const number = this.#loops++;
    const loops = axes.map(({ name, size }) => ({ name: `${name}~${number}`, extent: size }));
    return { loops, inner: new Map(axes.map(({ name }, i) => [name, loops[i]!.name])) };
  }

  #reduce(id: NodeId, node: ReduceNode, view: View): Scalar {
    const axes = this.#node(node.arg).axes.filter(axis => node.over.includes(axis.name));
    const partial = this.#context.plan.partialOf.get(id);
    return this.#addReduction(id, view, () => {
      if (partial !== undefined) return this.#addPartials(node, partial, axes, view);
      const { loops, inner } = this.#newLoops(axes);
      const body = this.#argument(node, node.arg, new Map([...view, ...inner]));
      return { kind: 'fold', combine: node.combine, loops, body };
    });
  }

  #addPartials(node: ReduceNode, partial: Root, axes: readonly Axis[], view: View): Reduction {
    const tiles: Axis = { name: '~tile', kind: 'feature', size: tileCount(partial) };
    const { loops, inner } = this.#newLoops([...axes.slice(0, -1), tiles]);
    const { buffer, offset } = arrayOf(this.#context, partial);
    const index = rowMajor([...partial.axes.slice(0, -1), tiles], new Map([...view, ...inner]), offset);
    return { kind: 'fold', combine: node.combine, loops, body: { kind: 'load', buffer, index } };
  }

  #contract(id: NodeId, node: ContractNode, view: View): Scalar {
    const axes = this.#node(node.left).axes.filter(axis => node.over.includes(axis.name));
    return this.#addReduction(id, view, () => {
      const { loops, inner } = this.#newLoops(axes);
      const body = new Map([...view, ...inner]);
      const domain = [...this.#roots][0]!.axes;
      const factors = productForm(this.#context.graph, node, view, domain);
      if (factors !== null) {
        const left = this.#argument(node, factors.left, body);
        return { kind: 'product', loops, left, right: this.#argument(node, factors.right, body) };
      }
      const args = [node.left, node.right].map(arg => this.#argument(node, arg, body));
      return { kind: 'fold', combine: 'sum', loops, body: { kind: 'apply', op: 'multiply', args } };
    });
  }
}

const ofKind = (axes: readonly Axis[], kind: Axis['kind']) => axes.filter(axis => axis.kind === kind);

const usesClock = (value: HostScalar): boolean =>
  value.kind === 'clock' || (value.kind === 'scalar' && value.args.some(usesClock));
