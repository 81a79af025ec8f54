import { describe, expect, test } from 'vitest';
import { codesOf, modelFrom, smallModel } from './checked.js';
import { evaluateHost } from './host.js';

const namesOf = (text: string) => modelFrom(text).parameters.map(({ name }) => name);

describe('parameters', () => {
  test('are named by network, statement, innermost layer and its number within the statement', () => {
    const generative = `h ~ normal(0, 1)[2]
      let a = h |> dense(3, tanh) |> dense(4, tanh)
      let b = a |> scaled |> dense(6)
      x ~ bernoulli(logits = b)`;
    const before = `layer scaled(x: real[n]) {
      param gain: real = 1
      return gain * dense(x, n)
    }`;
    const names = namesOf(smallModel({ before, generative })).filter(name => name.startsWith('generative'));
    expect(names).toEqual([
      'generative.a.dense1.weight',
      'generative.a.dense1.bias',
      'generative.a.dense2.weight',
      'generative.a.dense2.bias',
      'generative.b.scaled1.gain',
      'generative.b.dense1.weight',
      'generative.b.dense1.bias',
      'generative.b.dense2.weight',
      'generative.b.dense2.bias',
    ]);
  });

  test('of a fold over no sizes are none', () => {
    expect(namesOf(smallModel({ recognition: 'h ~ gaussian_mlp(x, hidden=[], size=2)' }))).toContain(
      'recognition.h.dense2.weight',
    );
  });

  test('start from their own noise', () => {
    const { parameters } = modelFrom(smallModel());
    const sites = JSON.stringify(parameters[0]?.initial);
    expect(sites).toContain('"site":"recognition.h.dense1.weight"');
  });
});

describe('factors', () => {
  test('have noise of their own side', () => {
    const { recognition, generative } = modelFrom(smallModel());
    expect(JSON.stringify(recognition[0]?.sample)).toContain('"site":"q.h"');
    expect(generative.map(({ sample }) => /"site":"([^"]*)"/.exec(JSON.stringify(sample))?.[1])).toEqual([
      'p.h',
      'p.x',
    ]);
  });

  test('share what they have in common', () => {
    const recognition = 'let y = dense(x, 4, tanh)  h ~ normal(mean = dense(y, 2), scale = exp(dense(y, 2)))';
    const [factor] = modelFrom(smallModel({ recognition })).recognition;
    expect(factor?.sample.kind === 'scalar' && factor.sample.args.includes(factor.mean!)).toBe(true);
  });

  test('may be of several data variables and of single numbers', () => {
    const text = smallModel({
      data: 'data x: binary[6]  data y: real',
      recognition: 'param shift: real = 0  h ~ normal(mean = mean(x) + shift, scale = 1)',
      generative: 'h ~ normal(0, 1)  x ~ bernoulli(logits = h)[6]  y ~ normal(h, 1)',
    });
    const { generative } = modelFrom(text);
    expect(generative.map(({ variable, shape }) => [variable, shape])).toEqual([
      ['h', []],
      ['x', [6]],
      ['y', []],
    ]);
  });

  test('of a distribution with several noises name each', () => {
    const before = `distribution sum_of_two(scale: positive) {
      support real
      noise a: normal
      noise b: normal
      sample scale * (a + b)
      log_prob(x) = -0.25 * (x / scale)^2 - log(scale) - 0.5 * log(4 * pi)
    }`;
    const recognition = 'h ~ sum_of_two(scale = exp(dense(x, 2)))';
    const sample = JSON.stringify(modelFrom(smallModel({ before, recognition })).recognition[0]?.sample);
    expect(sample).toContain('"site":"q.h"');
    expect(sample).toContain('"site":"q.h.b"');
  });
});

