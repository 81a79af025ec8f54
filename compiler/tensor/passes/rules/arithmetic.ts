import type { NodeId } from '../../ir.js';
import { cancelFactors, factorsOf, mergeTerms, productOf, sumOf, type Term, termsOf } from '../collect.js';
import { mapRule, type Rewriter, type Rule } from '../rewriter.js';

/** Constants first, then in order of making: `c · x` and `c + x` are the only forms that later rules look for. */
function isOutOfOrder(g: Rewriter, a: NodeId, b: NodeId): boolean {
  const [constantA, constantB] = [g.constantValue(a) !== null, g.constantValue(b) !== null];
  return constantA === constantB ? a > b : constantB;
}

/** The other argument where one of the two is `value`. */
function besides(g: Rewriter, value: number, a: NodeId, b: NodeId): NodeId | null {
  if (g.isConstant(a, value)) return b;
  return g.isConstant(b, value) ? a : null;
}

const collectTerms = (g: Rewriter, id: NodeId): NodeId | null => {
  const terms = termsOf(g, id);
  const merged = mergeTerms(terms);
  return merged.length < terms.length ? sumOf(g, merged) : null;
};

const cancel = (g: Rewriter, id: NodeId): NodeId | null => {
  const product = cancelFactors(g, factorsOf(g, id));
  return product && productOf(g, product);
};

/** c · a · u ± c · a · v = c · a · (u ± v), for one constant c up to its sign. */
function factorCommon(g: Rewriter, id: NodeId): NodeId | null {
  const node = g.node(id);
  if (node.op !== 'map') return null;
  const [[c, left], [d, right]] = [
    g.scaled(node.args[0]!) ?? [1, node.args[0]!],
    g.scaled(node.args[1]!) ?? [1, node.args[1]!],
  ];
  const [leftPair, rightPair] = [g.pair('multiply', left), g.pair('multiply', right)];
  if (!leftPair || !rightPair || Math.abs(c) !== Math.abs(d)) return null;
  const common = leftPair.find(factor => rightPair.includes(factor));
  if (common === undefined) return null;
  const other = (pair: readonly [NodeId, NodeId]) => (pair[0] === common ? pair[1] : pair[0]);
  const sign = node.scalar === 'add' ? c / d : -c / d;
  const inner = g.apply(sign > 0 ? 'add' : 'subtract', other(leftPair), other(rightPair));
  return g.scale(c, g.apply('multiply', common, inner));
}

const sumRules: readonly Rule[] = [
  mapRule('add-zero', 'x + 0 = x', ['add'], (g, a, b) => besides(g, 0, a, b)),
  mapRule('subtract-constant', 'x - c = (-c) + x', ['subtract'], (g, a, b) => {
    const constant = g.constantValue(b);
    if (constant === 0) return a;
    return constant === null ? null : g.apply('add', g.constant(-constant), a);
  }),
  mapRule('subtract-from-zero', '0 - x = -x', ['subtract'], (g, a, b) =>
    g.isConstant(a, 0) ? g.apply('negate', b) : null,
  ),
  {
    name: 'collect-terms',
    formula: '(a + b) - a = b, x + x = 2 · x, wherever a flattened sum gets shorter',
    on: ['add', 'subtract'],
    rewrite: (g, _node, id) => collectTerms(g, id),
  },
  {
    name: 'factor-common',
    formula: 'a · u + a · v = a · (u + v), differences likewise',
    on: ['add', 'subtract'],
    rewrite: (g, _node, id) => factorCommon(g, id),
  },
  mapRule('add-negated', 'a + (-b) = a - b', ['add'], (g, a, b) => {
    const [left, right] = [g.under('negate', a), g.under('negate', b)];
    if (right !== null) return g.apply('subtract', a, right);
    return left !== null ? g.apply('subtract', b, left) : null;
  }),
  mapRule('subtract-negated', 'a - (-b) = a + b, (-a) - b = -(a + b)', ['subtract'], (g, a, b) => {
    const [left, right] = [g.under('negate', a), g.under('negate', b)];
    if (right !== null) return g.apply('add', a, right);
    return left !== null ? g.apply('negate', g.apply('add', left, b)) : null;
  }),
  mapRule('negate-negated', '-(-x) = x', ['negate'], (g, a) => g.under('negate', a)),
  mapRule('negate-difference', '-(a - b) = b - a', ['negate'], (g, a) => {
    const difference = g.pair('subtract', a);
    return difference && g.apply('subtract', difference[1], difference[0]);
  }),
  mapRule('negate-scaled', '-(c · x) = (-c) · x', ['negate'], (g, a) => {
    const scaled = g.scaled(a);
    return scaled && g.scale(-scaled[0], scaled[1]);
  }),
  mapRule('add-order', 'arguments in canonical order', ['add'], (g, a, b) =>
    isOutOfOrder(g, a, b) ? g.apply('add', b, a) : null,
  ),
];

