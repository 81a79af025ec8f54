/** Mean of a stream of numbers, in f64. */
export class RunningMean {
  #sum = 0;
  #count = 0;

  add(value: number): void {
    this.#sum += value;
    this.#count++;
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

  value(index: number): number {
    const sum = this.#scaledSum[index]!;
    return sum === 0 ? Number.NEGATIVE_INFINITY : this.#largest[index]! + Math.log(sum);
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
