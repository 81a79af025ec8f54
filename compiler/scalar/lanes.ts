/**
 * What a CPU's vector unit does to four f32 lanes, as WebAssembly SIMD names it; integer operations see the lanes' bits.
 * Values are immutable, and equal expressions are computed once, whoever wrote them.
 */
export interface LaneAlgebra<V> {
  constant(value: number): V;
  /** The same 32-bit pattern in each lane. */
  bits(word: number): V;
  add(a: V, b: V): V;
  subtract(a: V, b: V): V;
  multiply(a: V, b: V): V;
  divide(a: V, b: V): V;
  /** a · b + c, rounded once where the machine has a fused instruction and twice elsewhere. */
  multiplyAdd(a: V, b: V, c: V): V;
  /** c - a · b, rounded likewise. */
  multiplySubtract(a: V, b: V, c: V): V;
  /** The smaller; no argument is NaN. */
  minimum(a: V, b: V): V;
  maximum(a: V, b: V): V;
  abs(a: V): V;
  negate(a: V): V;
  sqrt(a: V): V;
  floor(a: V): V;
  /** Masks: all bits of a lane, or none. */
  less(a: V, b: V): V;
  lessEqual(a: V, b: V): V;
  equal(a: V, b: V): V;
  and(a: V, b: V): V;
  or(a: V, b: V): V;
  xor(a: V, b: V): V;
  /** Bits of `a` where the mask has ones, of `b` elsewhere. */
  choose(mask: V, a: V, b: V): V;
  integerAdd(a: V, b: V): V;
  integerSubtract(a: V, b: V): V;
  shiftLeft(a: V, bits: number): V;
  shiftRight(a: V, bits: number): V;
  /** Shift that repeats the sign bit. */
  shiftRightSigned(a: V, bits: number): V;
  /** The f32 nearest to a signed integer. */
  fromInteger(a: V): V;
}

/**
 * c[0] + c[1] x + c[2] x² + …, by pairs: (c[0] + c[1] x) + x² ((c[2] + c[3] x) + …). Horner's chain is as short in
 * instructions and several times longer in time, because each of its steps waits for the one before it.
 */
function polynomial<V>(lanes: LaneAlgebra<V>, x: V, coefficients: readonly number[]): V {
  let terms = coefficients.map(coefficient => lanes.constant(coefficient));
  for (let power = x; terms.length > 1; power = lanes.multiply(power, power)) {
    terms = terms.flatMap((term, i) => {
      const next = terms[i + 1];
      if (i % 2 === 1) return [];
      return [next === undefined ? term : lanes.multiplyAdd(next, power, term)];
    });
  }
  return terms[0]!;
}

/** 1.5 · 2^23: adding it leaves the nearest integer in the low bits. */
const roundingMagic = 12582912;

const nearestInteger = <V>(lanes: LaneAlgebra<V>, x: V): { readonly shifted: V; readonly number: V } => {
  const shifted = lanes.add(x, lanes.constant(roundingMagic));
  return { shifted, number: lanes.subtract(shifted, lanes.constant(roundingMagic)) };
};

/** A mask as the f32 values 1 and 0. */
const condition = <V>(lanes: LaneAlgebra<V>, mask: V): V => lanes.and(mask, lanes.constant(1));

/** log 2 in two parts, the first with enough trailing zeros that its product with an exponent is exact. */
const log2High = 0.693359375;
const log2Low = -2.1219444005469057e-4;

interface Reduced<V> {
  /** 2^n as the amount to add to an f32's bits. */
  readonly exponent: V;
  /** e^r - 1, where x = n log 2 + r and |r| <= log(2) / 2. */
  readonly remainder: V;
}

/** Cody & Waite's reduction; e^r - 1 = r + r² P(r), relative error of the minimax P 2e-8. */
function reduceExponential<V>(lanes: LaneAlgebra<V>, x: V): Reduced<V> {
  const scaled = nearestInteger(lanes, lanes.multiply(x, lanes.constant(Math.LOG2E)));
  const high = lanes.multiplySubtract(scaled.number, lanes.constant(log2High), x);
  const r = lanes.multiplySubtract(scaled.number, lanes.constant(log2Low), high);
  const p = polynomial(
    lanes,
    r,
    [0.5, 0.1666654348373413, 0.04166628047823906, 0.008366583846509457, 0.0013946450781077147],
  );
  const remainder = lanes.multiplyAdd(lanes.multiply(r, r), p, r);
  return { exponent: lanes.shiftLeft(scaled.shifted, 23), remainder };
}

/** Below it e^x is not a normal number, and the functions here give 0, as GPUs that flush subnormals do. */
const lowestExponent = -87.3365;
const largestExponent = 88.722;

