import { describe, expect, it } from 'vitest';
import { bytes, count, duration, metric, shellWord, table } from '../../../cli/words.js';

describe('words', () => {
  it.each([
    [0.04, '0.0 s'],
    [9.87, '9.9 s'],
    [12.4, '12 s'],
    [59.6, '1 min 00 s'],
    [125, '2 min 05 s'],
    [7620, '2 h 07 min'],
    [Number.POSITIVE_INFINITY, '?'],
  ])('of %f seconds', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it('of sizes and counts', () => {
    expect([0, 1023, 1024, 3.5 * 2 ** 20].map(bytes)).toEqual([
      '0 bytes',
      '1023 bytes',
      '1.0 KiB',
      '3.5 MiB',
    ]);
    expect([0, 999, 1500, 2.5e9].map(metric)).toEqual(['0', '999', '1.50 k', '2.50 G']);
    expect(count(1234567)).toBe('1,234,567');
  });

  it('of tables line up', () => {
    expect(
      table([
        ['a', '1'],
        ['long', '2'],
      ]),
    ).toBe('  a     1\n  long  2');
  });

  it('survive a shell', () => {
    expect(['runs/a-1', 'my run', "it's"].map(shellWord)).toEqual(['runs/a-1', "'my run'", "'it'\\''s'"]);
  });
});
