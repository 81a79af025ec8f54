import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { builtins } from '../../compiler/check/builtins.js';
import { isScalarOp, scalars } from '../../compiler/scalar/registry.js';
import { binaryOperators, keywords } from '../../compiler/syntax/index.js';
import { stdlibSources } from '../../stdlib/sources.js';

const folder = fileURLToPath(new URL('../../specs/language/', import.meta.url));
const read = (name: string) => readFileSync(folder + name, 'utf8');
const names = readdirSync(folder).filter(name => name.endsWith('.md'));
const all = names
  .filter(name => name !== 'grammar.md')
  .map(read)
  .join('\n');

const inCell = (text: string) => text.replaceAll('|', '\\|');

/** The anchor that a page shows a heading under. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

const withoutCode = (text: string) => text.replaceAll(/^```(?:.*\n)*?```$|`[^`\n]*`/gm, '');

const anchorsOf = (path: string) =>
  [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!));

test('links between the pages lead somewhere', () => {
  const broken = names.flatMap(name =>
    [...withoutCode(read(name)).matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)].flatMap(([link, file, anchor]) => {
      const path = file === '' ? folder + name : folder + file;
      const isThere = existsSync(path) && (anchor === undefined || anchorsOf(path).includes(anchor));
      return isThere ? [] : [`${name}: ${link}`];
    }),
  );
  expect(broken).toEqual([]);
});

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
