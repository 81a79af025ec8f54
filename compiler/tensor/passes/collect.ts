import type { NodeId } from '../ir.js';
import type { Rewriter } from './rewriter.js';

/*
 * Sums and products seen flat. Flattening loses what is shared below a node, so the rules that use it rewrite only where
 * something cancels, or moves out of a reduction.
 */

/** Flattening a long sum at each of its nodes would be quadratic. */
const leafLimit = 24;
/** 0.1 + 0.2 - 0.3 is nothing. */
const roundoff = 1e-15;

/** coefficient · node; the constant c is c · the node of the constant 1. */
export interface Term {
  readonly coefficient: number;
  readonly node: NodeId;
}

/** node ^ exponent; exponents are multiples of 1/2. */
export interface Factor {
  readonly exponent: number;
  readonly node: NodeId;
}

function visitTerms(g: Rewriter, id: NodeId, coefficient: number, into: Term[]): void {
  const constant = g.constantValue(id);
  if (constant !== null) {
    into.push({ coefficient: coefficient * constant, node: g.constant(1) });
    return;
  }
  const sum = into.length < leafLimit ? g.pair('add', id) : null;
  const difference = into.length < leafLimit ? g.pair('subtract', id) : null;
  const negated = g.under('negate', id);
  const scaled = g.scaled(id);
  if (sum || difference) {
    const [a, b] = (sum ?? difference)!;
    visitTerms(g, a, coefficient, into);
    visitTerms(g, b, sum ? coefficient : -coefficient, into);
  } else if (negated !== null) visitTerms(g, negated, -coefficient, into);
  else if (scaled) visitTerms(g, scaled[1], coefficient * scaled[0], into);
  else into.push({ coefficient, node: id });
}

/** The terms whose sum is `id`, as they stand, through sums, differences and constant multiples. */
export function termsOf(g: Rewriter, id: NodeId): readonly Term[] {
  const terms: Term[] = [];
  visitTerms(g, id, 1, terms);
  return terms;
}

/**
 * As `termsOf`, but a sum is taken apart only where its parts differ in `kindOf`: what needs no separating stays one node,
 * shared with its other users.
 */
export function separateTerms(g: Rewriter, id: NodeId, kindOf: (node: NodeId) => string): readonly Term[] {
  const times = (terms: readonly Term[], factor: number) =>
    terms.map(({ coefficient, node }) => ({ coefficient: factor * coefficient, node }));
  const visit = (node: NodeId): readonly Term[] => {
    const constant = g.constantValue(node);
    const [sum, difference] = [g.pair('add', node), g.pair('subtract', node)];
    const [negated, scaled] = [g.under('negate', node), g.scaled(node)];
    let parts: readonly Term[] = [];
    if (constant !== null) return [{ coefficient: constant, node: g.constant(1) }];
    if (sum) parts = [...visit(sum[0]), ...visit(sum[1])];
    else if (difference) parts = [...visit(difference[0]), ...times(visit(difference[1]), -1)];
    else if (negated !== null) parts = times(visit(negated), -1);
    else if (scaled) parts = times(visit(scaled[1]), scaled[0]);
    const kinds = new Set(parts.map(part => kindOf(part.node)));
    return kinds.size > 1 ? parts : [{ coefficient: 1, node }];
  };
  return visit(id);
}

/** Equal nodes added up; terms that vanish are left out. */
export function mergeTerms(terms: readonly Term[]): readonly Term[] {
  const merged = new Map<NodeId, { sum: number; size: number }>();
  for (const { node, coefficient } of terms) {
    const { sum, size } = merged.get(node) ?? { sum: 0, size: 0 };
    merged.set(node, { sum: sum + coefficient, size: size + Math.abs(coefficient) });
  }
  return [...merged]
    .filter(([, { sum, size }]) => Math.abs(sum) > roundoff * size)
    .map(([node, { sum }]) => ({ node, coefficient: sum }));
}

/** Σ of the terms, those that are added first. */
export function sumOf(g: Rewriter, terms: readonly Term[]): NodeId {
  const [first, ...rest] = [...terms].sort((a, b) => Number(b.coefficient > 0) - Number(a.coefficient > 0));
  if (!first) return g.constant(0);
  return rest.reduce(
    (sum, { coefficient, node }) =>
      coefficient === -1 ? g.apply('subtract', sum, node) : g.apply('add', sum, g.scale(coefficient, node)),
    g.scale(first.coefficient, first.node),
  );
}

