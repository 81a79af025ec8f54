import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AdapterTuning,
  type TuningFile,
  tuningFor,
  tuningVersion,
  validateTuning,
  withAdapter,
} from '../../../compiler/index.js';

const points = { kind: 'points', lanes: 'domain', units: 3 } as const;
const tiled = {
  kind: 'tiled',
  tileRows: 8,
  tileColumns: 8,
  tileDepth: 4,
  splits: 1,
  threadRows: 1,
  threadColumns: 1,
} as const;
const dispatch = { workgroup: 64, jobs: [{ block: 1, stages: [tiled] }] };
const measured = (hash: string, schedule: AdapterTuning['schedules'][number]['schedule']) => ({
  hash,
  launch: 'train_step.00',
  schedule,
  before: 2e-3,
  after: 1e-3,
});
const cpu: AdapterTuning = { adapter: 'CPU', target: 'cpu', schedules: [measured('a', points)] };
const gpu: AdapterTuning = { adapter: 'GPU', target: 'gpu', schedules: [measured('a', dispatch)] };
const file: TuningFile = { format: 'iwaec-tuning', version: tuningVersion, adapters: [cpu, gpu] };
const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a tuning from a file', () => {
  it('is accepted as it was written', () => {
    expect(validateTuning(copy(file))).toEqual({ kind: 'tuning', file });
  });

  it('is told apart by its version', () => {
    expect(validateTuning({ format: 'iwaec-tuning', version: 2 })).toEqual({
      kind: 'other-version',
      found: '2',
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['no object', [], /is a list, not an object/],
    ['another format', { format: 'iwaec-program', version: 1 }, /format is "iwaec-program"/],
    ['no adapters', { ...file, adapters: {} }, /adapters is an object, not a list/],
    [
      'an unknown target',
      { ...file, adapters: [{ ...cpu, target: 'tpu' }] },
      /adapters\[0\]\.target is "tpu"/,
    ],
    [
      'a schedule of the other target',
      { ...file, adapters: [{ ...gpu, target: 'cpu' }] },
      /schedule\.kind is nothing/,
    ],
    [
      'a kind from the prototype',
      {
        ...file,
        adapters: [{ ...cpu, schedules: [{ ...measured('a', points), schedule: { kind: 'toString' } }] }],
      },
      /kind is "toString", not one of points, product/,
    ],
    [
      'half a tile',
      {
        ...file,
        adapters: [
          {
            ...gpu,
            schedules: [
              {
                ...measured('a', dispatch),
                schedule: { workgroup: 64, jobs: [{ block: 1, stages: [{ ...tiled, tileDepth: 0.5 }] }] },
              },
            ],
          },
        ],
      },
      /stages\[0\]\.tileDepth is 0\.5/,
    ],
  ])('is refused with %s', (_, value, reason) => {
    const validation = validateTuning(value);
    expect(validation).toMatchObject({ kind: 'invalid' });
    expect((validation as { readonly reason: string }).reason).toMatch(reason);
  });

  it('never breaks, whatever it holds', () => {
    const inside = fc.oneof(fc.jsonValue(), fc.constant(copy(file)), fc.constant(copy(cpu)));
    fc.assert(
      fc.property(inside, fc.jsonValue(), (value, adapter) => {
        validateTuning(value);
        validateTuning({ ...file, adapters: [adapter] });
        validateTuning({ ...file, adapters: [{ ...cpu, schedules: [adapter] }] });
        const schedules = [{ ...measured('a', points), schedule: adapter }];
        validateTuning({
          ...file,
          adapters: [
            { ...cpu, schedules },
            { ...gpu, schedules },
          ],
        });
      }),
      { seed: 1509_00519, numRuns: 300 },
    );
  });

  it('has schedules by target and hash', () => {
    const tuning = tuningFor(file.adapters);
    expect(tuning.cpu).toEqual(new Map([['a', points]]));
    expect(tuning.gpu).toEqual(new Map([['a', dispatch]]));
    expect(tuning.software.size).toBe(0);
  });

  it('keeps what is measured again in one place, and the rest', () => {
    const found = { ...cpu, schedules: [measured('b', points)] };
    expect(withAdapter(null, found, new Set(['b'])).adapters).toEqual([found]);
    const merged = withAdapter(file, found, new Set(['b']));
    expect(merged.adapters).toEqual([
      gpu,
      { ...cpu, schedules: [measured('a', points), measured('b', points)] },
    ]);
    // A family that was measured and has no winner any more.
    expect(withAdapter(merged, found, new Set(['a', 'b'])).adapters[1]).toEqual(found);
  });
});
