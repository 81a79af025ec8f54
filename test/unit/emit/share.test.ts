import { describe, expect, it } from 'vitest';
import { jobSuffix, shareJobs } from '../../../compiler/emit/wgsl/share.js';

/** A job that adds up `extent` numbers from `start` and multiplies by `factor`. */
const job = (position: number, extent: number, start: number, factor: string, operation = '+') => ({
  name: `stage0${jobSuffix(position)}`,
  units: 3 + position,
  text: [
    `// sum ${extent}`,
    `fn finish1${jobSuffix(position)}(sum: f32) { out[0u] = ${factor}f * sum; }`,
    `fn stage0${jobSuffix(position)}(unit: u32, lane: u32) {`,
    '  var sums = array<f32, 2>();',
    `  for (var i = 0u; i < ${extent}u; i += 1u) { sums[0] = sums[0] ${operation} x[${start}u + i + ${extent}u]; }`,
    `  finish1${jobSuffix(position)}(sums[0]);`,
    '}',
    '',
  ].join('\n'),
});

describe('jobs of a dispatch', () => {
  it('that differ in numbers alone are one text, with a variable for each set of them', () => {
    const [shared, ...others] = shareJobs([job(0, 10, 7, '0.5'), job(1, 20, 7, '2.5e-7')]);
    expect(others).toEqual([]);
    expect(shared).toEqual({
      name: 'stage0_job0',
      numbers: [
        { name: 'number0_0', type: 'f32' },
        { name: 'number0_1', type: 'u32' },
      ],
      members: [
        { units: 3, values: ['0.5f', '10u'] },
        { units: 4, values: ['2.5e-7f', '20u'] },
      ],
      text: expect.stringContaining('i < number0_1; i += 1u) { sums[0] = sums[0] + x[7u + i + number0_1]; }'),
    });
    expect(shared!.text).toContain('out[0u] = number0_0 * sum');
    expect(shared!.text).toContain('array<f32, 2>()');
    expect(shared!.text).toMatch(/^\/\/ sum 10\n\/\/ sum 20\nfn finish1_job0/);
  });

  it('that differ in anything else stay as they are', () => {
    const jobs = [job(0, 10, 7, '0.5'), job(1, 10, 7, '0.5', '-'), job(2, 10, 7, '(-0.5)')];
    const shared = shareJobs(jobs);
    expect(shared.map(({ text, numbers, members }) => ({ text, numbers, members }))).toEqual(
      jobs.map(({ text, units }) => ({ text, numbers: [], members: [{ units, values: [] }] })),
    );
  });

  it('keep their order where others stand between those that are alike', () => {
    const shared = shareJobs([job(0, 10, 7, '0.5'), job(1, 10, 7, '0.5', '-'), job(2, 10, 8, '0.5')]);
    expect(shared.map(({ members }) => members)).toEqual([
      [
        { units: 3, values: ['7u'] },
        { units: 5, values: ['8u'] },
      ],
      [{ units: 4, values: [] }],
    ]);
  });
});
