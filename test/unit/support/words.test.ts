import { expect, test } from 'vitest';
import { counted, indented, listed, quoted } from '../../../compiler/support/words.js';

test('lists read as English', () => {
  expect(listed([], 'or')).toBe('');
  expect(listed(['a'], 'or')).toBe('a');
  expect(listed(['a', 'b'], 'or')).toBe('a or b');
  expect(listed(['a', 'b', 'c'], 'and')).toBe('a, b and c');
});

test('counts choose singular or plural', () => {
  expect([counted(0, 'error'), counted(1, 'error'), counted(2, 'axis', 'axes')]).toEqual([
    '0 errors',
    '1 error',
    '2 axes',
  ]);
});

test('quoting and indenting', () => {
  expect(quoted('x')).toBe('`x`');
  expect(indented('a\n\nb', '  ')).toBe('  a\n\n  b');
});