/** A product: coefficient · Π node ^ exponent. */
export interface Product {
  readonly coefficient: number;
  readonly factors: readonly Factor[];
}

interface OpenProduct {
  coefficient: number;
  readonly factors: Factor[];
}

function visitFactors(g: Rewriter, id: NodeId, exponent: number, into: OpenProduct): void {
  const constant = g.constantValue(id);
  // A half power of a product is not the product of half powers where two of them are negative: it stays whole.
  const open = Number.isInteger(exponent) && into.factors.length < leafLimit;
  const product = open ? g.pair('multiply', id) : null;
  const quotient = open ? g.pair('divide', id) : null;
  const negated = open ? g.under('negate', id) : null;
  const squared = open ? g.under('square', id) : null;
  const rooted = open ? g.under('sqrt', id) : null;
  if (constant !== null && constant !== 0 && open) into.coefficient *= constant ** exponent;
  else if (product || quotient) {
    const [a, b] = (product ?? quotient)!;
    visitFactors(g, a, exponent, into);
    visitFactors(g, b, product ? exponent : -exponent, into);
  } else if (negated !== null) {
    into.coefficient *= (-1) ** exponent;
    visitFactors(g, negated, exponent, into);
  } else if (squared !== null) visitFactors(g, squared, 2 * exponent, into);
  else if (rooted !== null) visitFactors(g, rooted, exponent / 2, into);
  else into.factors.push({ node: id, exponent });
}

/** The factors whose product is `id`, through products, quotients, signs, squares and roots. */
export function factorsOf(g: Rewriter, id: NodeId): Product {
  const product: OpenProduct = { coefficient: 1, factors: [] };
  visitFactors(g, id, 1, product);
  return product;
}

/** node ^ exponent for an exponent > 0. */
function raised(g: Rewriter, { node, exponent }: Factor): NodeId {
  if (exponent === 1) return node;
  if (exponent === 0.5) return g.apply('sqrt', node);
  if (exponent % 2 === 0) return g.apply('square', raised(g, { node, exponent: exponent / 2 }));
  const step = exponent % 1 === 0 ? 1 : 0.5;
  return g.apply(
    'multiply',
    raised(g, { node, exponent: step }),
    raised(g, { node, exponent: exponent - step }),
  );
}

/** Π of the factors: numerator / denominator. */
export function productOf(g: Rewriter, { coefficient, factors }: Product): NodeId {
  const multiplied = (list: readonly NodeId[]) =>
    list.length === 0 ? null : list.reduce((product, node) => g.apply('multiply', product, node));
  const above = factors.filter(factor => factor.exponent > 0).map(factor => raised(g, factor));
  const below = factors
    .filter(factor => factor.exponent < 0)
    .map(({ node, exponent }) => raised(g, { node, exponent: -exponent }));
  const numerator = multiplied(above) ?? g.constant(1);
  const denominator = multiplied(below);
  return g.scale(coefficient, denominator === null ? numerator : g.apply('divide', numerator, denominator));
}

/** Π of these exponentials is 1: their arguments add up to nothing. */
function exponentialsVanish(g: Rewriter, exponentials: readonly Factor[]): boolean {
  const terms = exponentials.flatMap(({ node, exponent }) =>
    termsOf(g, g.under('exp', node)!).map(term => ({ ...term, coefficient: exponent * term.coefficient })),
  );
  return exponentials.length > 1 && mergeTerms(terms).length === 0;
}

/**
 * The product with factors of opposite exponents cancelled, and exponentials whose arguments add up to nothing dropped;
 * null if there is nothing to cancel.
 */
export function cancelFactors(g: Rewriter, product: Product): Product | null {
  const sums = new Map<NodeId, { sum: number; size: number }>();
  for (const { node, exponent } of product.factors) {
    const { sum, size } = sums.get(node) ?? { sum: 0, size: 0 };
    sums.set(node, { sum: sum + exponent, size: size + Math.abs(exponent) });
  }
  const opposed = [...sums.values()].some(({ sum, size }) => Math.abs(sum) < size);
  const factors = [...sums]
    .filter(([, { sum }]) => sum !== 0)
    .map(([node, { sum }]) => ({ node, exponent: sum }));
  const exponentials = factors.filter(({ node }) => g.under('exp', node) !== null);
  const vanish = exponentialsVanish(g, exponentials);
  if (!opposed && !vanish) return null;
  return {
    coefficient: product.coefficient,
    factors: vanish ? factors.filter(factor => !exponentials.includes(factor)) : factors,
  };
}
