import { expect, test } from 'vitest';
import { checkGradients } from '../../compiler/certify/index.js';
import { modelFrom, smallModel } from '../unit/check/checked.js';

/** The derivative of a maximum asks which sample equals it: rewriting one side alone must not leave none that does. */
test.each(['max(k=3)', 'max(k=3) using one_sample'])('%s has the gradient of its largest sample', bound => {
  const model = modelFrom(
    smallModel({
      data: 'data x: real[3]',
      recognition: 'h ~ gaussian_mlp(x, hidden=[3], size=2)',
      generative: 'h ~ normal(0, 1)[2]  x ~ normal(mean = dense(h, 3), scale = 1)',
      bound,
    }),
  );
  expect(checkGradients(model).rows.filter(({ ok }) => !ok)).toEqual([]);
});
