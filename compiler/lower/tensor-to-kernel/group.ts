import { sameAffine } from '../../kernel/affine.js';
import { invariant } from '../../support/bug.js';
import type { NodeId } from '../../tensor/ir.js';
import { arrayLength, arrayOf, type BuildContext, isAligned } from './build.js';
import { foldBesideProduct, mostProducts, type Root, type Scope } from './plan.js';
import { domainView, rowMajor, sizeOf } from './view.js';

/** Roots that one kernel computes. */
export interface Group {
  readonly roots: readonly Root[];
}

/** `after` cannot run before `before`; `together`: it could run in the same kernel, point by point. */
interface Edge {
  readonly before: Root;
  readonly after: Root;
  readonly together: boolean;
}

/** What decides whether groups have loads in common. */
interface Loads {
  readonly hasProducts: boolean;
  readonly sources: ReadonlySet<string>;
}

/**
 * Joins kernels over the same points: a reader with the kernel it reads from, whose values it then has at hand, and
 * kernels that load the same arrays. `fits` says whether a joined kernel keeps within a device's limits.
 */
export class Grouping {
  readonly #context: BuildContext;
  readonly #edges: readonly Edge[];
  /** The edges that begin or end at a root. */
  readonly #edgesOf = new Map<Root, Edge[]>();
  readonly #groupOf = new Map<Root, Group>();
  readonly #loads = new Map<Group, Loads>();
  readonly #fits: (roots: readonly Root[]) => boolean;

  constructor(context: BuildContext, fits: (roots: readonly Root[]) => boolean) {
    this.#context = context;
    this.#fits = fits;
    this.#edges = [...dataEdges(context), ...replacementEdges(context)];
    for (const root of context.plan.roots) {
      const group = { roots: [root] };
      this.#groupOf.set(root, group);
      this.#loads.set(group, { hasProducts: root.products > 0, sources: sourcesOf(context, root) });
      this.#edgesOf.set(root, []);
    }
    for (const edge of this.#edges) {
      this.#edgesOf.get(edge.before)!.push(edge);
      if (edge.after !== edge.before) this.#edgesOf.get(edge.after)!.push(edge);
    }
  }

  /** The groups, in an order in which they can run. */
  run(): readonly Group[] {
    this.#joinAll((a, b) => this.#isDirect(a, b));
    this.#joinAll((a, b) => this.#sharesLoads(a, b));
    return this.#sorted();
  }

