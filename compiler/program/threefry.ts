/** Arithmetic modulo 2^32 on whatever stands for a word: a number, an instruction, four lanes of one. */
export interface WordAlgebra<Word> {
  constant(word: number): Word;
  add(a: Word, b: Word): Word;
  xor(a: Word, b: Word): Word;
  rotateLeft(a: Word, bits: number): Word;
}

export type Block<Word> = readonly [Word, Word, Word, Word];

/** Bits by which the two halves of the block are rotated in round r, at position r mod 8. */
export const threefryRotations = [
  [10, 26],
  [11, 21],
  [13, 27],
  [23, 5],
  [6, 20],
  [17, 11],
  [25, 10],
  [18, 20],
] as const;

/** Completes the key schedule: the key's fifth word is this, xor the other four. */
export const threefryParity = 0x1bd11bda;

/**
 * Threefry4x32 with 20 rounds (Salmon et al. 2011, section 3.3): after every four rounds the key is added, rotated by one
 * word more, and the number of the injection.
 */
export function threefry<Word>(
  words: WordAlgebra<Word>,
  counter: Block<Word>,
  key: Block<Word>,
): Block<Word> {
  const parity = key.reduce((sum: Word, word) => words.xor(sum, word), words.constant(threefryParity));
  const schedule = [...key, parity];
  const x = counter.map((word, i) => words.add(word, schedule[i]!));
  for (let round = 0; round < 20; round++) {
    const [a, b] = threefryRotations[round % 8]!;
    const [first, second] = round % 2 === 0 ? [1, 3] : [3, 1];
    x[0] = words.add(x[0]!, x[first]!);
    x[first] = words.xor(words.rotateLeft(x[first]!, a), x[0]);
    x[2] = words.add(x[2]!, x[second]!);
    x[second] = words.xor(words.rotateLeft(x[second]!, b), x[2]);
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      for (let i = 0; i < 4; i++) x[i] = words.add(x[i]!, schedule[(injection + i) % 5]!);
      x[3] = words.add(x[3]!, words.constant(injection));
    }
  }
  return [x[0]!, x[1]!, x[2]!, x[3]!];
}
