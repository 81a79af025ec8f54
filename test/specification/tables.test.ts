import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { builtins } from '../../compiler/check/builtins.js';
import { isScalarOp, scalars } from '../../compiler/scalar/registry.js';
import { binaryOperators, keywords } from '../../compiler/syntax/index.js';
import { stdlibSources } from '../../stdlib/sources.js';

const folder = fileURLToPath(new URL('../../specs/language/', import.meta.url));
const read = (name: string) => readFileSync(folder + name, 'utf8');
const all = readdirSync(folder)
  .filter(name => name.endsWith('.md') && name !== 'grammar.md')
  .map(read)
  .join('\n');

const inCell = (text: string) => text.replaceAll('|', '\\|');

describe('the pages name everything that there is', () => {
  const functions = read('functions.md');
  test.each(Object.keys(builtins))('the built-in function %s', name => {
    const { parameters } = builtins[name]!;
    const meaning = isScalarOp(name) ? scalars[name].doc : '';
    expect(functions).toContain(`| \`${name}(${parameters.join(', ')})\` | ${inCell(meaning)}`);
  });

  const declared = Object.values(stdlibSources).flatMap(text =>
    [...text.matchAll(/^(?!import|\/\/)\w+ (\w+)[([]/gm)].map(([, name]) => name!),
  );
  test.each(declared)('%s of the library', name => {
    expect(all).toMatch(new RegExp(`\`${name}\\b[^\`]*\``));
  });

  test('every operator', () => {
    const table = read('expressions.md');
    for (const operator of Object.keys(binaryOperators)) expect(table).toContain(`\`${inCell(operator)}\``);
  });

  test('every word of the grammar', () => {
    const lexis = read('lexis.md');
    for (const word of Object.values(keywords).flat()) expect(lexis).toContain(`\`${word}\``);
  });
});
