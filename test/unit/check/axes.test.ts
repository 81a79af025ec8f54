import { describe, expect, test } from 'vitest';
import { type BoundExpr, boundText } from '../../../compiler/model/index.js';
import { checkText, codesOf, modelFrom, smallModel } from './checked.js';

const objectiveOf = (bound: string, before = '') => modelFrom(smallModel({ bound, before })).objective;

/** The sample axes that the quantities of a formula carry, each kind of quantity once. */
function quantities(expr: BoundExpr, found = new Set<string>()): ReadonlySet<string> {
  if (expr.kind === 'quantity') found.add(`${expr.name}: ${expr.axes.join(' ')}`);
  if (expr.kind === 'scalar') for (const arg of expr.args) quantities(arg, found);
  if (expr.kind === 'reduce' || expr.kind === 'rank' || expr.kind === 'stop') quantities(expr.arg, found);
  return found;
}

describe('sample axes', () => {
  test('miwae draws k1 times k2 samples', () => {
    const { axes, value } = objectiveOf('miwae(k1=4, k2=32)');
    expect(axes.map(({ name, size }) => [name, size])).toEqual([
      ['k1', 4],
      ['k2', 32],
    ]);
    expect([...quantities(value)]).toEqual(['log_w: k1 k2']);
    expect(value.axes).toEqual([]);
  });

  test('ciwae uses the same k samples in both terms', () => {
    const { axes, value } = objectiveOf('ciwae(k=4, beta=0.3)');
    expect(axes).toEqual([{ id: 'k', name: 'k', size: 4 }]);
    expect([...quantities(value)]).toEqual(['log_w: k']);
  });

  test('a number that is passed on makes an axis of its own', () => {
    const { axes, value } = objectiveOf('mine(k=4)', 'bound mine(k: int) = 0.5 * iwae(k) + 0.5 * elbo(3)');
    expect(axes.map(({ id, size }) => [id, size])).toEqual([
      ['k', 4],
      ['k_2', 3],
    ]);
    expect([...quantities(value)].sort()).toEqual(['log_w: k', 'log_w: k_2']);
  });

  test('the three clauses of an objective share their samples', () => {
    const { axes, value, generative, recognition } = objectiveOf('piwae(k1=3, k2=2)');
    expect(axes.map(({ id }) => id)).toEqual(['k1', 'k2']);
    expect(generative).toBe(value);
    expect(recognition).not.toBe(value);
    expect([...quantities(recognition)]).toEqual(['log_w: k1 k2']);
  });

  test('a bound that is called inside of a reduction has a value for each of its samples', () => {
    const { value } = objectiveOf('mine(k1=3, k2=2)', 'bound mine(k1: int, k2: int) = mean[k2](iwae(k1))');
    expect(boundText(value)).toBe(boundText(objectiveOf('miwae(k1=3, k2=2)').value));
  });

  test('weights keep their axis and may stand inside of a reduction over it', () => {
    const { recognition } = objectiveOf('iwae_dreg(k=3)');
    expect([...quantities(recognition)].sort()).toEqual(['log_w: k', 'log_w_path: k']);
  });

  test('ids never look like the axes of data and features', () => {
    const { axes } = objectiveOf('mine(b=3, f0=2)', 'bound mine(b: int, f0: int) = mean[b](mean[f0](log_w))');
    expect(axes.map(({ id, name }) => [id, name])).toEqual([
      ['b_2', 'b'],
      ['f0_2', 'f0'],
    ]);
  });

  test('k and batch can be overridden, and the text says so', () => {
    const { objective, training } = modelFrom(smallModel({ bound: 'power(p=2, k=5)' }), {
      overrides: { k: 50, batch: 7 },
    });
    expect(objective.text).toBe('power(k=50, p=2)');
    expect(objective.axes[0]?.size).toBe(50);
    expect(training.batch).toBe(7);
    expect(modelFrom(smallModel({ bound: 'elbo' }), { overrides: { k: 3 } }).objective.text).toBe(
      'elbo(k=3)',
    );
    expect(modelFrom(smallModel({ bound: 'iwae(5)' }), { overrides: { k: 3 } }).objective.axes[0]?.size).toBe(
      3,
    );
    expect(codesOf(smallModel(), { overrides: { k: 0 } })).toEqual(['axis-size']);
    const [batch] = checkText(smallModel({ train: 'batch 5' }), { overrides: { batch: 1e9 } }).diagnostics;
    expect(batch).toMatchObject({
      code: 'invalid-batch',
      span: { file: { path: '--batch', text: '1000000000' } },
    });
  });
});

describe('bounds as formulas', () => {
  const shift = 'stop(maximum(max[k](log_w), -1e+30))';
  test.each([
    ['elbo(k=4)', 'sum[k](log_w) / 4'],
    ['iwae(k=4)', `${shift} + log(sum[k](exp_weight(log_w - ${shift}))) - 1.386294`],
    ['power(k=4, p=1)', `${shift} + log(sum[k](exp_weight(log_w - ${shift}))) - 1.386294`],
    ['median(k=4)', 'sum[k](select((1 <= rank[k](log_w)) * (rank[k](log_w) <= 2), log_w, 0)) / 2'],
    ['median(k=5)', 'sum[k](select((2 <= rank[k](log_w)) * (rank[k](log_w) <= 2), log_w, 0))'],
    ['alpha(k=2, alpha=0.5)', 'sum[k](log_lik + 0.5 * (log_prior - log_q)) / 2'],
  ])('%s', (bound, formula) => {
    expect(boundText(objectiveOf(bound).value)).toBe(formula);
  });

  test('power scales the weights by p, and divides by it outside of the logarithm', () => {
    const text = boundText(objectiveOf('power(k=2, p=-1)').value);
    expect(text).toContain('-1 * log_w');
    expect(text).toMatch(/\) \/ -1$|\) \/ \(-1\)$/);
  });

  test('a layer of the model narrows a quantity', () => {
    const before = 'bound mine(k: int) = mean[k](log_w + log_lik[x] - log_q[h])';
    expect(boundText(objectiveOf('mine(k=1)', before).value)).toBe('sum[k](log_w + log_lik[x] - log_q[h])');
  });

  test('a bound may change with the epoch', () => {
    const before = 'bound warm(k: int) = mean[k](log_lik + minimum(1, epoch / 10) * (log_prior - log_q))';
    expect(boundText(objectiveOf('warm(k=1)', before).value)).toBe(
      'sum[k](log_lik + minimum(1, epoch / 10) * (log_prior - log_q))',
    );
  });

  test('every bound of the library is sound', () => {
    const bounds = [
      'iwae(k=3)',
      'elbo',
      'elbo_analytic',
      'max(k=3)',
      'power(k=3, p=-2)',
      'median(k=3)',
      'ciwae(k=3, beta=0.5)',
      'miwae(k1=2, k2=3)',
      'alpha(k=2, alpha=0)',
      'vr(k=3, alpha=0.5)',
      'piwae(k1=2, k2=3)',
      'iwae_dreg(k=3)',
      'rws(k=3)',
      'jvi(k=3)',
      'tvo(k=3, partitions=2)',
      'beta(k=1, beta=ramp(epoch, 0, 50))',
    ];
    for (const bound of bounds) expect(codesOf(smallModel({ bound })), bound).toEqual([]);
  });
});
