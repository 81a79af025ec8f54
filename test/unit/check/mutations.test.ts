import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verifyModel } from '../../../compiler/model/index.js';
import { stdlibSources } from '../../../stdlib/sources.js';
import { checkText, readSpec, smallModel } from './checked.js';

const bounds = stdlibSources['stdlib/bounds.iwae']!.replaceAll(/\bbound (\w+)/g, 'bound my_$1');
const texts = [
  readSpec('mnist2l'),
  readSpec('ppca'),
  `${smallModel({ bound: 'my_piwae(k1=2, k2=3)' })}\n${bounds}`,
  `${smallModel()}\n${stdlibSources['stdlib/distributions.iwae']!.replaceAll('distribution ', 'distribution my_')}`,
  `${smallModel({ train: 'optimizer my_adam' })}\n${stdlibSources['stdlib/optimizers.iwae']!.replaceAll('optimizer ', 'optimizer my_')}`,
];

/** Names, numbers and marks: what a slip of the pen replaces, drops or doubles. */
const tokensOf = (text: string) => text.match(/\s+|\/\/.*|[\w.]+|\|>|./g) ?? [];

const slip = fc.record({
  kind: fc.constantFrom('drop', 'double', 'swap', 'copy'),
  at: fc.nat(10_000),
  from: fc.nat(10_000),
});

function mutated(text: string, slips: readonly { kind: string; at: number; from: number }[]): string {
  const tokens = tokensOf(text);
  const places = tokens.flatMap((token, index) =>
    /\S/.test(token) && !token.startsWith('//') ? [index] : [],
  );
  for (const { kind, at, from } of slips) {
    const place = places[at % places.length]!;
    const other = places[from % places.length]!;
    const token = tokens[place]!;
    if (kind === 'drop') tokens[place] = '';
    if (kind === 'double') tokens[place] = `${token} ${token}`;
    if (kind === 'copy') tokens[place] = tokens[other]!;
    if (kind === 'swap') [tokens[place], tokens[other]] = [tokens[other]!, token];
  }
  return tokens.join('');
}

test('whatever is written, the checker says what is wrong or gives a sound model', () => {
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.array(slip, { minLength: 1, maxLength: 3 }), (text, slips) => {
      const { model, diagnostics, files } = checkText(mutated(text, slips));
      const wrong = diagnostics.some(({ severity }) => severity === 'error');
      if (model !== null) verifyModel(model);
      const declared = files.flatMap(file => file.items).some(({ kind }) => kind === 'model');
      expect(model === null).toBe(wrong || !declared);
    }),
    { seed: 1, numRuns: Number(process.env.MUTATIONS ?? 300) },
  );
});
