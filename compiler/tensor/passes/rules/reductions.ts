import { axisNames, hasAxis, isSubset, sizeOf, unionAxes } from '../../axes.js';
import type { Axis, HostScalar, Node, NodeId } from '../../ir.js';
import { type Factor, productOf, separateTerms, sumOf, type Term } from '../collect.js';
import type { Rewriter, Rule } from '../rewriter.js';

type Reduce = Extract<Node, { op: 'reduce' }>;

/** A rule on reductions; `over` holds the axes reduced. */
const reduceRule = (
  name: string,
  formula: string,
  rewrite: (g: Rewriter, node: Reduce, over: readonly Axis[]) => NodeId | null,
): Rule => ({
  name,
  formula,
  on: ['reduce'],
  rewrite: (g, node) => {
    if (node.op !== 'reduce') return null;
    return rewrite(
      g,
      node,
      g.axesOf(node.arg).filter(axis => node.over.includes(axis.name)),
    );
  },
});

const lacksAll = (g: Rewriter, id: NodeId, over: readonly Axis[]) =>
  over.every(axis => !hasAxis(g.axesOf(id), axis.name));

const merged = reduceRule('reduce-nested', 'Σ_a Σ_b x = Σ_ab x, max likewise', (g, node, over) => {
  const inner = g.node(node.arg);
  if (inner.op !== 'reduce' || inner.combine !== node.combine) return null;
  const innerOver = g.axesOf(inner.arg).filter(axis => inner.over.includes(axis.name));
  return g.reduce(node.combine, inner.arg, [...over, ...innerOver]);
});

/** The axes that decide where a term is summed: those summed over, and the sample axes. */
const placeOf = (g: Rewriter, id: NodeId, over: readonly Axis[]): string =>
  axisNames(
    g.axesOf(id).filter(axis => axis.kind === 'sample' || over.some(({ name }) => name === axis.name)),
  ).join(' ');

const splitTerms = reduceRule(
  'sum-split-terms',
  'Σ_f (x_kf + y_f) = Σ_f x_kf + Σ_f y_f: what lacks a sample axis is summed without it',
  (g, node, over) => {
    if (node.combine !== 'sum') return null;
    const place = (id: NodeId) => placeOf(g, id, over);
    const terms = separateTerms(g, node.arg, place);
    const places = [...new Set(terms.map(term => place(term.node)))];
    if (places.length < 2) return null;
    return places
      .map(name => terms.filter(term => place(term.node) === name))
      .map(group => g.reduce('sum', sumOf(g, group), over))
      .reduce((sum, part) => g.apply('add', sum, part));
  },
);

/**
 * Factors through products and signs, and through a quotient only where it is the whole body: a normalised weight is
 * shared as it stands, and is not worth taking apart.
 */
function bodyFactors(g: Rewriter, id: NodeId, isWhole: boolean): readonly Factor[] {
  const product = g.pair('multiply', id);
  const quotient = isWhole ? g.pair('divide', id) : null;
  const negated = g.under('negate', id);
  if (product) return product.flatMap(factor => bodyFactors(g, factor, false));
  if (negated !== null) return [{ node: g.constant(-1), exponent: 1 }, ...bodyFactors(g, negated, isWhole)];
  if (!quotient) return [{ node: id, exponent: 1 }];
  const [numerator, denominator] = quotient;
  return [...bodyFactors(g, numerator, false), { node: denominator, exponent: -1 }];
}

/** Constants and signs, too: they are factors without axes. */
const pullFactors = reduceRule('sum-pull-factors', 'Σ_k c · x_k = c · Σ_k x_k', (g, node, over) => {
  if (node.combine !== 'sum') return null;
  const factors = bodyFactors(g, node.arg, true);
  const isOutside = (factor: Factor) => lacksAll(g, factor.node, over);
  const [outside, inside] = [factors.filter(isOutside), factors.filter(factor => !isOutside(factor))];
  if (outside.length === 0) return null;
  const sum = g.reduce('sum', productOf(g, { coefficient: 1, factors: inside }), over);
  return g.apply('multiply', productOf(g, { coefficient: 1, factors: outside }), sum);
});

/** The factors of a product, through multiplications only. */
function multiplied(g: Rewriter, id: NodeId): readonly NodeId[] {
  const pair = g.pair('multiply', id);
  return pair ? pair.flatMap(factor => multiplied(g, factor)) : [id];
}

const product = (g: Rewriter, factors: readonly NodeId[]) =>
  factors.reduce((left, right) => g.apply('multiply', left, right));

/**
 * A product that is larger than each of its factors is never made: its factors fall into two groups, one that fits into
 * the axes of the largest factor and the rest, and the sum of their product is a matrix product or narrower sums.
 */
