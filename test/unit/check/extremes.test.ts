import { describe, expect, test } from 'vitest';
import { limits, parse } from '../../../compiler/syntax/index.js';
import { checkText, codesOf, smallModel } from './checked.js';

/** Far more than any of these takes, and far less than a hang: about 10 ms each on an idle machine. */
const seconds = 2;

function codesInTime(text: string, further: Parameters<typeof codesOf>[1] = {}): readonly string[] {
  const start = performance.now();
  const codes = codesOf(text, further);
  expect((performance.now() - start) / 1000).toBeLessThan(seconds);
  return codes;
}

const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}x${close.repeat(depth)}`;

describe('one diagnostic, quickly', () => {
  test.each([
    ['parentheses 10,000 deep', `bound b(k: int) = ${nested('(', ')', 10_000)}`, 'nested-too-deeply'],
    ['calls 10,000 deep', `bound b(k: int) = ${nested('stop(', ')', 10_000)}`, 'nested-too-deeply'],
    [
      'lists 10,000 deep',
      smallModel({ recognition: `h ~ gaussian_mlp(x, hidden=${nested('[', ']', 10_000)}, size=2)` }),
      'nested-too-deeply',
    ],
    [
      'folds 10,000 deep',
      `bound b(k: int) = ${nested('fold x = ', ' for s in [1] { x }', 10_000)}`,
      'nested-too-deeply',
    ],
    ['a bound that calls itself', 'bound b(k: int) = 0.5 * b(k)', 'cyclic-definition'],
    [
      'a layer that calls itself',
      smallModel({ before: 'layer f(x: real[n]) = f(x)', recognition: 'h ~ normal(f(x), 1)' }),
      'cyclic-definition',
    ],
    ['k = 1e9', smallModel({ bound: 'iwae(k=1e9)' }), 'axis-size'],
    ['k = 1000000000', smallModel({ bound: 'iwae(k=1000000000)' }), 'axis-size'],
    ['k1 * k2 too large', smallModel({ bound: 'miwae(k1=1000000, k2=1000000)' }), 'axis-size'],
    ['k = 1e30', smallModel({ bound: 'iwae(k=1e30)' }), 'type-mismatch'],
    ['k = 1e300', smallModel({ bound: 'iwae(k=1e300)' }), 'invalid-number'],
    ['huge data', smallModel({ data: 'data x: binary[1000000000]' }), 'invalid-size'],
    [
      'a huge hidden layer',
      smallModel({ recognition: 'h ~ gaussian_mlp(x, hidden=[1e9], size=2)' }),
      'invalid-size',
    ],
    [
      'a huge hidden layer, as a whole number',
      smallModel({ recognition: 'h ~ gaussian_mlp(x, hidden=[1000000000], size=2)' }),
      'invalid-size',
    ],
    [
      'a huge latent',
      smallModel({ generative: 'h ~ normal(0, 1)[1000000000] x ~ bernoulli(logits = dense(h, 6))' }),
      'invalid-size',
    ],
    ['a huge batch', smallModel({ train: 'batch 1000000000000' }), 'invalid-batch'],
  ])('%s', (_what, text, code) => {
    expect(codesInTime(text)).toEqual([code]);
  });

  test('an import cycle', () => {
    const files: Record<string, string> = { 'a.iwae': 'import "b.iwae"', 'b.iwae': 'import "a.iwae"' };
    const readImport = (path: string) => ({ path, text: files[path]! });
    expect(codesInTime('import "a.iwae"\nbound b(k: int) = mean[k](log_w)', { readImport })).toEqual([
      'import-cycle',
    ]);
  });

  test('a chain of 3,000 imports', () => {
    const readImport = (path: string) => ({
      path,
      text:
        path === '3000.iwae' ? 'bound b(k: int) = logw' : `import "${Number.parseInt(path, 10) + 1}.iwae"`,
    });
    expect(codesInTime('import "1.iwae"', { readImport })).toEqual(['unknown-name']);
  });

  test('a network of 10,000 statements', () => {
    const lets = Array.from({ length: 10_000 }, (_, i) => `let y${i} = x`).join('\n');
    const codes = new Set(codesInTime(smallModel({ recognition: `${lets}\nh ~ normal(dense(x, 2), 1)` })));
    expect([...codes]).toEqual(['unused-definition']);
  });

  test('a file of 100,000 lines that is too large', () => {
    const text = '/// A bound.\nbound b(k: int) = mean[k](log_w)\n'.repeat(50_000);
    expect(text.length).toBeGreaterThan(limits.fileLength);
    expect(codesInTime(text)).toEqual(['file-too-large']);
  });
});

test('a file of 100,000 lines is checked in seconds, and its last line is right', () => {
  const lines = Array.from({ length: 99_999 }, () => '// a line');
  const text = [...lines, 'bound b(k: int) = mean[k](logw)'].join('\n');
  const { diagnostics } = checkText(text);
  expect(diagnostics.map(({ code, span }) => [code, text.slice(0, span.start).split('\n').length])).toEqual([
    ['unknown-name', 100_000],
  ]);
  expect(parse({ path: 'a.iwae', text }).file.items).toHaveLength(1);
});
