import { type ScalarOp, scalars } from '../scalar/registry.js';
import { anyReal, makeRange, type Range } from './range.js';

type RangeRule = (...args: readonly Range[]) => Range;

const condition = makeRange(0, 1, false, false, true);
const nonNegative = makeRange(0, Infinity);

/** 0 times infinity is 0 here: the end of a product of ranges, where the infinite end is never reached. */
const times = (a: number, b: number) => (a === 0 || b === 0 ? 0 : a * b);

interface End {
  readonly value: number;
  readonly open: boolean;
}

const low = (a: Range): End => ({ value: a.low, open: a.lowOpen });
const high = (a: Range): End => ({ value: a.high, open: a.highOpen });

/** The range with the least and the greatest of these ends; an end is reached if any of the equal ones is. */
function hull(ends: readonly End[], whole: boolean): Range {
  const least = Math.min(...ends.map(end => end.value));
  const greatest = Math.max(...ends.map(end => end.value));
  const open = (value: number) => ends.filter(end => end.value === value).every(end => end.open);
  return makeRange(least, greatest, open(least), open(greatest), whole);
}

const negate = (a: Range): Range => makeRange(-a.high, -a.low, a.highOpen, a.lowOpen, a.whole);

const add = (a: Range, b: Range): Range =>
  makeRange(
    a.low + b.low,
    a.high + b.high,
    a.lowOpen || b.lowOpen,
    a.highOpen || b.highOpen,
    a.whole && b.whole,
  );

function multiply(a: Range, b: Range): Range {
  const product = (x: End, y: End): End => ({
    value: times(x.value, y.value),
    open: (x.open && !(y.value === 0 && !y.open)) || (y.open && !(x.value === 0 && !x.open)),
  });
  const ends = [low(a), high(a)].flatMap(x => [low(b), high(b)].map(y => product(x, y)));
  return hull(ends, a.whole && b.whole);
}

/** 1 / a, where a is on one side of 0. */
function reciprocal(a: Range): Range {
  if (a.low < 0 && a.high > 0) return anyReal;
  const negative = a.high <= 0 && a.low < 0;
  const inverse = (value: number) => (value === 0 ? (negative ? -Infinity : Infinity) : 1 / value);
  return makeRange(inverse(a.high), inverse(a.low), a.highOpen, a.lowOpen);
}

function power(a: Range, b: Range): Range {
  if (a.low > 0 || (a.low === 0 && a.lowOpen)) {
    // a <= 1 stays there under a positive exponent: decay rates and their powers.
    return a.high <= 1 && b.low >= 0 ? makeRange(0, 1, true) : makeRange(0, Infinity, true);
  }
  const whole = a.whole && b.whole && b.low >= 0;
  if (a.low >= 0)
    return a.high <= 1 && b.low >= 0 ? makeRange(0, 1, false, false, whole) : { ...nonNegative, whole };
  const even = b.low === b.high && b.low % 2 === 0;
  return even ? { ...nonNegative, whole } : { ...anyReal, whole };
}

const square = (a: Range): Range =>
  makeRange(
    0,
    times(Math.max(Math.abs(a.low), Math.abs(a.high)), Math.max(Math.abs(a.low), Math.abs(a.high))),
    (a.low >= 0 && a.lowOpen) || (a.high <= 0 && a.highOpen),
    false,
    a.whole,
  );

/** An increasing function: ends go to ends. */
const increasing =
  (f: (value: number) => number): RangeRule =>
  a =>
    makeRange(f(a!.low), f(a!.high), a!.lowOpen, a!.highOpen);

const minimum = (a: Range, b: Range): Range => {
  const top =
    a.high < b.high ? high(a) : b.high < a.high ? high(b) : { value: a.high, open: a.highOpen || b.highOpen };
  const bottom = hull([low(a), low(b)], false);
  return makeRange(bottom.low, top.value, bottom.lowOpen, top.open, a.whole && b.whole);
};

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => (x > 30 ? x : Math.log1p(Math.exp(x)));

/** The range of each operation's result, from those of its arguments. */
export const scalarRange: Readonly<Record<ScalarOp, RangeRule>> = {
  add: (a, b) => add(a!, b!),
  subtract: (a, b) => add(a!, negate(b!)),
  multiply: (a, b) => multiply(a!, b!),
  divide: (a, b) => multiply(a!, reciprocal(b!)),
  negate: a => negate(a!),
  power: (a, b) => power(a!, b!),
  square: a => square(a!),
  sqrt: increasing(x => Math.sqrt(Math.max(x, 0))),
  exp: increasing(Math.exp),
  exp_weight: a => makeRange(0, Math.exp(a!.high), false, a!.highOpen),
  expm1: increasing(Math.expm1),
  log: increasing(x => (x <= 0 ? -Infinity : Math.log(x))),
  log1p: increasing(x => (x <= -1 ? -Infinity : Math.log1p(x))),
  tanh: increasing(Math.tanh),
  sigmoid: increasing(sigmoid),
  softplus: increasing(softplus),
  sin: () => makeRange(-1, 1),
  cos: () => makeRange(-1, 1),
  abs: a =>
    a!.low >= 0
      ? a!
      : a!.high <= 0
        ? negate(a!)
        : { ...makeRange(0, Math.max(-a!.low, a!.high)), whole: a!.whole },
  sign: () => makeRange(-1, 1, false, false, true),
  half_precision: a =>
    makeRange(scalars.half_precision.evaluate(a!.low), scalars.half_precision.evaluate(a!.high)),
  floor: a => makeRange(Math.floor(a!.low), Math.floor(a!.high), false, false, true),
  minimum: (a, b) => minimum(a!, b!),
  maximum: (a, b) => negate(minimum(negate(a!), negate(b!))),
  less: () => condition,
  less_equal: () => condition,
  equal: () => condition,
  select: (_, a, b) => hull([low(a!), high(a!), low(b!), high(b!)], a!.whole && b!.whole),
};