const unexpand = reduceRule('sum-of-products', 'Σ_c a_bc · w_cf = contract(a, w)', (g, node, over) => {
  if (node.combine !== 'sum') return null;
  const factors = multiplied(g, node.arg);
  const axes = g.axesOf(node.arg);
  if (factors.length < 2 || factors.some(factor => isSubset(axes, g.axesOf(factor)))) return null;
  const largest = factors.reduce((a, b) => (sizeOf(g.axesOf(b)) > sizeOf(g.axesOf(a)) ? b : a));
  const fits = (factor: NodeId) => isSubset(g.axesOf(factor), g.axesOf(largest));
  const [left, right] = [factors.filter(fits), factors.filter(factor => !fits(factor))];
  const rightAxes = unionAxes(right.map(factor => g.axesOf(factor)));
  const shared = over.filter(axis => hasAxis(g.axesOf(largest), axis.name) && hasAxis(rightAxes, axis.name));
  const [leftProduct, rightProduct] = [product(g, left), product(g, right)];
  const narrows = over.length > shared.length;
  if (!narrows && !g.isMatrixProduct(leftProduct, rightProduct, over)) return null;
  return g.sumProduct(leftProduct, rightProduct, over);
});

const pullShift = reduceRule('max-pull-terms', 'max_k (x_k + c) = max_k(x_k) + c', (g, node, over) => {
  if (node.combine !== 'max') return null;
  const isOutside = ({ node: term }: Term) => lacksAll(g, term, over);
  const terms = separateTerms(g, node.arg, id => String(lacksAll(g, id, over)));
  const outside = terms.filter(isOutside);
  if (outside.length === 0) return null;
  const inside = terms.filter(term => !isOutside(term));
  return g.apply('add', g.reduce('max', sumOf(g, inside), over), sumOf(g, outside));
});

const contractConstants: Rule = {
  name: 'contract-constants',
  formula: 'contract(c · x, y) = c · contract(x, y), signs likewise',
  on: ['contract'],
  rewrite: (g, node) => {
    if (node.op !== 'contract') return null;
    const over = g.axesOf(node.left).filter(axis => node.over.includes(axis.name));
    const split = (id: NodeId): readonly [number, NodeId] => {
      const negated = g.under('negate', id);
      return negated === null ? (g.scaled(id) ?? [1, id]) : [-1, negated];
    };
    const [[a, left], [b, right]] = [split(node.left), split(node.right)];
    return a * b === 1 ? null : g.scale(a * b, g.sumProduct(left, right, over));
  },
};

const contractForm: Rule = {
  name: 'contract-form',
  formula: 'a contraction that is no matrix product is a sum of products',
  on: ['contract'],
  rewrite: (g, node) => {
    if (node.op !== 'contract') return null;
    const over = g.axesOf(node.left).filter(axis => node.over.includes(axis.name));
    if (g.isMatrixProduct(node.left, node.right, over)) return null;
    return g.reduce('sum', g.apply('multiply', node.left, node.right), over);
  },
};

const renameChain: Rule = {
  name: 'rename-chain',
  formula: 'rename(rename(x, a → b), b → c) = rename(x, a → c)',
  on: ['rename'],
  rewrite: (g, node) => {
    if (node.op !== 'rename') return null;
    const inner = g.node(node.arg);
    return inner.op === 'rename' && inner.to === node.from ? g.rename(inner.arg, inner.from, node.to) : null;
  },
};

const stopConstant: Rule = {
  name: 'stop-underived',
  formula: 'stop of what has no derivative is itself',
  on: ['stop'],
  rewrite: (g, node) => {
    if (node.op !== 'stop') return null;
    const underived: readonly Node['op'][] = ['constant', 'host', 'dataset', 'noise', 'index', 'stop'];
    return underived.includes(g.node(node.arg).op) ? node.arg : null;
  },
};

/** The host's formula for a node that is one, else null. */
function hostScalar(g: Rewriter, id: NodeId): HostScalar | null {
  const node = g.node(id);
  if (node.op === 'host') return node.value;
  return node.op === 'constant' ? { kind: 'constant', value: node.value } : null;
}

const foldHost: Rule = {
  name: 'fold-host',
  formula: 'an operation on host scalars is a host scalar',
  on: [
    'add',
    'subtract',
    'multiply',
    'divide',
    'negate',
    'power',
    'exp',
    'log',
    'sqrt',
    'square',
    'minimum',
    'maximum',
  ],
  rewrite: (g, node) => {
    if (node.op !== 'map') return null;
    const args = node.args.map(arg => hostScalar(g, arg));
    if (!args.every(arg => arg !== null) || args.every(arg => arg.kind === 'constant')) return null;
    return g.host({ kind: 'scalar', op: node.scalar, args });
  },
};

/** Axes that are summed over and the reductions that hold them move inward, and never outward. */
export const reductionRules: readonly Rule[] = [
  merged,
  splitTerms,
  pullFactors,
  unexpand,
  pullShift,
  contractConstants,
  contractForm,
  renameChain,
  stopConstant,
  foldHost,
];