describe('training', () => {
  test('has defaults', () => {
    const { training } = modelFrom(smallModel().replace(/train \{.*\}/, ''));
    expect(training).toMatchObject({ batch: 100, gradient: 'mean' });
    expect(training.optimizer.text).toBe('adam');
    expect(training.schedule).toMatchObject({ text: 'constant', epochs: 100 });
  });

  test('burda lowers the rate at epochs 1, 4, 13, … to the tenth part in the end', () => {
    const { schedule } = modelFrom(smallModel({ train: 'schedule burda(stages=8)' })).training;
    const rate = (epoch: number) => evaluateHost(schedule.rate, { epoch, step: 1 });
    let epoch = 0;
    for (let stage = 0; stage < 8; stage++) {
      const expected = 10 ** (-stage / 7);
      expect(rate(epoch)).toBeCloseTo(expected, 12);
      epoch += 3 ** stage;
      expect(rate(epoch - 1)).toBeCloseTo(expected, 12);
    }
    expect(epoch).toBe(schedule.epochs);
    expect(rate(epoch)).toBeCloseTo(0.1, 12);
    const single = modelFrom(smallModel({ train: 'schedule burda(stages=1)' })).training.schedule;
    expect(single.epochs).toBe(1);
    expect(evaluateHost(single.rate, { epoch: 0, step: 1 })).toBe(1);
  });

  const rateOf = (schedule: string) => {
    const { rate, epochs } = modelFrom(smallModel({ train: `schedule ${schedule}` })).training.schedule;
    return { epochs, at: (epoch: number, step = 1000) => evaluateHost(rate, { epoch, step }) };
  };

  test('cosine goes down half a wave', () => {
    const { epochs, at } = rateOf('cosine(epochs=8, least=0.1)');
    expect(epochs).toBe(8);
    for (const epoch of [0, 1, 4, 7])
      expect(at(epoch)).toBeCloseTo(0.1 + (0.9 * (1 + Math.cos((Math.PI * epoch) / 8))) / 2, 12);
    expect([at(0), at(4), at(8), at(20)].map(rate => Number(rate.toFixed(12)))).toEqual([1, 0.55, 0.1, 0.1]);
  });

  test('stepwise multiplies by its factor', () => {
    const { epochs, at } = rateOf('stepwise(epochs=7, every=3, factor=0.5)');
    expect(epochs).toBe(7);
    expect([0, 2, 3, 5, 6].map(epoch => at(epoch))).toEqual([1, 1, 0.5, 0.5, 0.25]);
  });

  test.each(['constant', 'burda', 'cosine', 'stepwise'])('%s warms up over its first steps', name => {
    const { at } = rateOf(`${name}(warmup=4)`);
    expect([1, 2, 3, 4, 5].map(step => at(0, step))).toEqual([0.25, 0.5, 0.75, 1, 1]);
    expect(rateOf(name).at(0, 1)).toBe(1);
  });

  test('adamw, adamax, and adam with a second moment that starts at one', () => {
    const run = { epoch: 0, step: 1, parameter: 2, gradient: 0.5, rate: 0.5, m: 0, v: 0, u: 0.1 };
    const next = (text: string) => modelFrom(smallModel({ train: `optimizer ${text}` })).training.optimizer;
    const { parameter } = next('adamw(lr=0.1, decay=0.2)');
    expect(evaluateHost(parameter, run)).toBeCloseTo(2 + 0.05 * (0.5 / (0.5 + 1e-8) - 0.4), 12);
    const largest = next('adamax(lr=0.1)');
    expect(evaluateHost(largest.states[1]!.next, run)).toBe(0.5);
    expect(evaluateHost(largest.parameter, run)).toBeCloseTo(2 + (0.05 * 0.05) / (0.1 * (0.5 + 1e-8)), 12);
    const burda = next('adam(beta1=0.99, eps=1e-4, v0=1)');
    expect(burda.states.map(({ initial }) => initial)).toEqual([0, 1]);
  });

  test('gradients are clipped if the train block says so', () => {
    const clipping = (train: string) => modelFrom(smallModel({ train })).training.clipping;
    expect(clipping('batch 4')).toBeNull();
    expect(clipping('clip_norm 5')).toEqual({ by: 'norm', limit: 5 });
    expect(clipping('clip_value 1 / 2')).toEqual({ by: 'value', limit: 0.5 });
  });

  test('adam uses its new moments, corrected for their start', () => {
    const { optimizer } = modelFrom(smallModel({ train: 'optimizer adam(lr=0.1, eps=1e-8)' })).training;
    const state = { m: 0.2, v: 0.3 };
    const run = { epoch: 0, step: 3, parameter: 1, gradient: 0.5, rate: 0.5, ...state };
    const m = 0.9 * 0.2 + 0.1 * 0.5;
    const v = 0.999 * 0.3 + 0.001 * 0.25;
    const [first, second] = optimizer.states;
    expect(evaluateHost(first!.next, run)).toBeCloseTo(m, 12);
    expect(evaluateHost(second!.next, run)).toBeCloseTo(v, 12);
    const step = (0.1 * 0.5 * (m / (1 - 0.9 ** 3))) / (Math.sqrt(v / (1 - 0.999 ** 3)) + 1e-8);
    expect(evaluateHost(optimizer.parameter, run)).toBeCloseTo(1 + step, 12);
  });

  test('sgd with momentum', () => {
    const { optimizer } = modelFrom(smallModel({ train: 'optimizer sgd(lr=0.1, momentum=0.5)' })).training;
    const run = { epoch: 0, step: 1, parameter: 1, gradient: 2, rate: 1, velocity: 4 };
    expect(evaluateHost(optimizer.parameter, run)).toBeCloseTo(1 + 0.1 * (0.5 * 4 + 2), 12);
  });
});

describe('files', () => {
  const library = 'bound mine(k: int) = mean[k](log_w)\nlayer wide(x: real[n]) = dense(x, 2 * n)';
  const readImport = (path: string) =>
    ({
      'lib.iwae': { path: 'lib.iwae', text: library },
      'two.iwae': { path: 'two.iwae', text: 'import "lib.iwae"' },
    })[path] ?? null;

  test('see what they import, directly and not, once', () => {
    const before = 'import "lib.iwae"\nimport "two.iwae"';
    expect(modelFrom(smallModel({ before, bound: 'mine(k=2)' }), { readImport }).objective.text).toBe(
      'mine(k=2)',
    );
  });

  test('without a model are libraries', () => {
    expect(codesOf(library)).toEqual([]);
  });

  test('with several models give the one that is asked for', () => {
    const two = `${smallModel()}\n${smallModel().replace('model small', 'model other')}`;
    expect(modelFrom(two, { model: 'other' }).name).toBe('other');
    expect(codesOf(two)).toEqual(['several-models']);
  });
});
