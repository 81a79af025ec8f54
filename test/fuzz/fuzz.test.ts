import { expect, test } from 'vitest';
import { corpus, sound } from './corpus.js';
import { examine, type Reached } from './examine.js';
import { mutant } from './mutate.js';
import { Random } from './random.js';

/** `npm run fuzz` makes it 100,000; `npm run fuzz -- 5000 7` takes 5,000 from seed 7. */
const programs = Number(process.env.FUZZ_PROGRAMS ?? 3000);
const firstSeed = Number(process.env.FUZZ_SEED ?? 1);
/** One in this many is also laid out and lowered. */
const deepEvery = 8;

/** Enough to see what is wrong; each is shown with the text that does it. */
const mostFailures = 5;

test('programs to mutate are sound', () => {
  for (const text of sound) expect(examine(text, { deep: true }), text).toBe('graphs');
});

test(`${programs} mutated programs: an explanation or a sound model`, {
  timeout: 60_000 + programs * 100,
}, () => {
  const reached: Record<Reached, number> = { diagnostics: 0, definitions: 0, model: 0, graphs: 0 };
  const failures: string[] = [];
  for (let index = 0; index < programs && failures.length < mostFailures; index++) {
    const seed = firstSeed + index;
    const text = mutant(index % 2 === 0 ? sound : corpus, corpus, new Random(seed));
    try {
      reached[examine(text, { deep: index % deepEvery === 0 })]++;
    } catch (error) {
      const stack = error instanceof Error ? error.stack?.split('\n').slice(0, 8).join('\n') : String(error);
      failures.push(`seed ${seed}: ${stack}\n${text}`);
    }
  }
  expect(failures.join('\n\n')).toBe('');
  expect(Object.values(reached).reduce((sum, count) => sum + count)).toBe(programs);
  // Mutations that only ever broke programs, or never did, would test little.
  expect(reached.diagnostics).toBeGreaterThan(programs / 4);
  expect(reached.model + reached.graphs).toBeGreaterThan(programs / 20);
});
