import type { HistogramSummary } from './messages.js';

const buckets = 30;

/** Counts values in buckets of equal width from the smallest to the largest. Null for no values. */
export function histogramOf(values: readonly number[]): HistogramSummary | null {
  if (values.length === 0) return null;
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const width = (max - min || 1) / buckets;
  const bucket = new Array<number>(buckets).fill(0);
  for (const value of values) {
    const at = Math.min(buckets - 1, Math.floor((value - min) / width));
    bucket[at] = bucket[at]! + 1;
  }
  return {
    min,
    max,
    num: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    sumSquares: values.reduce((sum, value) => sum + value * value, 0),
    bucketLimit: bucket.map((_, i) => min + (i + 1) * width),
    bucket,
  };
}
