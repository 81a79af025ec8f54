import { describe, expect, it } from 'vitest';
import { type Entry, frameHostStart, frameWords } from '../../../compiler/program/index.js';
import { crc32 } from '../../../runtime/crc32.js';
import { buildFrame } from '../../../runtime/frame.js';
import { fault, faultCodes, seededSample, seedOf } from '../../../runtime/index.js';
import { meanAndError, RunningMean, StreamingLogSumExp } from '../../../runtime/metrics.js';
import { runStream, SubmissionPacer } from '../../../runtime/pacing.js';

describe('seeds', () => {
  it('have 64 bits', () => {
    expect(seedOf(2n ** 64n - 1n)).toBe(2n ** 64n - 1n);
    for (const bad of [-1, 0.5, 2 ** 60, 2n ** 64n, Number.NaN]) expect(() => seedOf(bad)).toThrow(/seed/);
  });

  it('pick rows without repetition, sorted, the same each time', () => {
    const rows = seededSample(1000, 10000, 7);
    expect(new Set(rows).size).toBe(1000);
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
    expect(rows).toEqual(seededSample(1000, 10000, 7n));
    expect(rows).not.toEqual(seededSample(1000, 10000, 8));
    expect(seededSample(5, 5, 1)).toEqual([0, 1, 2, 3, 4]);
    expect(() => seededSample(6, 5, 1)).toThrow(/between 1 and 5/);
  });
});

describe('a frame', () => {
  it('holds the words in their places and the host scalars as f32', () => {
    const entry: Entry = {
      launches: [],
      dispatches: { gpu: [], software: [], subgroups: [] },
      rows: 1,
      samples: 1,
      results: [],
      host: [
        { kind: 'clock', clock: 'samples' },
        { kind: 'clock', clock: 'threshold' },
        {
          kind: 'scalar',
          op: 'add',
          args: [
            { kind: 'clock', clock: 'step' },
            { kind: 'constant', value: 0.1 },
          ],
        },
      ],
    };
    const facts = {
      noise: { seed: 2n ** 40n + 5n, step: 0xfffffffe },
      dataNoise: { seed: 9n, step: 4 },
      position: 40,
      rowCount: 100,
      epoch: 2,
      shuffle: true,
      sampleOffset: 50,
      step: 11,
      samples: 64,
      threshold: true,
    };
    const frame = buildFrame(entry, facts, 3);
    expect(Object.fromEntries(Object.entries(frameWords).map(([name, word]) => [name, frame[word]]))).toEqual(
      {
        step: 0xfffffffe,
        seedLow: 5,
        seedHigh: 256,
        dataStep: 4,
        dataSeedLow: 9,
        dataSeedHigh: 0,
        position: 40,
        rowCount: 100,
        epoch: 2,
        shuffle: 1,
        sampleOffset: 50,
        slot: 3,
      },
    );
    expect([...new Float32Array(frame.buffer, frameHostStart * 4, 3)]).toEqual([64, 1, Math.fround(11.1)]);
  });
});

describe('metrics', () => {
  it('give a mean and its error', () => {
    expect(meanAndError(Float64Array.of(1, 2, 3, 4))).toEqual({
      mean: 2.5,
      standardError: Math.sqrt(5 / 3 / 4),
    });
    expect(meanAndError(Float64Array.of(7))).toEqual({ mean: 7, standardError: 0 });
    const mean = new RunningMean();
    for (const value of [1, 2, 6]) mean.add(value);
    expect([mean.mean, mean.count]).toEqual([3, 3]);
  });

  it('sum exponentials of any size, in any order', () => {
    const sums = new StreamingLogSumExp(3);
    for (const term of [-1000, -1001, -999]) sums.add(0, term);
    for (const term of [900, Number.NEGATIVE_INFINITY, 899]) sums.add(1, term);
    expect(sums.value(0)).toBeCloseTo(-999 + Math.log(1 + Math.exp(-1) + Math.exp(-2)), 12);
    expect(sums.value(1)).toBeCloseTo(900 + Math.log(1 + Math.exp(-1)), 12);
    expect(sums.value(2)).toBe(Number.NEGATIVE_INFINITY);
    sums.add(2, Number.NaN);
    expect(sums.value(2)).toBeNaN();
  });

  it('check bytes with the CRC-32 that everyone else computes', () => {
    const digits = new TextEncoder().encode('123456789');
    expect(crc32(digits)).toBe(0xcbf43926);
    expect(crc32(digits.subarray(0, 4), digits.subarray(4))).toBe(0xcbf43926);
  });
});

describe('the pacing of submissions', () => {
  it('grows to about fifty milliseconds, at most twofold at a time, and shrinks at once', () => {
    const pacer = new SubmissionPacer(256);
    const counts: number[] = [];
    let now = 0;
    for (let i = 0; i < 8; i++) {
      counts.push(pacer.runs);
      const submitted = now;
      now += pacer.runs * 2;
      pacer.record(pacer.runs, submitted, now);
    }
    expect(counts).toEqual([1, 2, 4, 8, 16, 25, 25, 25]);
    pacer.record(25, now, now + 2500);
    expect(pacer.runs).toBe(1);
    for (let i = 0; i < 20; i++) pacer.record(pacer.runs, now, now);
    expect(pacer.runs).toBe(256);
  });

  const stream = (over: Partial<Parameters<typeof runStream<number>>[0]>) =>
    runStream<number>({
      pacer: new SubmissionPacer(4),
      first: 3,
      last: 40,
      signal: undefined,
      submit: async first => first,
      done: () => undefined,
      ...over,
    });

  it('does every run once, in order, two submissions at a time', async () => {
    const runs: number[] = [];
    let inFlight = 0;
    let most = 0;
    const next = await stream({
      submit: async first => {
        most = Math.max(most, ++inFlight);
        await new Promise(resolve => setTimeout(resolve, 1));
        inFlight--;
        return first;
      },
      done: (result, first, count) => {
        expect(result).toBe(first);
        for (let i = 0; i < count; i++) runs.push(first + i);
      },
    });
    expect(next).toBe(40);
    expect(runs).toEqual(Array.from({ length: 37 }, (_, i) => i + 3));
    expect(most).toBe(2);
  });

  it('finishes what is in flight when it is stopped or fails', async () => {
    const stop = new AbortController();
    let done = 3;
    const next = await stream({
      signal: stop.signal,
      done: (_, first, count) => {
        done = first + count;
        stop.abort();
      },
    });
    expect(next).toBe(done);
    expect(next).toBeLessThan(40);
    let settled = 0;
    const failing = stream({
      submit: async first => {
        await new Promise(resolve => setTimeout(resolve, 1));
        settled++;
        if (first === 3) throw fault('device-error', { reason: 'on purpose' });
        return first;
      },
    });
    await expect(failing).rejects.toMatchObject({ code: 'device-error' });
    expect(settled).toBe(2);
  });
});

describe('faults', () => {
  it('say what is wrong and what to do, under a code in kebab case', () => {
    expect(faultCodes.length).toBeGreaterThan(10);
    for (const code of faultCodes) expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    const lost = fault('device-lost', { reason: 'unplugged' });
    expect(lost).toBeInstanceOf(Error);
    expect(lost).toMatchObject({
      name: 'RuntimeFault',
      code: 'device-lost',
      message: 'the device was lost: unplugged',
    });
    expect(lost.help).toContain('--resume');
  });
});