const productRules: readonly Rule[] = [
  mapRule('multiply-zero', '0 · x = 0', ['multiply'], (g, a, b) =>
    besides(g, 0, a, b) === null ? null : g.constant(0),
  ),
  mapRule('multiply-one', '1 · x = x', ['multiply'], (g, a, b) => besides(g, 1, a, b)),
  mapRule('multiply-minus-one', '(-1) · x = -x', ['multiply'], (g, a, b) => {
    const other = besides(g, -1, a, b);
    return other === null ? null : g.apply('negate', other);
  }),
  mapRule('multiply-order', 'arguments in canonical order', ['multiply'], (g, a, b) =>
    isOutOfOrder(g, a, b) ? g.apply('multiply', b, a) : null,
  ),
  {
    name: 'cancel-factors',
    formula: '(a · b) / b = a, exp(t) · exp(-t) = 1, in a flattened product',
    on: ['multiply', 'divide'],
    rewrite: (g, _node, id) => cancel(g, id),
  },
  mapRule(
    'multiply-constants',
    'c · (d · x) = (c d) · x, (c · x) · y = c · (x · y)',
    ['multiply'],
    (g, a, b) => {
      const constant = g.constantValue(a);
      const [left, right] = [g.scaled(a), g.scaled(b)];
      if (constant !== null) return right && g.scale(constant * right[0], right[1]);
      if (left) return g.scale(left[0], g.apply('multiply', left[1], b));
      return right && g.scale(right[0], g.apply('multiply', a, right[1]));
    },
  ),
  mapRule('multiply-negated', '(-a) · b = -(a · b), c · (-x) = (-c) · x', ['multiply'], (g, a, b) => {
    const [left, right] = [g.under('negate', a), g.under('negate', b)];
    const constant = g.constantValue(a);
    if (right !== null && constant !== null) return g.scale(-constant, right);
    if (right !== null) return g.apply('negate', g.apply('multiply', a, right));
    return left === null ? null : g.apply('negate', g.apply('multiply', left, b));
  }),
  mapRule('multiply-quotient', 'c · (d / x) = (c d) / x, x · (1 / y) = x / y', ['multiply'], (g, a, b) => {
    for (const [other, quotient] of [
      [a, g.pair('divide', b)],
      [b, g.pair('divide', a)],
    ] as const) {
      if (!quotient) continue;
      const [constant, numerator] = [g.constantValue(other), g.constantValue(quotient[0])];
      if (constant !== null && numerator !== null) {
        return g.apply('divide', g.constant(constant * numerator), quotient[1]);
      }
      if (constant === null && numerator !== null) {
        return g.scale(numerator, g.apply('divide', other, quotient[1]));
      }
    }
    return null;
  }),
  mapRule('multiply-itself', 'x · x = x²', ['multiply'], (g, a, b) =>
    a === b ? g.apply('square', a) : null,
  ),
  mapRule('multiply-mask', 'g · select(c, 1, 0) = select(c, g, 0)', ['multiply'], (g, a, b) => {
    for (const [other, mask] of [
      [a, g.node(b)],
      [b, g.node(a)],
    ] as const) {
      if (mask.op !== 'map' || mask.scalar !== 'select') continue;
      const [condition, yes, no] = [mask.args[0]!, mask.args[1]!, mask.args[2]!];
      if (g.isConstant(yes, 1) && g.isConstant(no, 0)) return g.apply('select', condition, other, no);
      if (g.isConstant(yes, 0) && g.isConstant(no, 1)) return g.apply('select', condition, yes, other);
    }
    return null;
  }),
  mapRule('divide-zero', '0 / x = 0', ['divide'], (g, a) => (g.isConstant(a, 0) ? a : null)),
  mapRule('divide-by-constant', 'x / c = (1 / c) · x', ['divide'], (g, a, b) => {
    const constant = g.constantValue(b);
    return constant === null || constant === 0 ? null : g.scale(1 / constant, a);
  }),
  mapRule('divide-by-host', 'x / h = (1 / h) · x, h known to the host', ['divide'], (g, a, b) => {
    const divisor = g.node(b);
    const dividend = g.node(a);
    if (divisor.op !== 'host' || dividend.op === 'host' || dividend.op === 'constant') return null;
    const args = [{ kind: 'constant', value: 1 }, divisor.value] as const;
    return g.apply('multiply', g.host({ kind: 'scalar', op: 'divide', args }), a);
  }),
  mapRule(
    'divide-constants',
    '(c · x) / y = c · (x / y), x / (c · y) = (1 / c) · (x / y)',
    ['divide'],
    (g, a, b) => {
      const [above, below] = [g.scaled(a), g.scaled(b)];
      if (above) return g.scale(above[0], g.apply('divide', above[1], b));
      return below && g.scale(1 / below[0], g.apply('divide', a, below[1]));
    },
  ),
  mapRule('divide-negated', '(-x) / y = -(x / y), x / (-y) = -(x / y)', ['divide'], (g, a, b) => {
    const [above, below] = [g.under('negate', a), g.under('negate', b)];
    if (above !== null) return g.apply('negate', g.apply('divide', above, b));
    return below === null ? null : g.apply('negate', g.apply('divide', a, below));
  }),
];

