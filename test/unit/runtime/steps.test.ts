import { describe, expect, it } from 'vitest';
import type { SessionCore } from '../../../runtime/session/core.js';
import { stepFacts } from '../../../runtime/session/steps.js';
import type { Binarise } from '../../../runtime/session/types.js';

/** Three steps an epoch. */
const core = (binarise: Binarise, seed: bigint) =>
  ({
    binarise,
    seed,
    program: { training: { batch: 10 } },
    data: { rows: () => 30 },
  }) as unknown as SessionCore;

/** Steps that see the same draw of a row have the same letter. */
function draws(binarise: Binarise, seed = 5n): string {
  const seen: string[] = [];
  return [1, 2, 3, 4, 5, 6]
    .map(step => {
      const { seed: key, step: clock } = stepFacts(core(binarise, seed), step).dataNoise;
      const name = `${key} ${clock}`;
      if (!seen.includes(name)) seen.push(name);
      return 'abcdef'[seen.indexOf(name)];
    })
    .join('');
}

describe('grey data', () => {
  it.each([
    ['dynamic', 'abcdef'],
    ['per-epoch', 'aaabbb'],
    ['once', 'aaaaaa'],
    ['threshold', 'aaaaaa'],
    ['none', 'aaaaaa'],
  ] as const)('is drawn by the policy %s', (policy, expected) => {
    expect(draws(policy)).toBe(expected);
  });

  it('is drawn once in the same way for every seed', () => {
    const clock = (policy: Binarise, seed: bigint) => stepFacts(core(policy, seed), 4).dataNoise;
    expect(clock('once', 5n)).toEqual(clock('once', 6n));
    expect(clock('per-epoch', 5n)).not.toEqual(clock('per-epoch', 6n));
    expect(stepFacts(core('threshold', 5n), 1).threshold).toBe(true);
    expect(stepFacts(core('none', 5n), 1).threshold).toBe(false);
  });
});
