import type { NodeId } from '../../ir.js';
import { mergeTerms, termsOf } from '../collect.js';
import { mapRule, type Rewriter, type Rule } from '../rewriter.js';

/** x where `id` is c + x, else null. */
const plusConstant = (g: Rewriter, constant: number, id: NodeId): NodeId | null => {
  const sum = g.pair('add', id);
  return sum && g.isConstant(sum[0], constant) ? sum[1] : null;
};

/** x where `id` is c - x, else null. */
const fromConstant = (g: Rewriter, constant: number, id: NodeId): NodeId | null => {
  const difference = g.pair('subtract', id);
  return difference && g.isConstant(difference[0], constant) ? difference[1] : null;
};

const logSigmoid = (g: Rewriter, x: NodeId) => g.apply('negate', g.apply('softplus', g.apply('negate', x)));

const logRules: readonly Rule[] = [
  mapRule('log-exp', 'log(e^x) = x', ['log'], (g, a) => g.under('exp', a)),
  mapRule('log-sigmoid', 'log σ(x) = -softplus(-x)', ['log'], (g, a) => {
    const inner = g.under('sigmoid', a);
    return inner === null ? null : logSigmoid(g, inner);
  }),
  mapRule('log-root', 'log √x = log(x) / 2', ['log'], (g, a) => {
    const inner = g.under('sqrt', a);
    return inner === null ? null : g.scale(0.5, g.apply('log', inner));
  }),
  mapRule('log-scaled', 'log(c · x) = log(c) + log(x) for c > 0', ['log'], (g, a) => {
    const scaled = g.scaled(a);
    if (!scaled || scaled[0] <= 0) return null;
    return g.apply('add', g.constant(Math.log(scaled[0])), g.apply('log', scaled[1]));
  }),
  mapRule('log-reciprocal', 'log(c / x) = log(c) - log(x) for c > 0', ['log'], (g, a) => {
    const quotient = g.pair('divide', a);
    const constant = quotient && g.constantValue(quotient[0]);
    if (!quotient || constant === null || constant <= 0) return null;
    return g.apply('subtract', g.constant(Math.log(constant)), g.apply('log', quotient[1]));
  }),
  mapRule('log-product-exp', 'log(x · e^t) = log(x) + t', ['log'], (g, a) => {
    const product = g.pair('multiply', a);
    if (!product) return null;
    const [left, right] = product;
    const [leftExponent, rightExponent] = [g.under('exp', left), g.under('exp', right)];
    if (rightExponent !== null) return g.apply('add', g.apply('log', left), rightExponent);
    return leftExponent === null ? null : g.apply('add', leftExponent, g.apply('log', right));
  }),
  mapRule('log-one-plus', 'log(1 + x) = log1p(x)', ['log'], (g, a) => {
    const inner = plusConstant(g, 1, a);
    return inner === null ? null : g.apply('log1p', inner);
  }),
  mapRule('log-one-minus', 'log(1 - x) = log1p(-x)', ['log'], (g, a) => {
    const inner = fromConstant(g, 1, a);
    return inner === null ? null : g.apply('log1p', g.apply('negate', inner));
  }),
  mapRule('log1p-exp', 'log(1 + e^x) = softplus(x)', ['log1p'], (g, a) => {
    const inner = g.under('exp', a);
    return inner === null ? null : g.apply('softplus', inner);
  }),
  mapRule('log1p-sigmoid', 'log(1 - σ(x)) = -softplus(x)', ['log1p'], (g, a) => {
    const negated = g.under('negate', a);
    const inner = negated === null ? null : g.under('sigmoid', negated);
    return inner === null ? null : g.apply('negate', g.apply('softplus', inner));
  }),
  mapRule('log1p-expm1', 'log1p(expm1(x)) = x', ['log1p'], (g, a) => g.under('expm1', a)),
];

/** A maximum, or a sum that holds one, stopped or not. */
function holdsMaximum(g: Rewriter, id: NodeId): boolean {
  const node = g.node(id);
  if (node.op === 'stop') return termsOf(g, node.arg).some(term => holdsMaximum(g, term.node));
  return node.op === 'reduce' && node.combine === 'max';
}

/** `id` already has a maximum taken off it. */
const isShiftedByMaximum = (g: Rewriter, id: NodeId): boolean =>
  mergeTerms(termsOf(g, id)).some(({ coefficient, node }) => coefficient < 0 && holdsMaximum(g, node));

/**
 * log Σ e^x = m + log Σ e^(x - m) with m = max x, which overflows nowhere. m is stopped: the sum's derivative with respect
 * to it is zero.
 */
const logSumExp = mapRule('log-sum-exp', 'log Σ e^x = m + log Σ e^(x - m), m = max x', ['log'], (g, a) => {
  const sum = g.node(a);
  if (sum.op !== 'reduce' || sum.combine !== 'sum') return null;
  const exponent = g.under('exp', sum.arg);
  if (exponent === null || isShiftedByMaximum(g, exponent)) return null;
  const axes = g.axesOf(exponent).filter(axis => sum.over.includes(axis.name));
  const largest = g.stop(g.reduce('max', exponent, axes));
  const shifted = g.apply('exp', g.apply('subtract', exponent, largest));
  return g.apply('add', largest, g.apply('log', g.reduce('sum', shifted, axes)));
});

const exponentialRules: readonly Rule[] = [
  mapRule('exp-log', 'e^(log x) = x', ['exp'], (g, a) => g.under('log', a)),
  mapRule('exp-minus-log', 'e^(-log x) = 1 / x', ['exp'], (g, a) => {
    const negated = g.under('negate', a);
    const inner = negated === null ? null : g.under('log', negated);
    return inner === null ? null : g.apply('divide', g.constant(1), inner);
  }),
  mapRule('exp-log1p', 'e^(log1p x) = 1 + x', ['exp'], (g, a) => {
    const inner = g.under('log1p', a);
    return inner === null ? null : g.apply('add', g.constant(1), inner);
  }),
  mapRule('exp-minus-one', '-1 + e^x = expm1(x)', ['add'], (g, a, b) => {
    const inner = g.isConstant(a, -1) ? g.under('exp', b) : null;
    return inner === null ? null : g.apply('expm1', inner);
  }),
  mapRule('expm1-log1p', 'expm1(log1p(x)) = x', ['expm1'], (g, a) => g.under('log1p', a)),
];

const choiceRules: readonly Rule[] = [
  mapRule('select-known', 'select of a constant condition, or between equals', ['select'], (g, a, b, c) => {
    if (b === c) return b;
    const condition = g.constantValue(a);
    if (condition === null) return null;
    return condition !== 0 ? b : c;
  }),
  mapRule('extreme-of-itself', 'min(x, x) = max(x, x) = x', ['minimum', 'maximum'], (_g, a, b) =>
    a === b ? a : null,
  ),
];

export const functionRules: readonly Rule[] = [...logRules, logSumExp, ...exponentialRules, ...choiceRules];
