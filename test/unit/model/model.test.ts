import { describe, expect, test } from 'vitest';
import { type Expr, printModel, type TypedModel, verifyModel } from '../../../compiler/model/index.js';
import { CompilerBug } from '../../../compiler/support/bug.js';
import { modelFrom, readSpec, smallModel } from '../check/checked.js';

test('a model prints as text', async () => {
  await expect(printModel(modelFrom(readSpec('mnist1l')))).toMatchFileSnapshot('./mnist1l.model.txt');
  await expect(printModel(modelFrom(smallModel({ bound: 'piwae(k1=3, k2=2)' })))).toMatchFileSnapshot(
    './piwae.model.txt',
  );
});

describe('the verifier', () => {
  const model = modelFrom(smallModel({ bound: 'miwae(k1=3, k2=2)' }));
  const constant: Expr = { kind: 'constant', shape: [], value: 0 };
  const [factor] = model.recognition;
  const { value } = model.objective;
  const broken: readonly (readonly [string, TypedModel])[] = [
    ['two parameters of one name', { ...model, parameters: [...model.parameters, model.parameters[0]!] }],
    ['a latent that only p draws', { ...model, recognition: [] }],
    ['data without a likelihood', { ...model, generative: model.generative.slice(0, 1) }],
    ['a draw of the wrong shape', { ...model, recognition: [{ ...factor!, sample: constant }] }],
    ['a parameter that is not declared', { ...model, parameters: model.parameters.slice(1) }],
    [
      'a product of the wrong shape',
      withMean(model, { kind: 'scalar', shape: [3], op: 'negate', args: [factor!.mean!] }),
    ],
    [
      'the wrong number of arguments',
      withMean(model, { kind: 'scalar', shape: [], op: 'add', args: [constant] }),
    ],
    ['a constant that is not finite', withMean(model, { kind: 'constant', shape: [], value: Infinity })],
    [
      'a statistic in a factor',
      withMean(model, { kind: 'statistic', shape: [6], statistic: 'mean', data: 'x' }),
    ],
    ['an axis that is not declared', { ...model, objective: { ...model.objective, axes: [] } }],
    [
      'an objective for each sample',
      {
        ...model,
        objective: {
          ...model.objective,
          value: { kind: 'quantity', axes: ['k1'], name: 'log_w', layer: null },
        },
      },
    ],
    [
      'a reduction of what has no such axis',
      {
        ...model,
        objective: {
          ...model.objective,
          value: { kind: 'reduce', axes: [], op: 'sum', over: 'k1', arg: value },
        },
      },
    ],
    ['an empty batch', { ...model, training: { ...model.training, batch: 0 } }],
  ];

  test.each(broken)('finds %s', (_, bad) => {
    expect(() => verifyModel(model)).not.toThrow();
    expect(() => verifyModel(bad)).toThrow(CompilerBug);
  });
});

function withMean(model: TypedModel, mean: Expr): TypedModel {
  return { ...model, recognition: model.recognition.map(factor => ({ ...factor, mean })) };
}
