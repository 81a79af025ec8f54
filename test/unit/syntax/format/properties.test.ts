import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { format } from '../../../../compiler/syntax/format/index.js';
import { sameTree } from '../../../../compiler/syntax/format/same-tree.js';
import { parse } from '../../../../compiler/syntax/index.js';
import { lex } from '../../../../compiler/syntax/lexer.js';
import { randomInsertions, randomProgram, withInsertions } from '../../../support/random-source.js';
import { everything } from '../texts.js';

const source = (text: string) => ({ path: 'a.iwae', text });
const commentsOf = (text: string) => lex(source(text)).comments.map(({ image }) => image.trimEnd());

/** The layout, and that it means the same, says the same and is its own layout. False where the text cannot be read. */
function isKept(text: string): boolean {
  const { text: formatted } = format(source(text));
  if (formatted === null) return false;
  const again = parse(source(formatted));
  expect(again.diagnostics).toEqual([]);
  expect(sameTree(parse(source(text)).file.items, again.file.items)).toBe(true);
  expect(commentsOf(formatted)).toEqual(commentsOf(text));
  expect(format(source(formatted)).text).toBe(formatted);
  expect(formatted).not.toMatch(/[ \t]\n|\n\n\n|\r|^\n|[^\n]$|\n\n$/);
  return true;
}

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const shipped = ['specs', 'stdlib', 'test/diagnostics/cases'].flatMap(folder =>
  readdirSync(join(root, folder))
    .filter(file => file.endsWith('.iwae'))
    .map(file => ({ file: join(folder, file), text: readFileSync(join(root, folder, file), 'utf8') })),
);

describe('the layout keeps what a program says', () => {
  test('of random programs', () => {
    let kept = 0;
    fc.assert(
      fc.property(randomProgram, text => {
        if (isKept(text)) kept++;
      }),
      { seed: 1, numRuns: 800 },
    );
    expect(kept).toBeGreaterThan(700);
  });

  test('of random programs with comments and line breaks anywhere', () => {
    let kept = 0;
    fc.assert(
      fc.property(randomProgram, randomInsertions, (text, insertions) => {
        if (isKept(withInsertions(text, insertions))) kept++;
      }),
      { seed: 2, numRuns: 1500 },
    );
    expect(kept).toBeGreaterThan(500);
  });

  test('of real programs with comments and line breaks anywhere', () => {
    const texts = [everything, ...shipped.map(({ text }) => text)];
    let kept = 0;
    fc.assert(
      fc.property(fc.constantFrom(...texts), randomInsertions, (text, insertions) => {
        if (isKept(withInsertions(text, insertions))) kept++;
      }),
      { seed: 3, numRuns: 1000 },
    );
    expect(kept).toBeGreaterThan(400);
  });

  test.each(shipped)('of $file', ({ text }) => {
    expect(isKept(text) || parse(source(text)).diagnostics.length > 0).toBe(true);
  });
});

test.each(shipped.filter(({ file }) => !file.startsWith('test')))(
  '$file is in the one layout',
  ({ text }) => {
    expect(format(source(text)).text).toBe(text);
  },
);
