import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { diagnosticCodes, families } from '../../compiler/diagnostics/index.js';
import { type Example, type Expectation, linesOf, readPage } from './blocks.js';
import { type Files, filesOf, formatted, type Program, programOf, reported } from './programs.js';
import { boundValue, expressionValue, type Givens, typeOf } from './values.js';

/*
 * Every block of iwae in specs/language is tried; specs/language/README.md says how a block tells what is expected.
 */
const folder = fileURLToPath(new URL('../../specs/language/', import.meta.url));
const names = readdirSync(folder).filter(name => name.endsWith('.md'));
const pages = names.map(name => ({ name, ...readPage(readFileSync(folder + name, 'utf8')) }));

describe.each(pages)('specs/language/$name', ({ examples, untested }) => {
  test('says of every block what is expected', () => {
    expect(untested).toEqual([]);
  });

  test.each(examples.map(example => [example.line, example] as const))('line %i', (_, example) => {
    const program = programOf(example);
    const files = filesOf(examples);
    const kinds = new Set(example.expectations.map(({ kind }) => kind));
    if (!kinds.has('diagnostics')) expect(reported(program, files, example)).toEqual([]);
    for (const expectation of example.expectations) hold(expectation, example, program, files);
  });
});

function hold(expectation: Expectation, example: Example, program: Program, files: Files): void {
  const lines = linesOf(expectation);
  switch (expectation.kind) {
    case 'diagnostics':
      expect(reported(program, files, example)).toEqual(lines);
      return;
    case 'formatted':
      expect(formatted(program)).toBe(expectation.text);
      return;
    case 'types':
      for (const line of lines) {
        const [, expression] = /^(.*): /.exec(line) ?? [];
        expect(`${expression}: ${typeOf(program, files, expression!)}`).toBe(line);
      }
      return;
    case 'values':
      holdValues(lines, (expression, givens) => expressionValue(program, files, expression, givens));
      return;
    case 'bounds':
      holdValues(lines, (text, givens) => {
        const [, clause = 'value', bound, by = null] = queryPattern.exec(text)!;
        const query = { clause: clause as 'value', bound: bound!, by };
        return boundValue(program, files, query, givens);
      });
      return;
  }
}

/** `iwae(k=3)`, `recognition of iwae_dreg(k=3)`, `recognition of iwae_dreg(k=3) by log_w_path`. */
const queryPattern = /^(?:(value|generative|recognition) of )?(.*?)(?: by ([\w[\]]+))?$/;

/** `given name = numbers`, and `what = numbers`, as many digits of each as are written. */
function holdValues(
  lines: readonly string[],
  evaluate: (what: string, givens: Givens) => readonly number[],
): void {
  const givens = new Map<string, readonly number[]>();
  for (const line of lines) {
    const [, what, numbers] = /^(.*) = ([-\d. e]+)$/.exec(line) ?? [];
    if (what === undefined || numbers === undefined) throw new Error(`not an expectation: ${line}`);
    const written = numbers.split(' ');
    const name = /^given (\S+)$/.exec(what)?.[1];
    if (name !== undefined) givens.set(name, written.map(Number));
    else {
      const values = evaluate(what, givens);
      expect(`${what} = ${values.map((value, at) => likewise(value, written[at] ?? '')).join(' ')}`).toBe(
        line,
      );
    }
  }
}

/** The value with as many digits behind the point as `written` has. */
function likewise(value: number, written: string): string {
  const digits = /\.(\d+)/.exec(written)?.[1]?.length ?? 0;
  return Number(value.toFixed(digits)) === Number(written) ? written : String(value);
}

describe('the counter-examples', () => {
  const shown = new Set(
    pages.flatMap(({ examples }) =>
      examples.flatMap(({ expectations }) =>
        expectations.flatMap(({ kind, text }) =>
          kind === 'diagnostics' ? [...text.matchAll(/\[([a-z-]+)\]:/g)].map(([, code]) => code!) : [],
        ),
      ),
    ),
  );

  test.each(Object.entries(families))('use the family %s', (_, family) => {
    expect(Object.keys(family).filter(code => shown.has(code)).length).toBeGreaterThan(2);
  });

  test('show most codes', () => {
    const { length } = diagnosticCodes.filter(code => shown.has(code));
    expect(length / diagnosticCodes.length).toBeGreaterThan(0.6);
  });
});
