import * as lanes from './lanes.js';
import { binary, unary } from './row.js';

const reals = [-10, 10] as const;
const anyReal = [-1e4, 1e4] as const;
const exact = { relative: 2 ** -22, absolute: 1e-6 };

/**
 * WGSL leaves pow undefined for a negative base and for 0 ** y, y <= 0, and drivers compute exp2(y · log2 x): the sign
 * of an odd whole exponent, the base 0 and the exponent 0 are handled here.
 */
const powerPrelude = `fn scalar_power(x: f32, y: f32) -> f32 {
  if (y == 0.0) { return 1.0; }
  if (x == 0.0) { return 0.0; }
  let magnitude = exp2(y * log2(abs(x)));
  let odd = floor(y) == y && floor(y * 0.5) != y * 0.5;
  return select(magnitude, -magnitude, x < 0.0 && odd);
}`;

/** The largest number of 16 bits, the smallest normal one, and the distance of those below it. */
const largestHalf = 65504;
const smallestHalf = 2 ** -14;
const halfStep = 2 ** -24;

/** To the nearest number with 11 significant bits, ties to even: IEEE 754 binary16. */
function toHalf(a: number): number {
  const bounded = Math.max(-largestHalf, Math.min(largestHalf, a));
  const magnitude = Math.abs(bounded);
  const step = magnitude < smallestHalf ? halfStep : 2 ** (Math.floor(Math.log2(magnitude)) - 10);
  const scaled = magnitude / step;
  const below = Math.floor(scaled);
  const rest = scaled - below;
  const isUp = rest > 0.5 || (rest === 0.5 && below % 2 === 1);
  return Math.sign(bounded) * step * (below + (isUp ? 1 : 0));
}

/** WGSL's sign and abs are exact; sign(-0) is 0 on every device. */
const signOf = (a: number) => (a > 0 ? 1 : a < 0 ? -1 : 0);