  /** Groups that are read by other groups than their own. */
  isReadElsewhere(root: Root): boolean {
    return this.#context.plan.reads.some(
      read => read.source === root && this.#groupOf.get(read.reader) !== this.#groupOf.get(root),
    );
  }

  #groups = (): readonly Group[] => [...new Set(this.#groupOf.values())];

  #joinAll(isWished: (a: Group, b: Group) => boolean): void {
    for (let changed = true; changed; ) {
      changed = false;
      const groups = this.#groups();
      for (const a of groups) {
        for (const b of groups) {
          const alive = this.#groupOf.get(a.roots[0]!) === a && this.#groupOf.get(b.roots[0]!) === b;
          if (!alive || a === b || !isWished(a, b) || !this.#canJoin(a, b)) continue;
          const joined = {
            roots: [...a.roots, ...b.roots].toSorted((x, y) => x.node - y.node || x.id - y.id),
          };
          for (const root of joined.roots) this.#groupOf.set(root, joined);
          const [one, other] = [this.#loads.get(a)!, this.#loads.get(b)!];
          this.#loads.set(joined, {
            hasProducts: one.hasProducts || other.hasProducts,
            sources: new Set([...one.sources, ...other.sources]),
          });
          changed = true;
        }
      }
    }
  }

  #edgesBetween = (a: Group, b: Group): readonly Edge[] =>
    a.roots.flatMap(root =>
      this.#edgesOf
        .get(root)!
        .filter(({ before, after }) => this.#groupOf.get(before === root ? after : before) === b),
    );

  #isDirect = (a: Group, b: Group): boolean => this.#edgesBetween(a, b).length > 0;

  #sharesLoads(a: Group, b: Group): boolean {
    const [one, other] = [this.#loads.get(a)!, this.#loads.get(b)!];
    if (one.hasProducts !== other.hasProducts) return false;
    for (const source of other.sources)
      if (one.sources.has(source) && (!one.hasProducts || isProductSource(source))) return true;
    return false;
  }

  #canJoin(a: Group, b: Group): boolean {
    const roots = [...a.roots, ...b.roots];
    const extents = (group: Group) => group.roots[0]!.axes.map(axis => axis.size).join(' ');
    if (extents(a) !== extents(b)) return false;
    const products = roots.reduce((sum, root) => sum + root.products, 0);
    const longestFold = Math.max(...roots.map(root => root.longestFold));
    if (products > mostProducts || (products > 0 && longestFold > foldBesideProduct)) return false;
    if (!this.#edgesBetween(a, b).every(edge => edge.together)) return false;
    return !this.#hasDetour(a, b) && !this.#hasDetour(b, a) && this.#fits(roots);
  }

  /** `to` depends on `from` by way of a third group. */
  #hasDetour(from: Group, to: Group): boolean {
    const seen = new Set<Group>([from]);
    const visit = (group: Group, isStart: boolean): boolean =>
      group.roots.some(root =>
        this.#edgesOf.get(root)!.some(({ before, after }) => {
          const next = this.#groupOf.get(after)!;
          if (before !== root || next === group) return false;
          if (next === to) return !isStart;
          if (seen.has(next)) return false;
          seen.add(next);
          return visit(next, false);
        }),
      );
    return visit(from, true);
  }

  #sorted(): readonly Group[] {
    const waiting = new Set(this.#groups());
    const sorted: Group[] = [];
    const isReady = (group: Group) =>
      this.#edges.every(({ before, after }) => {
        const source = this.#groupOf.get(before)!;
        return this.#groupOf.get(after) !== group || source === group || !waiting.has(source);
      });
    const position = (group: Group) => Math.min(...group.roots.map(root => root.node));
    while (waiting.size > 0) {
      const next = [...waiting].filter(isReady).toSorted((a, b) => position(a) - position(b))[0];
      invariant(next, () => `${this.#context.graph.name}: kernels depend on each other in a cycle`);
      waiting.delete(next);
      sorted.push(next);
    }
    return sorted;
  }
}

function dataEdges({ plan, graph }: BuildContext): readonly Edge[] {
  return plan.reads.map(({ reader, source, view, scope }) => {
    const { op } = graph.nodes[source.node]!;
    const isReduction = op === 'reduce' || op === 'contract';
    const inScope = scope === 'point' || (scope === 'fold' && isReduction);
    const together = source.partial === null && inScope && isAligned(source, view);
    return { before: source, after: reader, together };
  });
}

/** Who reads an input runs before an output takes its place. */
function replacementEdges(context: BuildContext): readonly Edge[] {
  const { plan, options, graph } = context;
  const replacing = plan.roots.filter(root => root.place !== null);
  return plan.inputReads.flatMap(({ reader, node: id, view, scope }) => {
    const node = graph.nodes[id]!;
    const input = node.op === 'input' ? options.inputs[node.name] : undefined;
    if (input === undefined) return [];
    const overlaps = (root: Root) => {
      const output = arrayOf(context, root);
      return (
        output.buffer === input.buffer &&
        output.offset < input.offset + sizeOf(node.axes) &&
        input.offset < output.offset + arrayLength(root)
      );
    };
    const read = rowMajor(node.axes, view, input.offset);
    return replacing.filter(overlaps).map(root => {
      const written = rowMajor(root.axes, domainView(root.axes), arrayOf(context, root).offset);
      return { before: reader, after: root, together: scope === 'point' && sameAffine(read, written) };
    });
  });
}

const productPrefix = 'product ';
const isProductSource = (source: string): boolean => source.startsWith(productPrefix);

/** What a root's kernel loads, as keys; factors of matrix products apart. */
function sourcesOf({ plan }: BuildContext, root: Root): ReadonlySet<string> {
  const key = (scope: Scope, kind: string, id: NodeId) =>
    `${scope === 'product' ? productPrefix : ''}${kind} ${id}`;
  const reads = plan.reads.filter(read => read.reader === root);
  const inputs = plan.inputReads.filter(read => read.reader === root);
  return new Set([
    ...reads.map(({ scope, source }) => key(scope, 'root', source.id)),
    ...inputs.map(({ scope, node }) => key(scope, 'input', node)),
  ]);
}
