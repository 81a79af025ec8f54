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

const rotations = [
  [10, 26],
  [11, 21],
  [13, 27],
  [23, 5],
  [6, 20],
  [17, 11],
  [25, 10],
  [18, 20],
] as const;

export type Words = readonly [number, number, number, number];

const rotateLeft = (word: number, bits: number) => (word << bits) | (word >>> (32 - bits));

/** Threefry4x32 with 20 rounds; known answers in the Random123 distribution's `kat_vectors`. */
export function threefry4x32(counter: Words, key: Words): Words {
  const schedule = [...key, 0x1bd11bda ^ key[0] ^ key[1] ^ key[2] ^ key[3]];
  const x = counter.map((word, i) => (word + schedule[i]!) | 0);
  for (let round = 0; round < 20; round++) {
    const [a, b] = rotations[round % 8]!;
    const [first, second] = round % 2 === 0 ? [1, 3] : [3, 1];
    x[0] = (x[0]! + x[first]!) | 0;
    x[first] = rotateLeft(x[first]!, a) ^ x[0]!;
    x[2] = (x[2]! + x[second]!) | 0;
    x[second] = rotateLeft(x[second]!, b) ^ x[2]!;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      for (let i = 0; i < 4; i++) x[i] = (x[i]! + schedule[(injection + i) % 5]!) | 0;
      x[3] = (x[3]! + injection) | 0;
    }
  }
  return [x[0]! >>> 0, x[1]! >>> 0, x[2]! >>> 0, x[3]! >>> 0];
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
