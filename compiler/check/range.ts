import type { ElementType } from '../model/ir.js';

/** What is known of a value: it lies between `low` and `high`, and may be known to be a whole number. */
export interface Range {
  readonly low: number;
  readonly high: number;
  /** The value cannot equal the end itself. Infinite ends are always open. */
  readonly lowOpen: boolean;
  readonly highOpen: boolean;
  readonly whole: boolean;
}

const range = (low: number, high: number, lowOpen = false, highOpen = false, whole = false): Range => ({
  low,
  high,
  lowOpen: lowOpen || low === -Infinity,
  highOpen: highOpen || high === Infinity,
  whole,
});

export const makeRange = range;

/** The types that a user can name, narrowest first: what a range is called is the first that contains it. */
export const elementRanges: Readonly<Record<ElementType, Range>> = {
  binary: range(0, 1, false, false, true),
  byte: range(0, 255, false, false, true),
  int: range(-Infinity, Infinity, true, true, true),
  unit: range(0, 1),
  positive: range(0, Infinity, true),
  real: range(-Infinity, Infinity),
};

export const anyReal = elementRanges.real;

export const pointRange = (value: number): Range =>
  range(value, value, false, false, Number.isInteger(value));

/** Every value of `inner` is one of `outer`. */
export function contains(outer: Range, inner: Range): boolean {
  const low = inner.low > outer.low || (inner.low === outer.low && (inner.lowOpen || !outer.lowOpen));
  const high = inner.high < outer.high || (inner.high === outer.high && (inner.highOpen || !outer.highOpen));
  return low && high && (inner.whole || !outer.whole);
}

export function elementOf(inner: Range): ElementType {
  const names = Object.keys(elementRanges) as ElementType[];
  return names.find(name => contains(elementRanges[name], inner)) ?? 'real';
}

export const isElementType = (name: string): name is ElementType => Object.hasOwn(elementRanges, name);

/** Whole numbers have no density: a distribution over them gives probabilities. */
export const isDiscrete = (element: ElementType): boolean => elementRanges[element].whole;
