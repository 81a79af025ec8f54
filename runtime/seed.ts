import { shuffledRow } from '../compiler/program/index.js';
import { fault } from './errors.js';

/** A seed as a number of 64 bits. @throws RuntimeFault `option-invalid` for anything else. */
export function seedOf(seed: bigint | number): bigint {
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
    throw fault('option-invalid', {
      option: 'seed',
      reason: `${seed} is not a whole number that is exact in JavaScript`,
    });
  }
  const whole = BigInt(seed);
  if (whole < 0n || whole >= 2n ** 64n) {
    throw fault('option-invalid', { option: 'seed', reason: `${whole} is not between 0 and 2^64 - 1` });
  }
  return whole;
}

/** The two words of a seed, as frames hold them. */
export const seedWords = (seed: bigint): readonly [low: number, high: number] => [
  Number(seed & 0xffffffffn),
  Number(seed >> 32n),
];

/** Shuffles of training use epochs counted from 0; this one is for picking rows. */
const samplingEpoch = 0xffffffff;

/** `count` of the rows 0 … total − 1, drawn without replacement and sorted: the same ones for the same seed anywhere. */
export function seededSample(count: number, total: number, seed: bigint | number): readonly number[] {
  if (!Number.isSafeInteger(count) || count < 1 || count > total) {
    throw fault('option-invalid', {
      option: 'number of rows',
      reason: `${count} is not between 1 and ${total}`,
    });
  }
  const [low, high] = seedWords(seedOf(seed));
  const rows = Array.from({ length: count }, (_, position) =>
    shuffledRow(position, total, low, high, samplingEpoch),
  );
  return rows.sort((a, b) => a - b);
}
