import { describe, expect, it } from 'vitest';
import { hostShare } from '../../../cli/profile/table.js';
import { betweenSpans } from '../../../runtime/session/profile.js';

const spans = (pairs: readonly (readonly [number, number])[]) =>
  betweenSpans({
    clock: 'device',
    begins: Float64Array.from(pairs, ([begin]) => begin),
    ends: Float64Array.from(pairs, ([, end]) => end),
  });

describe('the time in which a device waits for the host', () => {
  it('is what lies between one submission and the next', () => {
    const time = spans([
      [0, 1],
      [1.5, 2],
      [2.25, 4],
    ]);
    expect(time).toEqual({ clock: 'device', submissions: 3, seconds: 4, betweenSeconds: 0.75 });
    expect(hostShare(time)).toBe(0.1875);
  });

  it('is none where the next one was there in time', () => {
    expect(
      hostShare(
        spans([
          [0, 2],
          [1, 4],
        ]),
      ),
    ).toBe(0);
  });

  it('cannot be told of fewer than two', () => {
    expect(hostShare(spans([[0, 1]]))).toBeNull();
    expect(hostShare(spans([]))).toBeNull();
  });
});