/** Error 1.1 units in the last place. */
export function exp<V>(lanes: LaneAlgebra<V>, x: V): V {
  const bounded = lanes.minimum(x, lanes.constant(largestExponent));
  const { exponent, remainder } = reduceExponential(lanes, bounded);
  const value = lanes.integerAdd(lanes.add(lanes.constant(1), remainder), exponent);
  return lanes.and(value, lanes.lessEqual(lanes.constant(lowestExponent), x));
}

/** e^x, and 0 where x is below `threshold`. */
export const expAbove = <V>(lanes: LaneAlgebra<V>, x: V, threshold: number): V =>
  lanes.and(exp(lanes, x), lanes.lessEqual(lanes.constant(threshold), x));

/** e^-|x|: no overflow to guard against, and shared by all that is built on it. */
function expOfMinusAbs<V>(lanes: LaneAlgebra<V>, x: V): V {
  const minus = lanes.or(x, lanes.bits(0x80000000));
  const { exponent, remainder } = reduceExponential(lanes, minus);
  const value = lanes.integerAdd(lanes.add(lanes.constant(1), remainder), exponent);
  return lanes.and(value, lanes.lessEqual(lanes.constant(lowestExponent), minus));
}

/** 2^n (e^r - 1) + (2^n - 1), for x in [-30, 88]; below, -1. Error 2 units in the last place. */
export function expm1<V>(lanes: LaneAlgebra<V>, x: V): V {
  const bounded = lanes.maximum(lanes.minimum(x, lanes.constant(88)), lanes.constant(-30));
  const { exponent, remainder } = reduceExponential(lanes, bounded);
  const scale = lanes.integerAdd(lanes.constant(1), exponent);
  return lanes.multiplyAdd(scale, remainder, lanes.subtract(scale, lanes.constant(1)));
}

/**
 * log x = n log 2 + log(1 + f) with 1 + f in [√½, √2); log(1 + f) = f - f²/2 + f³ P(f), relative error of the minimax P
 * 6e-9. Smaller than the smallest normal number counts as that number. Error 1 unit in the last place.
 */
export function log<V>(lanes: LaneAlgebra<V>, x: V): V {
  const bounded = lanes.maximum(x, lanes.constant(2 ** -126));
  const rootHalf = lanes.bits(0x3f3504f3);
  const n = lanes.shiftRightSigned(lanes.integerSubtract(bounded, rootHalf), 23);
  const f = lanes.subtract(lanes.integerSubtract(bounded, lanes.shiftLeft(n, 23)), lanes.constant(1));
  const exponent = lanes.fromInteger(n);
  const square = lanes.multiply(f, f);
  const p = polynomial(
    lanes,
    f,
    [
      0.33333316445350647, -0.25000807642936707, 0.2000228613615036, -0.1662459671497345, 0.14181214570999146,
      -0.13128404319286346, 0.12881404161453247, -0.07860205322504044,
    ],
  );
  const cubic = lanes.multiplyAdd(
    lanes.multiply(square, f),
    p,
    lanes.multiply(exponent, lanes.constant(log2Low)),
  );
  const tail = lanes.multiplySubtract(square, lanes.constant(0.5), cubic);
  return lanes.multiplyAdd(exponent, lanes.constant(log2High), lanes.add(f, tail));
}

/** log(1 + x) with the rounding of u = 1 + x mended: log u + (x - (u - 1)) / u. Error 2 units in the last place. */
export function log1p<V>(lanes: LaneAlgebra<V>, x: V): V {
  const sum = lanes.add(lanes.constant(1), x);
  const lost = lanes.subtract(x, lanes.subtract(sum, lanes.constant(1)));
  return lanes.add(log(lanes, sum), lanes.divide(lost, sum));
}

/** tanh |x| = m / (m + 2), m = e^(2|x|) - 1; tanh 9.02 rounds to 1. Error 3 units in the last place. */
export function tanh<V>(lanes: LaneAlgebra<V>, x: V): V {
  const magnitude = lanes.minimum(lanes.abs(x), lanes.constant(9.02));
  const { exponent, remainder } = reduceExponential(lanes, lanes.add(magnitude, magnitude));
  const scale = lanes.integerAdd(lanes.constant(1), exponent);
  const m = lanes.multiplyAdd(scale, remainder, lanes.subtract(scale, lanes.constant(1)));
  const value = lanes.divide(m, lanes.add(m, lanes.constant(2)));
  return lanes.or(value, lanes.and(x, lanes.bits(0x80000000)));
}

/** Error 3 units in the last place. */
export function sigmoid<V>(lanes: LaneAlgebra<V>, x: V): V {
  const e = expOfMinusAbs(lanes, x);
  const numerator = lanes.choose(lanes.lessEqual(lanes.constant(0), x), lanes.constant(1), e);
  return lanes.divide(numerator, lanes.add(lanes.constant(1), e));
}

/**
 * max(x, 0) + log(1 + t), t = e^-|x|; log(1 + t) = t + t² R(t), relative error of the minimax R on [0, 1] 3e-8. Error 3
 * units in the last place.
 */
