import { describe, expect, it } from 'vitest';
import { type Pass, runPasses } from '../../compiler/pipeline.js';
import { CompilerBug } from '../../compiler/support/bug.js';

const double: Pass<number> = { name: 'double', purpose: 'twice as much', run: n => 2 * n };
const increase: Pass<number> = { name: 'increase', purpose: 'one more', run: n => n + 1 };
const print = (n: number) => `number ${n}`;

function bugOf(run: () => unknown): CompilerBug {
  try {
    run();
  } catch (error) {
    if (error instanceof CompilerBug) return error;
  }
  return expect.unreachable('no CompilerBug');
}

describe('runPasses', () => {
  it('runs passes in order and shows the program after each', () => {
    const seen: string[] = [];
    const onDump = (pass: Pass<number>, n: number) => seen.push(`${pass.name} ${n}`);
    expect(runPasses(3, [double, increase], { print, onDump })).toBe(7);
    expect(seen).toEqual(['double 6', 'increase 7']);
  });

  it('names the pass that breaks an invariant, with the program it made', () => {
    const verify = (n: number) => {
      if (n > 6) throw new CompilerBug('too large');
    };
    const bug = bugOf(() => runPasses(3, [double, increase], { print, verify }));
    expect(bug.message).toBe('after pass increase: too large');
    expect(bug.dump).toBe('number 7');
    expect(bugOf(() => runPasses(9, [double], { print, verify })).message).toBe(
      'before the first pass: too large',
    );
  });

  it('names the pass that throws, with the program it was given', () => {
    const failing: Pass<number> = {
      name: 'failing',
      purpose: 'fails',
      run: () => {
        throw new TypeError('no number');
      },
    };
    const bug = bugOf(() => runPasses(3, [double, failing], { print }));
    expect(bug.message).toBe('pass failing: no number');
    expect(bug.dump).toBe('number 6');
  });
});
