/** Mean of a stream of numbers, in f64. */
export class RunningMean {
  #sum: number;
  #count: number;

  /** Goes on from a sum of so many values. */
  constructor(sum = 0, count = 0) {
    this.#sum = sum;
    this.#count = count;
  }

  add(value: number): void {
    this.#sum += value;
    this.#count++;
  }

  get sum(): number {
    return this.#sum;
  }

  get count(): number {
    return this.#count;
  }

  /** NaN when nothing was added. */
  get mean(): number {
    return this.#sum / this.#count;
  }
}

/** Mean and its standard error s / sqrt(n), s² with n − 1; the error of a single value is given as 0. */
export function meanAndError(values: Float64Array): {
  readonly mean: number;
  readonly standardError: number;
} {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, standardError: 0 };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (count - 1) / count) };
}

/** log Σ exp over what was added so far, for many sums at once: memory does not grow with the number of terms. */
export class StreamingLogSumExp {
  readonly #largest: Float64Array;
  readonly #scaledSum: Float64Array;

  constructor(length: number) {
    this.#largest = new Float64Array(length).fill(Number.NEGATIVE_INFINITY);
    this.#scaledSum = new Float64Array(length);
  }

  /** Adds a term, itself given as a logarithm, to sum `index`. A term that is not a number makes the sum so. */
  add(index: number, logTerm: number): void {
    const largest = this.#largest[index]!;
    if (logTerm === Number.NEGATIVE_INFINITY) return;
    if (logTerm <= largest) {
      this.#scaledSum[index] = this.#scaledSum[index]! + Math.exp(logTerm - largest);
    } else {
      this.#scaledSum[index] = this.#scaledSum[index]! * Math.exp(largest - logTerm) + 1;
      this.#largest[index] = logTerm;
    }
  }

  /** Starts sum `index` again. */
  clear(index: number): void {
    this.#largest[index] = Number.NEGATIVE_INFINITY;
    this.#scaledSum[index] = 0;
  }

  value(index: number): number {
    const sum = this.#scaledSum[index]!;
    return sum === 0 ? Number.NEGATIVE_INFINITY : this.#largest[index]! + Math.log(sum);
  }
}

/**
 * L_k = log (1/k) Σ w of many rows, from their log-weights one after another. Of a row that gets more than k weights it is
 * the mean over the groups of k of them that are complete.
 */
export class GroupedBound {
  readonly size: number;
  readonly #current: StreamingLogSumExp;
  readonly #inCurrent: Uint32Array;
  readonly #groups: Uint32Array;
  readonly #sums: Float64Array;

  constructor(size: number, rows: number) {
    this.size = size;
    this.#current = new StreamingLogSumExp(rows);
    this.#inCurrent = new Uint32Array(rows);
    this.#groups = new Uint32Array(rows);
    this.#sums = new Float64Array(rows);
  }

  add(row: number, logWeight: number): void {
    this.#current.add(row, logWeight);
    const count = this.#inCurrent[row]! + 1;
    this.#inCurrent[row] = count;
    if (count < this.size) return;
    this.#sums[row] = this.#sums[row]! + this.#current.value(row) - Math.log(this.size);
    this.#groups[row] = this.#groups[row]! + 1;
    this.#inCurrent[row] = 0;
    this.#current.clear(row);
  }

  /** For each row; NaN where no group is complete. */
  values(): Float64Array {
    return this.#sums.map((sum, row) => sum / this.#groups[row]!);
  }
}

/** (Σ w)² / Σ w² of many rows, from their log-weights one after another. */
export class WeightSpread {
  readonly #largest: Float64Array;
  readonly #sum: Float64Array;
  readonly #squares: Float64Array;

  constructor(rows: number) {
    this.#largest = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY);
    this.#sum = new Float64Array(rows);
    this.#squares = new Float64Array(rows);
  }

  add(row: number, logWeight: number): void {
    const largest = this.#largest[row]!;
    if (logWeight === Number.NEGATIVE_INFINITY) return;
    if (logWeight <= largest) {
      const weight = Math.exp(logWeight - largest);
      this.#sum[row] = this.#sum[row]! + weight;
      this.#squares[row] = this.#squares[row]! + weight * weight;
    } else {
      const shrink = Math.exp(largest - logWeight);
      this.#sum[row] = this.#sum[row]! * shrink + 1;
      this.#squares[row] = this.#squares[row]! * shrink * shrink + 1;
      this.#largest[row] = logWeight;
    }
  }

  effectiveSamples(): Float64Array {
    return this.#sum.map((sum, row) => sum ** 2 / this.#squares[row]!);
  }
}

/** Units of work a second, and the time to the end, from the work done since the start. */
export class Pace {
  readonly #start = performance.now();

  get seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }

  rate(done: number): number {
    return done / Math.max(this.seconds, 1e-9);
  }

  secondsLeft(done: number, total: number): number {
    return done === 0 ? Number.POSITIVE_INFINITY : (this.seconds * (total - done)) / done;
  }
}
