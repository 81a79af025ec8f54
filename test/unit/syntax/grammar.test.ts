import { expect, test } from 'vitest';
import { Parser } from '../../../compiler/syntax/parse.js';

test('the grammar passes the validation that is left out at each start', () => {
  expect(() => new Parser(true)).not.toThrow();
});