const powerOf = (g: Rewriter, a: NodeId, exponent: number): NodeId | null => {
  const reciprocal = (x: NodeId) => g.apply('divide', g.constant(1), x);
  switch (exponent) {
    case 0:
      return g.constant(1);
    case 1:
      return a;
    case 2:
      return g.apply('square', a);
    case 3:
      return g.apply('multiply', a, g.apply('square', a));
    case 4:
      return g.apply('square', g.apply('square', a));
    case 0.5:
      return g.apply('sqrt', a);
    case -0.5:
      return reciprocal(g.apply('sqrt', a));
    case -1:
      return reciprocal(a);
    case -2:
      return reciprocal(g.apply('square', a));
    default:
      return null;
  }
};

const powerRules: readonly Rule[] = [
  mapRule('power-constant', 'x ^ 2 = x², and so for 0, 1, 3, 4, 1/2, -1/2, -1, -2', ['power'], (g, a, b) => {
    const exponent = g.constantValue(b);
    return exponent === null ? null : powerOf(g, a, exponent);
  }),
  mapRule('square-sign', '(-x)² = |x|² = x²', ['square'], (g, a) => {
    const inner = g.under('negate', a) ?? g.under('abs', a);
    return inner === null ? null : g.apply('square', inner);
  }),
  mapRule('square-scaled', '(c · x)² = c² · x²', ['square'], (g, a) => {
    const scaled = g.scaled(a);
    return scaled && g.scale(scaled[0] ** 2, g.apply('square', scaled[1]));
  }),
  mapRule('square-root', '(√x)² = x', ['square'], (g, a) => g.under('sqrt', a)),
  mapRule('root-square', '√(x²) = |x|', ['sqrt'], (g, a) => {
    const inner = g.under('square', a);
    return inner === null ? null : g.apply('abs', inner);
  }),
  mapRule('root-exponential', '√(e^x) = e^(x / 2)', ['sqrt'], (g, a) => {
    const inner = g.under('exp', a);
    return inner === null ? null : g.apply('exp', g.scale(0.5, inner));
  }),
  mapRule('abs-negated', '|-x| = |x|', ['abs'], (g, a) => {
    const inner = g.under('negate', a);
    return inner === null ? null : g.apply('abs', inner);
  }),
];

/**
 * Beside a faster test it keeps one exact: the derivative of max_k v asks which v equals it, and where a term is pulled out
 * of the maximum alone, no v need be equal after rounding.
 */
const equalTerms = mapRule('equal-cancel-terms', 'a + c == b + c is a == b', ['equal'], (g, a, b) => {
  const [left, right] = [termsOf(g, a), termsOf(g, b)];
  const isIn = (terms: readonly Term[], { node, coefficient }: Term) =>
    terms.some(term => term.node === node && term.coefficient === coefficient);
  const shared = left.filter(term => isIn(right, term));
  if (shared.length === 0) return null;
  const rest = (terms: readonly Term[]) =>
    sumOf(
      g,
      terms.filter(term => !isIn(shared, term)),
    );
  return g.apply('equal', rest(left), rest(right));
});

export const arithmeticRules: readonly Rule[] = [equalTerms, ...sumRules, ...productRules, ...powerRules];
