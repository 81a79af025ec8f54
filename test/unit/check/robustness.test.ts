import { expect, test } from 'vitest';
import { codesOf, smallModel } from './checked.js';

/** Each once broke the checker, found by mutating programs. */
test.each([
  [
    'no axis in a reduction of a network',
    smallModel({ generative: 'h ~ normal(sum[](x), 1)[2] x ~ bernoulli(logits = dense(h, 6))' }),
    ['axis-missing'],
  ],
  [
    'an axis that is no name',
    smallModel({ recognition: 'h ~ normal(mean[[1]](x), 1)' }),
    ['axis-not-a-name'],
  ],
  ['no axis in a reduction of a bound', 'bound b(k: int) = sum[](log_w)', ['axis-missing']],
  ['no axis in a size', 'bound b(k: int) = mean[k](log_w) * size[]', ['axis-expected']],
])('%s', (_what, text, codes) => {
  expect(codesOf(text)).toEqual(codes);
});
