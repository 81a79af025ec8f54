import * as lanes from './lanes.js';
import { unary } from './row.js';

/*
 * WGSL has no log1p and no expm1; its log is only good to 2^-21 absolutely near 1, its tanh may be computed as a quotient
 * of exponentials that overflow, and a driver may assume that no infinity arises. The functions below use exp only where
 * it cannot overflow, and a series where a difference of nearly equal numbers would lose digits.
 */

const tanhPrelude = `fn scalar_tanh(x: f32) -> f32 {
  // |x| < 1: Lambert's continued fraction, five levels, relative error below 2e-7. Else (e - 1) / (e + 1), e = exp(2x);
  // tanh(9.02) rounds to 1.
  let s = x * x;
  let e = exp(2.0 * clamp(x, -9.02, 9.02));
  let small = abs(x) < 1.0;
  let numerator = select(e - 1.0, x * (945.0 + s * (105.0 + s)), small);
  let denominator = select(e + 1.0, 945.0 + s * (420.0 + s * 15.0), small);
  return numerator / denominator;
}`;

const sigmoidPrelude = `fn scalar_sigmoid(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}`;

/** log(1 + t) = 2 atanh(s) = 2 (s + s³/3 + s⁵/5 + …), s = t / (2 + t): for t in [0, 1], s <= 1/3 and 8 terms do. */
const softplusPrelude = `fn scalar_softplus(x: f32) -> f32 {
  let t = exp(-abs(x));
  let s = t / (2.0 + t);
  let q = s * s;
  var p = 0.06666667;
  p = p * q + 0.07692308;
  p = p * q + 0.09090909;
  p = p * q + 0.11111111;
  p = p * q + 0.14285715;
  p = p * q + 0.2;
  p = p * q + 0.33333334;
  return max(x, 0.0) + 2.0 * (s + s * q * p);
}`;

const log1pPrelude = `fn scalar_log1p(x: f32) -> f32 {
  // The series of softplus in [-0.3, 0.5], where |s| <= 0.2.
  if (x < -0.3 || x > 0.5) { return log(1.0 + x); }
  let s = x / (2.0 + x);
  let q = s * s;
  var p = 0.09090909;
  p = p * q + 0.11111111;
  p = p * q + 0.14285715;
  p = p * q + 0.2;
  p = p * q + 0.33333334;
  return 2.0 * (s + s * q * p);
}`;

const expm1Prelude = `fn scalar_expm1(x: f32) -> f32 {
  // |x| <= 1/2: x + x²/2! + … + x⁸/8!, relative error below 2e-8.
  if (abs(x) > 0.5) { return exp(x) - 1.0; }
  var p = 0.0000248015876;
  p = p * x + 0.000198412701;
  p = p * x + 0.00138888892;
  p = p * x + 0.00833333377;
  p = p * x + 0.0416666679;
  p = p * x + 0.166666672;
  p = p * x + 0.5;
  return x + x * x * p;
}`;

const sigmoid = (a: number) => {
  const e = Math.exp(-Math.abs(a));
  return (a >= 0 ? 1 : e) / (1 + e);
};

/**
 * log 1e-30. The products of a smaller weight are subnormal numbers, which a CPU computes with many times slower and a GPU
 * rounds to zero; next to weights that add up to at least 1 it is nothing.
 */
const lowestLogWeight = -69;

const expWeightPrelude = `fn scalar_exp_weight(x: f32) -> f32 {
  return select(exp(x), 0.0, x < ${lowestLogWeight.toFixed(1)});
}`;

const anyReal = [-1e4, 1e4] as const;
/** exp(88.7) is the largest finite f32. */
const belowOverflow = [-1e4, 88] as const;

