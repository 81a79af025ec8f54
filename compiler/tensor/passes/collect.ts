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
 * shared with its other users. So does a sum with a contraction in it: a layer and its bias are one result.
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
    const isLayer = (sum ?? difference ?? []).some(part => g.node(part).op === 'contract');
    return kinds.size > 1 && !isLayer ? parts : [{ coefficient: 1, node }];
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

/** `opens`: quotients and squares are taken apart here, though not below. */
function visitFactors(g: Rewriter, id: NodeId, exponent: number, opens: boolean, into: OpenProduct): void {
  const constant = g.constantValue(id);
  // A half power of a product is not the product of half powers where two of them are negative: it stays whole.
  const whole = Number.isInteger(exponent) && into.factors.length < leafLimit;
  const product = whole ? g.pair('multiply', id) : null;
  const negated = whole ? g.under('negate', id) : null;
  const quotient = whole && opens ? g.pair('divide', id) : null;
  const squared = whole && opens ? g.under('square', id) : null;
  const rooted = whole && exponent % 2 === 0 ? g.under('sqrt', id) : null;
  if (constant !== null && constant !== 0 && whole) into.coefficient *= constant ** exponent;
  else if (product) for (const factor of product) visitFactors(g, factor, exponent, false, into);
  else if (quotient) {
    visitFactors(g, quotient[0], exponent, false, into);
    visitFactors(g, quotient[1], -exponent, false, into);
  } else if (negated !== null) {
    into.coefficient *= (-1) ** exponent;
    visitFactors(g, negated, exponent, opens, into);
  } else if (squared !== null) visitFactors(g, squared, 2 * exponent, false, into);
  else if (rooted !== null) visitFactors(g, rooted, exponent / 2, false, into);
  else into.factors.push({ node: id, exponent });
}

/** The factors whose product is `id`: through products and signs, and through `id` itself if it is a quotient or square. */
export function factorsOf(g: Rewriter, id: NodeId): Product {
  const product: OpenProduct = { coefficient: 1, factors: [] };
  visitFactors(g, id, 1, true, product);
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

/** exp(s) ^ a · exp(t) ^ b = 1: the arguments add up to nothing. */
function exponentialsVanish(g: Rewriter, a: Factor, b: Factor): boolean {
  const [s, t] = [g.under('exp', a.node), g.under('exp', b.node)];
  if (s === null || t === null || a.node === b.node) return false;
  const times = (id: NodeId, exponent: number) =>
    termsOf(g, id).map(term => ({ ...term, coefficient: exponent * term.coefficient }));
  return mergeTerms([...times(s, a.exponent), ...times(t, b.exponent)]).length === 0;
}

/** Factors with equal nodes brought together, and whether some of them cancelled. */
interface Merged extends Product {
  readonly cancelled: boolean;
}

function mergeFactors(g: Rewriter, { coefficient, factors }: Product): Merged {
  const sums = new Map<NodeId, { sum: number; size: number }>();
  for (const { node, exponent } of factors) {
    const { sum, size } = sums.get(node) ?? { sum: 0, size: 0 };
    sums.set(node, { sum: sum + exponent, size: size + Math.abs(exponent) });
  }
  const opposed = [...sums.values()].some(({ sum, size }) => Math.abs(sum) < size);
  const left = [...sums]
    .filter(([, { sum }]) => sum !== 0)
    .map(([node, { sum }]) => ({ node, exponent: sum }));
  const vanished = left.find(a => left.some(b => exponentialsVanish(g, a, b)));
  const partner = vanished && left.find(b => exponentialsVanish(g, vanished, b));
  return {
    coefficient,
    factors: left.filter(factor => factor !== vanished && factor !== partner),
    cancelled: opposed || vanished !== undefined,
  };
}

/** The product with one copy of a factor taken apart. */
function withOpened(g: Rewriter, { coefficient, factors }: Product, factor: Factor): Product {
  const sign = Math.sign(factor.exponent);
  const opened = factorsOf(g, factor.node);
  return {
    coefficient: coefficient * opened.coefficient ** sign,
    factors: [
      ...factors.filter(other => other !== factor),
      { node: factor.node, exponent: factor.exponent - sign },
      ...opened.factors.map(({ node, exponent }) => ({ node, exponent: sign * exponent })),
    ],
  };
}

/**
 * The product with factors of opposite exponents cancelled, and pairs of exponentials whose arguments add up to nothing;
 * null if there is nothing to cancel. A quotient or a square among the factors is taken apart only where that lets
 * something cancel, and where several would do the one that leaves the fewest factors: quotients are shared, and an opened
 * one may divide by a power that underflows.
 */
export function cancelFactors(g: Rewriter, product: Product): Product | null {
  let current = mergeFactors(g, product);
  let cancelled = current.cancelled;
  for (;;) {
    const [best] = current.factors
      .filter(({ exponent }) => Number.isInteger(exponent))
      .map(factor => mergeFactors(g, withOpened(g, current, factor)))
      .filter(opened => opened.cancelled)
      .sort((a, b) => a.factors.length - b.factors.length);
    if (!best) return cancelled ? current : null;
    [current, cancelled] = [best, true];
  }
}
