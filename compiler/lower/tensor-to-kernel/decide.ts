import { partialTile } from '../../kernel/schedule.js';
import { invariant } from '../../support/bug.js';
import type { Graph, Node, NodeId } from '../../tensor/ir.js';
import { nodeArguments } from '../../tensor/nodes.js';
import { productForm } from './contraction.js';
import { type Costs, costs, sameNames } from './cost.js';
import type { ArrayPlace } from './options.js';
import {
  type ContractNode,
  foldBesideProduct,
  type InputRead,
  mostProducts,
  type Plan,
  type ReduceNode,
  type Request,
  type Root,
  type RootRead,
} from './plan.js';
import {
  domainLoop,
  domainView,
  isDomainLoop,
  loopOf,
  sizeOf,
  type View,
  viewKey,
  viewOfArgument,
} from './view.js';

/** A factor of a matrix product that loads more arrays than this is stored first. */
const factorLoads = 4;
/** A small reduction is computed anew by each reader if that costs no more terms than this; a launch costs as much. */
const recomputedTerms = 2 ** 16;

export interface DecideRequest {
  readonly graph: Graph;
  readonly outputs: Readonly<Record<string, ArrayPlace>>;
  /** Nodes evaluated by the host. */
  readonly isHost: (node: NodeId) => boolean;
  /** Nodes that must be stored, and why. */
  readonly forced: ReadonlyMap<NodeId, string>;
}

/**
 * Decides what is stored. Whether an expression is worth storing depends on what below it is stored, so decisions are
 * taken from the outputs down against the previous round's, until they stand still.
 */
export function decide(request: DecideRequest): Plan {
  let plan = new Decision(request, () => false).run();
  for (let round = 0; round < 8; round++) {
    const previous = plan.rootOf;
    plan = new Decision(request, node => previous.has(node)).run();
    if (plan.rootOf.size === previous.size && [...plan.rootOf.keys()].every(node => previous.has(node)))
      break;
  }
  return plan;
}

class Decision {
  readonly #graph: Graph;
  readonly #request: DecideRequest;
  readonly #cost: Costs;
  readonly #requests = new Map<NodeId, Map<string, Request>>();
  readonly #roots: Root[] = [];
  readonly #rootOf = new Map<NodeId, Root>();
  readonly #partialOf = new Map<NodeId, Root>();
  readonly #reads: RootRead[] = [];
  readonly #inputReads: InputRead[] = [];

  constructor(request: DecideRequest, wasStored: (node: NodeId) => boolean) {
    this.#graph = request.graph;
    this.#request = request;
    this.#cost = costs(request.graph, wasStored);
  }

  run(): Plan {
    this.#outputs();
    for (let id = this.#graph.nodes.length - 1; id >= 0; id--) this.#visit(id);
    return {
      roots: this.#roots,
      rootOf: this.#rootOf,
      partialOf: this.#partialOf,
      reads: this.#reads,
      inputReads: this.#inputReads,
    };
  }

  /** An output that has its node's axes is that node's array; others are arrays of their own. */
  #outputs(): void {
    for (const { name, node: id, axes } of this.#graph.outputs) {
      const place = this.#request.outputs[name];
      invariant(place !== undefined, () => `no place for output ${name}`);
      const root = this.#addRoot({ node: id, axes, place, name, reason: `output ${name}` });
      const names = axes.map(axis => axis.name);
      const isNode = sameNames(names, this.#axes(id)) && !this.#isLeaf(id) && !this.#rootOf.has(id);
      if (isNode) this.#rootOf.set(id, root);
      else this.#ask(id, rootRequest(root, domainView(axes)));
    }
  }

  #addRoot(
    facts: Pick<Root, 'node' | 'axes' | 'place' | 'name' | 'reason'> & Partial<Pick<Root, 'partial'>>,
  ): Root {
    const root: Root = {
      partial: null,
      held: [],
      products: 0,
      longestFold: 0,
      ...facts,
      id: this.#roots.length,
    };
    this.#roots.push(root);
    return root;
  }