export const transcendental = {
  exp: unary({
    doc: 'e ^ a',
    evaluate: Math.exp,
    derivative: (_algebra, _a, result) => result,
    wgsl: a => `exp(${a})`,
    wat: lanes.exp,
    cost: 'transcendental',
    // WGSL allows 3 + 2 |a| units in the last place.
    test: {
      domain: [[-20, 20]],
      finite: [belowOverflow],
      relative: 6e-6,
      absolute: 1e-37,
      vector: { units: 1.1 },
    },
  }),
  exp_weight: unary({
    doc: 'e ^ a, and 0 where that is below 1e-30: an unnormalised importance weight',
    evaluate: a => (a < lowestLogWeight ? 0 : Math.exp(a)),
    derivative: (_algebra, _a, result) => result,
    wgsl: a => `scalar_exp_weight(${a})`,
    wgslPrelude: expWeightPrelude,
    wat: (algebra, a) => lanes.expAbove(algebra, a, lowestLogWeight),
    cost: 'transcendental',
    test: {
      domain: [[-60, 0]],
      finite: [belowOverflow],
      relative: 2e-5,
      absolute: 1e-37,
      vector: { units: 1.1 },
    },
  }),
  expm1: unary({
    doc: 'e ^ a - 1, accurate near 0',
    evaluate: Math.expm1,
    derivative: (algebra, a) => algebra.apply('exp', a),
    wgsl: a => `scalar_expm1(${a})`,
    wgslPrelude: expm1Prelude,
    wat: lanes.expm1,
    cost: 'transcendental',
    test: {
      domain: [[-10, 10]],
      finite: [belowOverflow],
      relative: 4e-6,
      absolute: 1e-37,
      vector: { units: 1.8 },
    },
  }),
  log: unary({
    doc: 'natural logarithm; a > 0',
    evaluate: Math.log,
    derivative: (algebra, a) => algebra.apply('divide', algebra.constant(1), a),
    wgsl: a => `log(${a})`,
    wat: lanes.log,
    cost: 'transcendental',
    // WGSL: 2^-21 absolutely in [0.5, 2], 3 units in the last place elsewhere.
    test: {
      domain: [[1e-3, 1e3]],
      finite: [[1e-30, 1e4]],
      relative: 1e-6,
      absolute: 1e-6,
      vector: { units: 0.9 },
    },
  }),
  log1p: unary({
    doc: 'log(1 + a), accurate near 0; a > -1',
    evaluate: Math.log1p,
    derivative: (algebra, a) =>
      algebra.apply('divide', algebra.constant(1), algebra.apply('add', algebra.constant(1), a)),
    wgsl: a => `scalar_log1p(${a})`,
    wgslPrelude: log1pPrelude,
    wat: lanes.log1p,
    cost: 'transcendental',
    test: {
      domain: [[-0.9, 10]],
      finite: [[-0.999, 1e4]],
      relative: 4e-6,
      absolute: 1e-37,
      vector: { units: 1.3 },
    },
  }),
  tanh: unary({
    doc: 'hyperbolic tangent',
    evaluate: Math.tanh,
    // tanh' = 1 - tanh²
    derivative: (algebra, _, result) =>
      algebra.apply('subtract', algebra.constant(1), algebra.apply('square', result)),
    wgsl: a => `scalar_tanh(${a})`,
    wgslPrelude: tanhPrelude,
    wat: lanes.tanh,
    cost: 'transcendental',
    test: { domain: [[-10, 10]], finite: [anyReal], relative: 2e-6, absolute: 1e-37, vector: { units: 1.4 } },
  }),
  sigmoid: unary({
    doc: '1 / (1 + e ^ -a)',
    evaluate: sigmoid,
    // σ' = σ (1 - σ)
    derivative: (algebra, _, result) =>
      algebra.apply('multiply', result, algebra.apply('subtract', algebra.constant(1), result)),
    wgsl: a => `scalar_sigmoid(${a})`,
    wgslPrelude: sigmoidPrelude,
    wat: lanes.sigmoid,
    cost: 'transcendental',
    test: { domain: [[-20, 20]], finite: [anyReal], relative: 8e-6, absolute: 1e-37, vector: { units: 1.8 } },
  }),
  softplus: unary({
    doc: 'log(1 + e ^ a)',
    // log(1 + e^a) = max(a, 0) + log1p(e^-|a|)
    evaluate: a => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))),
    derivative: (algebra, a) => algebra.apply('sigmoid', a),
    wgsl: a => `scalar_softplus(${a})`,
    wgslPrelude: softplusPrelude,
    wat: lanes.softplus,
    cost: 'transcendental',
    test: { domain: [[-20, 20]], finite: [anyReal], relative: 8e-6, absolute: 1e-37, vector: { units: 2 } },
  }),
  sin: unary({
    doc: 'sine',
    evaluate: Math.sin,
    derivative: (algebra, a) => algebra.apply('cos', a),
    wgsl: a => `sin(${a})`,
    wat: lanes.sin,
    cost: 'transcendental',
    // WGSL promises 2^-11 absolutely, and only in [-π, π].
    test: {
      domain: [[-3.14, 3.14]],
      finite: [anyReal],
      relative: 0,
      absolute: 2 ** -11,
      vector: { absolute: 1.2e-7 },
    },
  }),
  cos: unary({
    doc: 'cosine',
    evaluate: Math.cos,
    derivative: (algebra, a) => algebra.apply('negate', algebra.apply('sin', a)),
    wgsl: a => `cos(${a})`,
    wat: lanes.cos,
    cost: 'transcendental',
    test: {
      domain: [[-3.14, 3.14]],
      finite: [anyReal],
      relative: 0,
      absolute: 2 ** -11,
      vector: { absolute: 1.2e-7 },
    },
  }),
};
