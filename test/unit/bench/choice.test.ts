import { describe, expect, it } from 'vitest';
import { caseNames } from '../../../bench/cases.js';
import { chosenCases } from '../../../bench/choice.js';

const names = caseNames('cpu');
const chosen = (only: string) => [...chosenCases(names, only)];

describe('the cases of a benchmark', () => {
  it('are all of them where none is named', () => {
    expect(chosen('')).toEqual(names);
    expect(names).toContain('mnist1l 20x5');
  });

  it.each([
    ['mnist1l 20x5', ['mnist1l 20x5']],
    ['20x5', ['mnist1l 20x5']],
    ['20x50', ['mnist1l 20x50', 'mnist2l 20x50']],
    ['mnist2l', ['mnist2l 20x50']],
    ['20x', ['mnist1l 20x50', 'mnist1l 20x5', 'mnist1l 20x1', 'mnist2l 20x50']],
    ['20x5, build,20x1', ['mnist1l 20x5', 'build', 'mnist1l 20x1']],
    ['20x5,mnist1l 20', ['mnist1l 20x5', 'mnist1l 20x50', 'mnist1l 20x1']],
    ['eval', ['evaluation']],
  ])('of %s are %j', (only, expected) => {
    expect(chosen(only)).toEqual(expected);
  });

  it('say which there are where a name is none of theirs', () => {
    expect(() => chosen('20x5,20x7')).toThrow(/no case is called '20x7'; there are mnist1l 20x50, /);
    expect(() => chosenCases(caseNames('webgpu'), 'one_sample')).toThrow(/one_sample/);
  });
});