  #axes = (id: NodeId) => this.#graph.nodes[id]!.axes;

  #isLeaf(id: NodeId): boolean {
    const node = this.#graph.nodes[id]!;
    return this.#request.isHost(id) || (node.op !== 'noise' && nodeArguments(node).length === 0);
  }

  #ask(id: NodeId, request: Request): void {
    const requests = this.#requests.get(id) ?? new Map<string, Request>();
    this.#requests.set(id, requests);
    const key = `${request.kernel.id} ${request.scope} ${request.isFactor} ${viewKey(request.view)}`;
    const known = requests.get(key);
    if (known === undefined || known.points < request.points) requests.set(key, request);
  }

  #visit(id: NodeId): void {
    const node = this.#graph.nodes[id]!;
    const requests = [...(this.#requests.get(id)?.values() ?? [])];
    const stored = this.#rootOf.get(id);
    if (stored === undefined && requests.length === 0) return;
    if (this.#isLeaf(id)) {
      this.#readLeaf(id, node, requests);
      return;
    }
    const root = stored ?? this.#storeIfWorth(id, node, requests);
    if (root === null) {
      for (const request of requests) this.#expand(id, node, request);
      return;
    }
    for (const { kernel, view, scope } of requests)
      this.#reads.push({ reader: kernel, source: root, view, scope });
    this.#expand(id, node, rootRequest(root, domainView(root.axes)));
  }

  #readLeaf(id: NodeId, node: Node, requests: readonly Request[]): void {
    if (node.op !== 'input') return;
    for (const { kernel, view, scope } of requests)
      this.#inputReads.push({ reader: kernel, node: id, view, scope });
  }

  #storeIfWorth(id: NodeId, node: Node, requests: readonly Request[]): Root | null {
    const reason = this.#request.forced.get(id) ?? this.#reasonToStore(id, node, requests);
    if (reason === null) return null;
    const root = this.#addRoot({
      node: id,
      axes: node.axes,
      place: null,
      name: `${nameOf(node)}${id}`,
      reason,
    });
    this.#rootOf.set(id, root);
    return root;
  }

  #reasonToStore(id: NodeId, node: Node, requests: readonly Request[]): string | null {
    if (node.op === 'map') return this.#reasonToStoreMap(id, requests);
    const readers = kernelsOf(requests);
    if (node.op === 'noise') return readers.size > 1 ? `stored: ${readers.size} kernels draw it` : null;
    if (node.op !== 'reduce' && node.op !== 'contract') return null;
    if (this.#fits(id, requests) || this.#isCheaplyRecomputed(id, requests)) return null;
    if (readers.size > 1) return `stored: ${readers.size} kernels read it`;
    return `stored: its reader runs over other axes`;
  }

  #reasonToStoreMap(id: NodeId, requests: readonly Request[]): string | null {
    const cost = this.#cost.own(id);
    if (cost.loads.size === 0 && !cost.noise) return null;
    const isCostly = cost.transcendental || cost.noise || cost.loads.size > factorLoads;
    if (requests.some(request => request.isFactor) && (isCostly || cost.reductions.length > 0)) {
      return 'stored: a factor of a matrix product, too costly to compute for each tile';
    }
    const readers = kernelsOf(requests).size;
    if (readers > 1 && ((cost.transcendental && !cost.noise) || cost.reductions.length > 0)) {
      return `stored: ${readers} kernels read it and it is costly`;
    }
    const axes = this.#axes(id);
    const cannotBeHeld = cost.reductions.some(
      inner =>
        sameNames(inner.axes, axes) &&
        !requests.every(request => this.#innerFits(inner.node, inner.axes, request)),
    );
    return cannotBeHeld ? 'stored: it ends in a reduction that its reader cannot hold' : null;
  }

  #innerFits(id: NodeId, axes: readonly string[], request: Request): boolean {
    const own = this.#axes(id);
    const view: View = new Map(own.map(({ name }, i) => [name, loopOf(request.view, axes[i]!)]));
    const inner = [{ ...request, view, isFactor: false }];
    return this.#fits(id, inner) || this.#isCheaplyRecomputed(id, inner);
  }

  /** One kernel needs it, at each of its points once. */
  #fits(id: NodeId, requests: readonly Request[]): boolean {
    const [first] = requests;
    const node = this.#graph.nodes[id]! as ReduceNode | ContractNode;
    if (first === undefined || kernelsOf(requests).size > 1) return false;
    const { kernel, view } = first;
    if (requests.some(request => viewKey(request.view) !== viewKey(view))) return false;
    const covered = new Set(view.values());
    const coversAll = kernel.axes.every((axis, i) => axis.size === 1 || covered.has(domainLoop(i)));
    if (!coversAll || ![...covered].every(isDomainLoop)) return false;
    if (node.op === 'contract' && productForm(this.#graph, node, view, kernel.axes) !== null) {
      return (
        requests.every(request => request.scope === 'point') &&
        kernel.products < mostProducts &&
        kernel.longestFold <= foldBesideProduct
      );
    }
    return (
      requests.every(request => request.scope !== 'product') &&
      (kernel.products === 0 || this.#terms(id, node) <= foldBesideProduct)
    );
  }

  /** Terms that one element of a reduction adds up. */
  #terms(id: NodeId, node: ReduceNode | ContractNode): number {
    const partial = this.#partialOf.get(id) ?? null;
    const axes = this.#axes(node.op === 'reduce' ? node.arg : node.left);
    const over = axes.filter(axis => node.over.includes(axis.name));
    const column = over.at(-1)!;
    const tiles = Math.ceil(column.size / partialTile(column.size));
    const isTiled = partial !== null || (node.op === 'reduce' && this.#endsInProduct(node));
    return isTiled ? (sizeOf(over) / column.size) * tiles : sizeOf(over);
  }

  /** A short reduction of something cheap, which every reader can compute for itself. */
  #isCheaplyRecomputed(id: NodeId, requests: readonly Request[]): boolean {
    const node = this.#graph.nodes[id]!;
    if (node.op !== 'reduce' || this.#endsInProduct(node)) return false;
    const { reductions, noise } = this.#cost.asArgument(node.arg);
    const isOnlyScan = reductions.every(inner => this.#graph.nodes[inner.node]!.op === 'reduce');
    if (noise || !isOnlyScan || reductions.length > 1) return false;
    const terms = this.#terms(id, node);
    return requests.every(
      ({ view, scope, kernel }) =>
        scope !== 'product' &&
        kernel.products === 0 &&
        [...view.values()].every(isDomainLoop) &&
        sizeOf(kernel.axes) * terms <= recomputedTerms,
    );
  }

  /** The reduction runs along the columns of a matrix product, or of a function of one. */
  #endsInProduct(node: ReduceNode): boolean {
    const axes = this.#axes(node.arg);
    if (axes.length === 0 || !node.over.includes(axes.at(-1)!.name)) return false;
    return this.#meetsProduct(
      node.arg,
      axes.map(axis => axis.name),
    );
  }

  #meetsProduct(id: NodeId, names: readonly string[]): boolean {
    const node = this.#graph.nodes[id]!;
    if (this.#request.isHost(id) || !sameNames(names, node.axes)) return false;
    if (node.op === 'contract')
      return productForm(this.#graph, node, domainView(node.axes), node.axes) !== null;
    if (node.op === 'stop') return this.#meetsProduct(node.arg, names);
    return node.op === 'map' && node.args.some(arg => this.#meetsProduct(arg, names));
  }

  /** Asks for the arguments of a node that the request's kernel computes. */
  #expand(id: NodeId, node: Node, request: Request): void {
    switch (node.op) {
      case 'map':
        for (const arg of node.args) this.#askArgument(node, arg, { ...request, isFactor: false });
        return;
      case 'noise':
        if (node.sample !== null) this.#askArgument(node, node.sample, { ...request, isFactor: false });
        return;
      case 'stop':
      case 'rename':
        this.#askArgument(node, node.arg, request);
        return;
      case 'reduce':
        this.#expandReduce(id, node, request);
        return;
      case 'contract':
        this.#expandContract(id, node, request);
        return;
      default:
        return;
    }
  }

  #askArgument(node: Node, arg: NodeId, request: Request): void {
    this.#ask(arg, { ...request, view: viewOfArgument(request.view, node, this.#axes(arg)) });
  }

  #expandReduce(id: NodeId, node: ReduceNode, request: Request): void {
    const { kernel } = request;
    const terms = this.#terms(id, node);
    kernel.longestFold = Math.max(kernel.longestFold, terms);
    if (this.#endsInProduct(node)) {
      const source = this.#partialOf.get(id) ?? this.#splitReduce(id, node);
      this.#reads.push({ reader: kernel, source, view: request.view, scope: 'fold' });
      hold(kernel, `adds the partial results of ${describe(node, id)} in order`);
      return;
    }
    hold(kernel, `holds ${describe(node, id)}: it is needed at this kernel's points`);
    this.#askBody(node, node.arg, node.over, {
      ...request,
      scope: 'fold',
      isFactor: false,
      points: request.points * terms,
    });
  }

  /** A first kernel, over the product's own points, stores a partial result for each tile of its columns. */
  #splitReduce(id: NodeId, node: ReduceNode): Root {
    const axes = this.#axes(node.arg);
    const root = this.#addRoot({
      node: node.arg,
      axes,
      place: null,
      name: `partial${id}`,
      reason: `${describe(node, id)} in two steps: a matrix product's columns are reduced where they are computed`,
      partial: { combine: node.combine, tile: partialTile(axes.at(-1)!.size) },
    });
    this.#partialOf.set(id, root);
    this.#ask(node.arg, rootRequest(root, domainView(axes)));
    return root;
  }

  #expandContract(id: NodeId, node: ContractNode, request: Request): void {
    const { kernel, view } = request;
    const isProduct = productForm(this.#graph, node, view, kernel.axes) !== null;
    const terms = this.#terms(id, node);
    if (isProduct) kernel.products++;
    else kernel.longestFold = Math.max(kernel.longestFold, terms);
    hold(kernel, `holds ${describe(node, id)} as a ${isProduct ? 'matrix product' : 'sum'}`);
    const points = request.points * terms;
    for (const arg of [node.left, node.right]) {
      const scope = isProduct ? 'product' : 'fold';
      this.#askBody(node, arg, node.over, { ...request, scope, isFactor: isProduct, points });
    }
  }

  /** Inside a reduction, the axes it runs over are walked by its own loops. */
  #askBody(node: Node, arg: NodeId, over: readonly string[], request: Request): void {
    const inner = new Map([...request.view, ...over.map(name => [name, `~${name}`] as const)]);
    this.#askArgument(node, arg, { ...request, view: inner });
  }
}

const rootRequest = (kernel: Root, view: View): Request => ({
  kernel,
  view,
  scope: 'point',
  isFactor: false,
  points: sizeOf(kernel.axes),
});

const kernelsOf = (requests: readonly Request[]): ReadonlySet<Root> =>
  new Set(requests.map(({ kernel }) => kernel));

function hold(kernel: Root, reason: string): void {
  if (!kernel.held.includes(reason)) kernel.held.push(reason);
}

const nameOf = (node: Node): string => (node.op === 'map' ? node.scalar : node.op);

/** `%12 contract [b, k, f0]`. */
export function describe(node: Node, id: NodeId): string {
  return `%${id} ${nameOf(node)} [${node.axes.map(axis => axis.name).join(', ')}]`;
}
