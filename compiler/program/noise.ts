import { type Block, threefry, type WordAlgebra } from './threefry.js';

/*
 * NOISE. Every random number is a pure function of its address. The generator is Threefry4x32-20 (Salmon et al. 2011,
 * "Parallel random numbers: as easy as 1, 2, 3"):
 *
 *   key     = (seedLow, seedHigh, stream, step)
 *   counter = (element >> 2, sample, row, 0)
 *
 * with seed and step of the model's or of the data's clock, `row` the index in the data set (0 without a datum axis) and
 * `sample` counted over all chunks. The four words w belong to elements 4j … 4j+3 (e = element & 3):
 *
 *   uniform: u(w[e]), with u(w) = ((w >> 9) + 0.5) · 2^-23, strictly inside (0, 1)
 *   normal:  Box–Muller on the pair (w[e & 2], w[(e & 2) + 1]): r = sqrt(-2 ln u1), cos(2π u2) for even e, sin for odd
 */

/** Number of a noise stream from its name: FNV-1a, 32 bits. */
export function streamNumber(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

const numberWords: WordAlgebra<number> = {
  constant: word => word,
  add: (a, b) => (a + b) | 0,
  xor: (a, b) => a ^ b,
  rotateLeft: (a, bits) => (a << bits) | (a >>> (32 - bits)),
};

/** Threefry4x32 with 20 rounds on numbers; known answers in the Random123 distribution's `kat_vectors`. */
export function threefry4x32(counter: Block<number>, key: Block<number>): Block<number> {
  const [a, b, c, d] = threefry(numberWords, counter, key);
  return [a >>> 0, b >>> 0, c >>> 0, d >>> 0];
}

/** Where a random number lives; see NOISE above. */
export interface NoiseAddress {
  readonly seedLow: number;
  readonly seedHigh: number;
  readonly step: number;
  readonly stream: number;
  readonly row: number;
  readonly sample: number;
  readonly element: number;
}

const unit = (word: number) => ((word >>> 9) + 0.5) * 2 ** -23;

/** The f64 definition of both laws. */
export function noiseAt(law: 'normal' | 'uniform', address: NoiseAddress): number {
  const { element, sample, row } = address;
  const words = threefry4x32(
    [element >>> 2, sample, row, 0],
    [address.seedLow, address.seedHigh, address.stream, address.step],
  );
  const lane = element & 3;
  if (law === 'uniform') return unit(words[lane]!);
  const radius = Math.sqrt(-2 * Math.log(unit(words[lane & 2]!)));
  const angle = 2 * Math.PI * unit(words[(lane & 2) + 1]!);
  return radius * (lane % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
}

/** One round of the shuffle: a 32-bit finaliser (MurmurHash3's) of one half and the round's key. */
function scramble(half: number, key: number): number {
  let h = (half ^ key) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * The row at `position` of an epoch: a keyed bijection on [0, count), with no table. A balanced Feistel network of six
 * rounds on the smallest even number of bits that holds count, walked until it lands inside (Black & Rogaway 2002,
 * "Ciphers with arbitrary finite domains"). Fewer than four turns are expected.
 */
export function shuffledRow(
  position: number,
  count: number,
  seedLow: number,
  seedHigh: number,
  epoch: number,
): number {
  let halfBits = 1;
  while (4 ** halfBits < count) halfBits++;
  const mask = 2 ** halfBits - 1;
  const key = scramble(seedLow, scramble(seedHigh, scramble(epoch, 0x9e3779b9)));
  let row = position;
  do {
    let left = row >>> halfBits;
    let right = row & mask;
    for (let round = 0; round < 6; round++) {
      const next = (left ^ scramble(right, (key + Math.imul(round, 0x9e3779b9)) >>> 0)) & mask;
      left = right;
      right = next;
    }
    row = ((left << halfBits) | right) >>> 0;
  } while (row >= count);
  return row;
}
