import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderDiagnostics } from '../../../compiler/diagnostics/index.js';
import type { Expression, File } from '../../../compiler/syntax/index.js';
import { printAst } from '../../../compiler/syntax/index.js';
import { type AnyNode, childrenOf } from '../../../compiler/syntax/walk.js';
import { everything, parsed } from './texts.js';

function checkSpans(node: AnyNode, text: string): void {
  const { start, end } = node.span;
  if (start > end || end > text.length) throw new Error(`span ${start}..${end} of ${String(node.kind)}`);
  if ('name' in node && typeof node.name === 'string' && text.slice(start, end) !== node.name) {
    throw new Error(`${node.name} is not ${text.slice(start, end)}`);
  }
  for (const child of childrenOf(node)) {
    if (child.span.start < start || child.span.end > end) {
      throw new Error(`${String(child.kind)} leaves its parent ${String(node.kind)}`);
    }
    checkSpans(child, text);
  }
}

function checkAll(text: string): File {
  const { file, diagnostics } = parsed(text);
  for (const item of file.items) checkSpans(item, text);
  for (const { span } of diagnostics) {
    if (span.start > span.end || span.end > text.length) throw new Error(`span ${span.start}..${span.end}`);
  }
  return file;
}

describe('spans', () => {
  test('of a whole program lie inside their parents and hold their names', () => {
    expect(checkAll(everything).items).toHaveLength(13);
  });

  const name = fc.constantFrom('x', 'mean', 'model', 'log_w', 'value', 'a1', 'state');
  const { expression } = fc.letrec<{ expression: string }>(tie => ({
    expression: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      name,
      fc.constantFrom('1', '0.5', '1e-3', 'data x', '[]'),
      fc
        .tuple(
          tie('expression'),
          fc.constantFrom('+', '-', '*', '/', '@', '^', '|>', '\n +'),
          tie('expression'),
        )
        .map(parts => parts.join(' ')),
      tie('expression').map(inner => `(${inner})`),
      tie('expression').map(inner => `(-${inner})`),
      fc
        .tuple(name, fc.array(tie('expression'), { maxLength: 3 }))
        .map(([callee, passed]) => `${callee}(${passed.join(', ')})`),
      fc.tuple(name, tie('expression')).map(([axis, inner]) => `sum[${axis}](${inner})`),
      fc.tuple(tie('expression'), tie('expression')).map(([target, index]) => `(${target})[ ${index} ]`),
      fc
        .tuple(tie('expression'), tie('expression'))
        .map(([list, body]) => `fold y = 0 for s in ${list} { ${body} }`),
      fc.array(tie('expression'), { maxLength: 3 }).map(elements => `[${elements.join(',\n')}]`),
    ),
  }));

  test('of random expressions, which are all read without errors', () => {
    fc.assert(
      fc.property(expression, text => {
        const whole = `bound b(k: int) = ${text}`;
        const file = checkAll(whole);
        expect(parsed(whole).diagnostics.map(({ message }) => message)).toEqual([]);
        const [item] = file.items;
        const value: Expression | undefined = item?.kind === 'bound' ? item.clauses[0]?.value : undefined;
        expect(value).toBeDefined();
      }),
      { seed: 4, numRuns: 1000 },
    );
  });
});

// A few seconds on an idle machine; the limit is for a busy one.
describe('whatever the text', { timeout: 60_000 }, () => {
  const pieces = fc.constantFrom(
    ...[
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '~',
      '=',
      '|>',
      '^',
      '-',
      '**',
      '"',
      "'",
      '#',
      ';',
      '/*',
      '///',
      '\n',
      '\r\n',
      '.',
      '1e',
      '\ufeff',
      '\ud800',
      'é',
      '日',
    ],
    ...[
      'let ',
      'model ',
      'data ',
      'fold ',
      'in ',
      'for ',
      'return ',
      'bound ',
      'x',
      '0.5',
      'recognition {',
      'support ',
    ],
  );

  test('mutations of a program never throw, and their errors can be shown', () => {
    const edit = fc.record({
      at: fc.nat(everything.length),
      remove: fc.nat(6),
      insert: fc.oneof(fc.constant(''), pieces),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), edits => {
        let text = everything;
        for (const { at, remove, insert } of edits)
          text = text.slice(0, at) + insert + text.slice(at + remove);
        checkAll(text);
      }),
      { seed: 5, numRuns: 2000 },
    );
  });

  test('random bytes changed in a program', () => {
    const bytes = new TextEncoder().encode(everything);
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), changes => {
        const mutated = bytes.slice();
        for (const [at, byte] of changes) mutated[at] = byte;
        checkAll(new TextDecoder().decode(mutated));
      }),
      { seed: 6, numRuns: 1500 },
    );
  });

  test('heaps of tokens', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), parts => {
        const text = parts.join('');
        expect(printAst(checkAll(text))).toMatch(/^file a\.iwae\n/);
        expect(renderDiagnostics(parsed(text).diagnostics, { color: true })).not.toContain('undefined');
      }),
      { seed: 7, numRuns: 1500 },
    );
  });

  test('a program cut off anywhere has an error unless it ends a declaration', () => {
    for (let end = 0; end < everything.length; end += 3) {
      const text = everything.slice(0, end);
      checkAll(text);
      const opened = text.replace(/\/\/.*/g, '');
      const balance = opened.split('{').length - opened.split('}').length;
      if (balance > 0) expect(parsed(text).diagnostics.length, `cut at ${end}`).toBeGreaterThan(0);
    }
  });
});