export const arithmetic = {
  add: binary({
    doc: 'a + b',
    evaluate: (a, b) => a + b,
    derivative: algebra => [algebra.constant(1), algebra.constant(1)],
    wgsl: (a, b) => `(${a} + ${b})`,
    wat: (v, a, b) => v.add(a, b),
    cost: 'cheap',
    test: { domain: [reals, reals], finite: [anyReal, anyReal], ...exact },
  }),
  subtract: binary({
    doc: 'a - b',
    evaluate: (a, b) => a - b,
    derivative: algebra => [algebra.constant(1), algebra.constant(-1)],
    wgsl: (a, b) => `(${a} - ${b})`,
    wat: (v, a, b) => v.subtract(a, b),
    cost: 'cheap',
    test: { domain: [reals, reals], finite: [anyReal, anyReal], ...exact },
  }),
  multiply: binary({
    doc: 'a · b',
    evaluate: (a, b) => a * b,
    derivative: (_, a, b) => [b, a],
    wgsl: (a, b) => `(${a} * ${b})`,
    wat: (v, a, b) => v.multiply(a, b),
    cost: 'cheap',
    test: { domain: [reals, reals], finite: [anyReal, anyReal], ...exact },
  }),
  divide: binary({
    doc: 'a / b; b is not 0',
    evaluate: (a, b) => a / b,
    // d(a/b) = da / b - (a/b) / b · db
    derivative: (algebra, _, b, result) => [
      algebra.apply('divide', algebra.constant(1), b),
      algebra.apply('negate', algebra.apply('divide', result, b)),
    ],
    wgsl: (a, b) => `(${a} / ${b})`,
    wat: (v, a, b) => v.divide(a, b),
    cost: 'cheap',
    // WGSL allows 2.5 units in the last place.
    test: { domain: [reals, [0.1, 10]], finite: [anyReal, [1e-30, 1e4]], relative: 2 ** -21, absolute: 0 },
  }),
  negate: unary({
    doc: '-a',
    evaluate: a => -a,
    derivative: algebra => algebra.constant(-1),
    wgsl: a => `(-(${a}))`,
    wat: (v, a) => v.negate(a),
    cost: 'cheap',
    test: { domain: [reals], finite: [anyReal], relative: 0, absolute: 0 },
  }),
  power: binary({
    doc: 'a ^ b, for a > 0; also for a = 0 with b >= 0, and for a < 0 with a whole b',
    evaluate: (a, b) => a ** b,
    // d(a^b) = b a^(b-1) da + a^b log(a) db; the second is 0 at a <= 0, where b cannot move
    derivative: (algebra, a, b, result) => {
      const base = algebra.apply(
        'select',
        algebra.apply('less', algebra.constant(0), a),
        a,
        algebra.constant(1),
      );
      return [
        algebra.apply(
          'multiply',
          b,
          algebra.apply('power', a, algebra.apply('subtract', b, algebra.constant(1))),
        ),
        algebra.apply('multiply', result, algebra.apply('log', base)),
      ];
    },
    wgsl: (a, b) => `scalar_power(${a}, ${b})`,
    wgslPrelude: powerPrelude,
    wat: lanes.power,
    cost: 'transcendental',
    // The error of log2 is multiplied by |b log2 a|, here up to 10.
    test: {
      domain: [
        [0.1, 10],
        [-3, 3],
      ],
      finite: [
        [1e-30, 1e4],
        [-1, 1],
      ],
      relative: 2e-5,
      absolute: 0,
    },
  }),
  square: unary({
    doc: 'a²',
    evaluate: a => a * a,
    derivative: (algebra, a) => algebra.apply('multiply', algebra.constant(2), a),
    wgsl: a => `scalar_square(${a})`,
    wgslPrelude: 'fn scalar_square(x: f32) -> f32 { return x * x; }',
    wat: (v, a) => v.multiply(a, a),
    cost: 'cheap',
    test: { domain: [reals], finite: [anyReal], relative: 2 ** -22, absolute: 1e-38 },
  }),
  sqrt: unary({
    doc: 'square root; a >= 0, differentiable for a > 0',
    evaluate: Math.sqrt,
    // d√a = da / (2 √a)
    derivative: (algebra, _, result) => algebra.apply('divide', algebra.constant(0.5), result),
    wgsl: a => `sqrt(${a})`,
    wat: (v, a) => v.sqrt(a),
    cost: 'transcendental',
    test: { domain: [[0.01, 100]], finite: [[0, 1e4]], relative: 2 ** -20, absolute: 0 },
  }),
  abs: unary({
    doc: '|a|; derivative 0 at 0',
    evaluate: Math.abs,
    derivative: (algebra, a) => algebra.apply('sign', a),
    wgsl: a => `abs(${a})`,
    wat: (v, a) => v.abs(a),
    cost: 'cheap',
    test: { domain: [reals], finite: [anyReal], relative: 0, absolute: 0 },
  }),
  sign: unary({
    doc: '-1, 0 or 1',
    evaluate: signOf,
    derivative: null,
    wgsl: a => `sign(${a})`,
    wat: lanes.sign,
    cost: 'cheap',
    test: { domain: [reals], finite: [anyReal], relative: 0, absolute: 0 },
  }),
  half_precision: unary({
    doc: 'a as a number of 16 bits: the nearest one, 65504 at most',
    evaluate: toHalf,
    derivative: null,
    wgsl: a => `quantizeToF16(clamp(${a}, -${largestHalf}.0, ${largestHalf}.0))`,
    wat: lanes.half,
    cost: 'cheap',
    // WGSL may round either way, and take subnormal numbers for zero.
    test: {
      domain: [[-16, 16]],
      finite: [[-3e38, 3e38]],
      relative: 2 ** -10,
      absolute: smallestHalf,
      vector: { absolute: 0 },
      isStaircase: true,
    },
  }),
  floor: unary({
    doc: 'the largest whole number that is not above a',
    evaluate: Math.floor,
    derivative: null,
    wgsl: a => `floor(${a})`,
    wat: (v, a) => v.floor(a),
    cost: 'cheap',
    test: { domain: [reals], finite: [anyReal], relative: 0, absolute: 0 },
  }),
};
