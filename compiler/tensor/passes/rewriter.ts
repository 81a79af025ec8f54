import { type ScalarOp, scalars } from '../../scalar/registry.js';
import { GraphBuilder } from '../build.js';
import type { Graph, Node, NodeId } from '../ir.js';
import { dropDead } from './drop-dead.js';
import { rebuild } from './rebuild.js';

/** What a rule looks at: a scalar operation or one of the other operations. */
export type RuleSubject = ScalarOp | Exclude<Node['op'], 'map'>;

/** A rewrite that keeps every value. */
export interface Rule {
  /** Kebab-case, unique. */
  readonly name: string;
  /** What becomes what. */
  readonly formula: string;
  readonly on: readonly RuleSubject[];
  /** The node to use instead of `id`, or null. It may lack axes along which it is constant. */
  readonly rewrite: (rewriter: Rewriter, node: Node, id: NodeId) => NodeId | null;
}

/** A rule on scalar operations; `rewrite` gets the arguments, as many as the operations have. */
export function mapRule<const Args extends readonly ScalarOp[]>(
  name: string,
  formula: string,
  on: Args,
  rewrite: (rewriter: Rewriter, a: NodeId, b: NodeId, c: NodeId) => NodeId | null,
): Rule {
  return {
    name,
    formula,
    on,
    rewrite: (rewriter, node) =>
      node.op === 'map' ? rewrite(rewriter, node.args[0]!, node.args[1]!, node.args[2]!) : null,
  };
}

/** Nested rewriting deeper than this waits for the next sweep. */
const depthLimit = 60;
/** Most graphs need two sweeps; a graph that is still changing after this many is correct all the same. */
const sweepLimit = 12;

/** Ends a rule that would make a constant no device can hold. */
class ConstantOverflow extends Error {
  override readonly name = 'ConstantOverflow';
}

/** A builder that applies rules to every node as it is made, so that what rules make is simplified as well. */
export class Rewriter extends GraphBuilder {
  readonly #rules: ReadonlyMap<RuleSubject, readonly Rule[]>;
  readonly #settled = new Map<NodeId, NodeId>();
  /** How often each rule was applied. */
  readonly fired = new Map<string, number>();
  #depth = 0;

  constructor(name: string, rules: ReadonlyMap<RuleSubject, readonly Rule[]>) {
    super(name);
    this.#rules = rules;
  }

  override constant(value: number): NodeId {
    if (!Number.isFinite(Math.fround(value))) throw new ConstantOverflow();
    return super.constant(value);
  }

  protected override intern(node: Node): NodeId {
    const id = super.intern(node);
    const settled = this.#settled.get(id);
    if (settled !== undefined) return settled;
    if (this.#depth >= depthLimit) return id;
    // While its rules run, a node stands for itself: two rules that undo each other stop here.
    this.#settled.set(id, id);
    this.#depth++;
    const result = this.#applyRules(node, id);
    this.#depth--;
    this.#settled.set(id, result);
    return result;
  }

  #applyRules(node: Node, id: NodeId): NodeId {
    for (const rule of this.#rules.get(node.op === 'map' ? node.scalar : node.op) ?? []) {
      const result = this.#apply(rule, node, id);
      if (result === null || result === id) continue;
      this.fired.set(rule.name, (this.fired.get(rule.name) ?? 0) + 1);
      return result;
    }
    return id;
  }

  #apply(rule: Rule, node: Node, id: NodeId): NodeId | null {
    try {
      return rule.rewrite(this, node, id);
    } catch (error) {
      if (error instanceof ConstantOverflow) return null;
      throw error;
    }
  }

  isConstant(id: NodeId, value: number): boolean {
    return this.constantValue(id) === value;
  }

  /** The argument of `id` if it is the unary operation `op`, else null. */
  under(op: ScalarOp, id: NodeId): NodeId | null {
    const node = this.node(id);
    return node.op === 'map' && node.scalar === op && scalars[op].arity === 1 ? node.args[0]! : null;
  }

  /** The arguments of `id` if it is the binary operation `op`, else null. */
  pair(op: ScalarOp, id: NodeId): readonly [NodeId, NodeId] | null {
    const node = this.node(id);
    return node.op === 'map' && node.scalar === op && node.args.length === 2
      ? [node.args[0]!, node.args[1]!]
      : null;
  }

  /** [c, x] if `id` is the product c · x with a constant c, else null. */
  scaled(id: NodeId): readonly [number, NodeId] | null {
    const factors = this.pair('multiply', id);
    const constant = factors && this.constantValue(factors[0]);
    return factors && constant !== null ? [constant, factors[1]] : null;
  }

  scale(factor: number, id: NodeId): NodeId {
    return this.apply('multiply', this.constant(factor), id);
  }
}

export interface Rewritten {
  readonly graph: Graph;
  /** How often each rule was applied, by name. */
  readonly fired: ReadonlyMap<string, number>;
}

function indexRules(rules: readonly Rule[]): ReadonlyMap<RuleSubject, readonly Rule[]> {
  const index = new Map<RuleSubject, Rule[]>();
  for (const rule of rules) {
    for (const subject of rule.on) index.set(subject, [...(index.get(subject) ?? []), rule]);
  }
  return index;
}

/** Applies `rules` until none of them fires, or `sweepLimit` sweeps; the first rule in the list that fires wins. */
export function rewriteToFixedPoint(graph: Graph, rules: readonly Rule[]): Rewritten {
  const index = indexRules(rules);
  const total = new Map<string, number>();
  let current = graph;
  for (let sweep = 0; sweep < sweepLimit; sweep++) {
    const rewriter = new Rewriter(current.name, index);
    current = dropDead.run(rebuild(current, rewriter));
    for (const [name, count] of rewriter.fired) total.set(name, (total.get(name) ?? 0) + count);
    if (rewriter.fired.size === 0) break;
  }
  return { graph: current, fired: total };
}
