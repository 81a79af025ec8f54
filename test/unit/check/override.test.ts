import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkText, codesOf, modelFrom, readSpec, smallModel } from './checked.js';

const bound = (text: string, spec = smallModel()) => checkText(spec, { overrides: { bound: text } });

describe('a bound from outside the file', () => {
  it('stands for the model’s own', () => {
    const model = modelFrom(smallModel(), { overrides: { bound: 'power(p=3, k=7)' } });
    expect(model.objective.text).toBe('power(k=7, p=3)');
    const written = modelFrom(smallModel({ bound: 'power(p=3, k=7)' }));
    expect(model.objective.axes.map(({ size }) => size)).toEqual(
      written.objective.axes.map(({ size }) => size),
    );
  });

  it('may be a bound of the file, and takes k from its own override', () => {
    const text = readSpec('my_bound');
    const overrides = { bound: 'trimmed(k=6, trim=2)', k: 9 };
    expect(modelFrom(text, { overrides }).objective.text).toBe('trimmed(k=9, trim=2)');
  });

  it('is reported in a text of its own', () => {
    const [diagnostic, ...others] = bound('powr(p=3)').diagnostics;
    expect(others).toEqual([]);
    expect(diagnostic?.span).toMatchObject({
      start: 0,
      end: 4,
      file: { path: '--bound', text: 'powr(p=3)' },
    });
    expect(diagnostic?.help).toMatch(/power/);
  });

  it.each([
    ['', ['unexpected-token']],
    ['iwae(k=5', ['unclosed-bracket']],
    ['iwae(k=5) more', ['unexpected-token']],
    ['iwae(k=5)\nmodel m {}', ['unexpected-token']],
    ['mean[k](log_w)', ['not-a-bound']],
    ['iwae(k=2.5)', ['type-mismatch']],
    ['iwae', ['missing-argument']],
    [`${'('.repeat(5000)}iwae`, ['nested-too-deeply']],
  ])('is refused where it is %j', (text, codes) => {
    expect(codesOf(smallModel(), { overrides: { bound: text.slice(0, 6000) } })).toEqual(codes);
    expect(bound(text).model).toBeNull();
  });

  it('never makes the checker throw', () => {
    const words = fc.constantFrom(
      'iwae',
      '(',
      ')',
      'k',
      '=',
      '5',
      ',',
      '+',
      'log_w',
      '[',
      '{',
      '}',
      '"',
      '\n',
      'stop',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), parts => {
        expect(bound(parts.join(' ')).diagnostics).toBeDefined();
      }),
      { seed: 20160118, numRuns: 200 },
    );
  });
});

describe('a schedule from outside the file', () => {
  const schedule = (text: string, spec = smallModel()) => checkText(spec, { overrides: { schedule: text } });
  const written = 'schedule cosine(epochs=20)';
  const train = (settings: string) => smallModel({ train: settings });
  const untrained = smallModel().replace('train {  }', '');

  it.each([
    ['no train block', untrained],
    ['a train block without one', train('batch 7')],
    ['one of its own', train('batch 7 schedule burda')],
  ])('stands in a model with %s', (_, spec) => {
    const found = modelFrom(spec, { overrides: { schedule: 'cosine(epochs=20)' } }).training;
    expect(found.schedule).toEqual(modelFrom(train(written)).training.schedule);
    expect(found.batch).toBe(spec.includes('batch 7') ? 7 : 100);
  });

  it('is reported in a text of its own', () => {
    const [diagnostic, ...others] = schedule('cosin(epochs=20)').diagnostics;
    expect(others).toEqual([]);
    expect(diagnostic?.span).toMatchObject({ start: 0, end: 5, file: { path: '--schedule' } });
    expect(diagnostic?.help).toMatch(/cosine/);
  });

  it.each([
    ['', ['unexpected-token']],
    ['1 + 2', ['not-a-choice']],
    ['cosine(epochs=0)', ['invalid-epochs', 'not-finite']],
    ['cosine(rows=3)', ['unknown-argument']],
    ['burda more', ['unexpected-token']],
    ['adam', ['unknown-name']],
  ])('is refused where it is %j', (text, codes) => {
    expect(codesOf(smallModel(), { overrides: { schedule: text } })).toEqual(codes);
  });
});
