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

/** The exponent of 2^n that makes its bits 0. */
const vanishingExponent = -88;

/** e^-|x|, shared by all that is built on it: there is no overflow to guard against, and 2^n vanishes by itself. */
export function expOfMinusAbs<V>(lanes: LaneAlgebra<V>, x: V): V {
  const minus = lanes.maximum(lanes.or(x, lanes.bits(0x80000000)), lanes.constant(vanishingExponent));
  const { exponent, remainder } = reduceExponential(lanes, minus);
  const scale = lanes.integerAdd(lanes.constant(1), exponent);
  return lanes.multiplyAdd(scale, remainder, scale);
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

/** Where the two formulas of tanh meet. */
const smallTanh = 0.55;

/**
 * tanh |x| = x + x³ P(x²) below 0.55, relative error of the minimax P 4e-8; above, 1 - 2 / (e^(2|x|) + 1), whose
 * difference is exact up to one rounding. tanh 9.02 rounds to 1. Error 1.4 units in the last place.
 */
export function tanh<V>(lanes: LaneAlgebra<V>, x: V): V {
  const one = lanes.constant(1);
  const magnitude = lanes.minimum(lanes.abs(x), lanes.constant(9.02));
  const { exponent, remainder } = reduceExponential(lanes, lanes.add(magnitude, magnitude));
  const scale = lanes.integerAdd(one, exponent);
  const denominator = lanes.multiplyAdd(scale, remainder, lanes.add(scale, one));
  const large = lanes.subtract(one, lanes.divide(lanes.constant(2), denominator));
  const square = lanes.multiply(magnitude, magnitude);
  const p = polynomial(
    lanes,
    square,
    [-0.3333294689655304, 0.1332072913646698, -0.05267200618982315, 0.016437865793704987],
  );
  const small = lanes.multiplyAdd(lanes.multiply(square, magnitude), p, magnitude);
  const value = lanes.choose(lanes.less(magnitude, lanes.constant(smallTanh)), small, large);
  return lanes.or(value, lanes.and(x, lanes.bits(0x80000000)));
}

/**
 * With t = e^-|x| and q = t / (1 + t): t - t q where x < 0, else 1 - q. Where t is small, an error of q is t times
 * smaller in the result; that of the quotient itself would add to t's own. Error 1.8 units in the last place.
 */
export function sigmoid<V>(lanes: LaneAlgebra<V>, x: V): V {
  const t = expOfMinusAbs(lanes, x);
  const q = lanes.divide(t, lanes.add(lanes.constant(1), t));
  const whole = lanes.choose(lanes.lessEqual(lanes.constant(0), x), lanes.constant(1), t);
  return lanes.multiplySubtract(whole, q, whole);
}

/**
 * max(x, 0) + log(1 + t), t = e^-|x|; log(1 + t) = t + t² R(t), relative error of the minimax R on [0, 1] 6e-9. The
 * smaller terms are added first. Error 2 units in the last place.
 */
export function softplus<V>(lanes: LaneAlgebra<V>, x: V): V {
  const t = expOfMinusAbs(lanes, x);
  const tail = polynomial(
    lanes,
    t,
    [
      0.33330464363098145, -0.24958020448684692, 0.196921244263649, -0.15345005691051483, 0.10661471635103226,
      -0.0574621818959713, 0.020089836791157722, -0.0032915049232542515,
    ],
  );
  const r = lanes.multiplyAdd(t, tail, lanes.constant(-0.4999993145465851));
  const smaller = lanes.multiplyAdd(lanes.multiply(t, t), r, lanes.maximum(x, lanes.constant(0)));
  return lanes.add(smaller, t);
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

/**
 * sin(`unit` r), turned by `quarters` (low bits of an integer): minimax series of sine and cosine for |unit r| <= π/4,
 * relative error 4e-9.
 */
function turned<V>(lanes: LaneAlgebra<V>, r: V, unit: number, quarters: V): V {
  const square = lanes.multiply(r, r);
  const series = (coefficients: readonly number[], from: number) =>
    polynomial(
      lanes,
      square,
      coefficients.map((coefficient, i) => coefficient * unit ** (from + 2 * i)),
    );
  const sineSeries = series([-0.16666654908657225, 0.00833217584763952, -0.00019516977627978687], 3);
  const cubic = lanes.multiply(lanes.multiply(square, r), sineSeries);
  const sine = lanes.multiplyAdd(r, lanes.constant(unit), cubic);
  const cosine = series([1, -1 / 2, 0.04166664680693117, -0.0013887364474670482, 0.00002443808987445979], 0);
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
  return turned(lanes, r, 1, lanes.integerAdd(nearest.shifted, lanes.bits(quarterTurns)));
}

/** Absolute error 1.2e-7 for |x| <= 10^4. */
export const sin = <V>(lanes: LaneAlgebra<V>, x: V): V => trigonometric(lanes, x, 0);
export const cos = <V>(lanes: LaneAlgebra<V>, x: V): V => trigonometric(lanes, x, 1);

/** sin(2π (u + q / 4)) for u in [0, 1] and integers q; error 2 units in the last place. */
export function sineOfTurns<V>(lanes: LaneAlgebra<V>, u: V, quarterTurns: V): V {
  const nearest = nearestInteger(lanes, lanes.multiply(u, lanes.constant(4)));
  const r = lanes.multiplySubtract(nearest.number, lanes.constant(0.25), u);
  return turned(lanes, r, 2 * Math.PI, lanes.integerAdd(nearest.shifted, quarterTurns));
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

/** 0.75: the distance of its neighbours is that of binary16's subnormal numbers. */
const subnormalMagic = 0.75;

/** Rounds 13 bits of the significand away, ties to even; below 2^-14 to multiples of 2^-24. */
export function half<V>(lanes: LaneAlgebra<V>, x: V): V {
  const largest = 65504;
  const bounded = lanes.maximum(lanes.minimum(x, lanes.constant(largest)), lanes.constant(-largest));
  const isOdd = lanes.and(lanes.shiftRight(bounded, 13), lanes.bits(1));
  const carried = lanes.integerAdd(lanes.integerAdd(bounded, lanes.bits(0xfff)), isOdd);
  const normal = lanes.and(carried, lanes.bits(0xffffe000));
  const magic = lanes.constant(subnormalMagic);
  const magnitude = lanes.abs(bounded);
  const small = lanes.subtract(lanes.add(magnitude, magic), magic);
  const signed = lanes.or(small, lanes.and(bounded, lanes.bits(0x80000000)));
  return lanes.choose(lanes.less(magnitude, lanes.constant(2 ** -14)), signed, normal);
}