export function softplus<V>(lanes: LaneAlgebra<V>, x: V): V {
  const t = expOfMinusAbs(lanes, x);
  const r = polynomial(
    lanes,
    t,
    [
      -0.49999648332595825, 0.3332133889198303, -0.24857276678085327, 0.19154062867164612,
      -0.13754615187644958, 0.07921360433101654, -0.030071109533309937, 0.005366099998354912,
    ],
  );
  const logarithm = lanes.multiplyAdd(lanes.multiply(t, t), r, t);
  return lanes.add(lanes.maximum(x, lanes.constant(0)), logarithm);
}

/** e^(b log a) with the exact cases kept: a^0 = 1, 0^b = 0, and the sign of an odd whole power. */
export function power<V>(lanes: LaneAlgebra<V>, a: V, b: V): V {
  const one = lanes.constant(1);
  const zero = lanes.constant(0);
  const magnitude = exp(lanes, lanes.multiply(b, log(lanes, lanes.abs(a))));
  const half = lanes.multiply(b, lanes.constant(0.5));
  const whole = lanes.equal(lanes.floor(b), b);
  const halved = lanes.equal(lanes.floor(half), half);
  const odd = lanes.xor(lanes.and(whole, halved), whole);
  const negative = lanes.and(lanes.less(a, zero), odd);
  const signed = lanes.xor(magnitude, lanes.and(negative, lanes.bits(0x80000000)));
  return lanes.choose(lanes.equal(b, zero), one, lanes.choose(lanes.equal(a, zero), zero, signed));
}

/** Taylor series of sine and cosine on [-π/4, π/4], relative error 3e-8, turned by `quarters` (low bits of an integer). */
function turned<V>(lanes: LaneAlgebra<V>, r: V, quarters: V): V {
  const square = lanes.multiply(r, r);
  const sineSeries = polynomial(lanes, square, [-1 / 6, 1 / 120, -1 / 5040, 1 / 362880]);
  const sine = lanes.multiplyAdd(lanes.multiply(square, r), sineSeries, r);
  const cosine = polynomial(lanes, square, [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320]);
  const odd = lanes.shiftRightSigned(lanes.shiftLeft(quarters, 31), 31);
  const sign = lanes.shiftLeft(lanes.shiftRight(quarters, 1), 31);
  return lanes.xor(lanes.choose(odd, cosine, sine), sign);
}

/** π/2 in three parts, for Cody & Waite's reduction of |x| up to 10^4. */
const halfPi = [1.5703125, 4.837512969970703e-4, 7.549789954891893e-8] as const;

function trigonometric<V>(lanes: LaneAlgebra<V>, x: V, quarterTurns: number): V {
  const nearest = nearestInteger(lanes, lanes.multiply(x, lanes.constant(2 / Math.PI)));
  const r = halfPi.reduce(
    (rest: V, part) => lanes.multiplySubtract(nearest.number, lanes.constant(part), rest),
    x,
  );
  return turned(lanes, r, lanes.integerAdd(nearest.shifted, lanes.bits(quarterTurns)));
}

/** Absolute error 1e-6 for |x| <= 10^4. */
export const sin = <V>(lanes: LaneAlgebra<V>, x: V): V => trigonometric(lanes, x, 0);
export const cos = <V>(lanes: LaneAlgebra<V>, x: V): V => trigonometric(lanes, x, 1);

/** sin(2π (u + q / 4)) for u in [0, 1] and integers q; absolute error 2e-7. */
export function sineOfTurns<V>(lanes: LaneAlgebra<V>, u: V, quarterTurns: V): V {
  const nearest = nearestInteger(lanes, lanes.multiply(u, lanes.constant(4)));
  const r = lanes.multiplySubtract(nearest.number, lanes.constant(0.25), u);
  const angle = lanes.multiply(r, lanes.constant(2 * Math.PI));
  return turned(lanes, angle, lanes.integerAdd(nearest.shifted, quarterTurns));
}

/** -1, 0 or 1. */
export const sign = <V>(lanes: LaneAlgebra<V>, x: V): V => {
  const zero = lanes.constant(0);
  return lanes.subtract(condition(lanes, lanes.less(zero, x)), condition(lanes, lanes.less(x, zero)));
};

export const less = <V>(lanes: LaneAlgebra<V>, a: V, b: V): V => condition(lanes, lanes.less(a, b));
export const lessEqual = <V>(lanes: LaneAlgebra<V>, a: V, b: V): V => condition(lanes, lanes.lessEqual(a, b));
export const equal = <V>(lanes: LaneAlgebra<V>, a: V, b: V): V => condition(lanes, lanes.equal(a, b));

export const select = <V>(lanes: LaneAlgebra<V>, test: V, a: V, b: V): V =>
  lanes.choose(lanes.equal(test, lanes.constant(0)), b, a);
