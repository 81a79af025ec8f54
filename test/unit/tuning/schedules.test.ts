import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printDispatch } from '../../../compiler/emit/wgsl/index.js';
import type { Dispatch } from '../../../compiler/kernel/dispatch.js';
import type { Kernel } from '../../../compiler/kernel/ir.js';
import { type DispatchSchedule, type Schedule, scheduleDispatch } from '../../../compiler/kernel/schedule.js';
import { kernelHash } from '../../../compiler/tuning/hash.js';
import { isLegal, isLegalOnCpu } from '../../../compiler/tuning/legal.js';
import { tunableDispatches, tunableKernels } from '../../../compiler/tuning/tunable.js';
import { noTuning, scheduleOf, type TunedSchedule } from '../../../compiler/tuning/tuning.js';
import { dense, denseBuffers, load } from '../kernel/fixture.js';

/** The same kernel with every name another. */
const renamed = (kernel: Kernel): Kernel =>
  JSON.parse(
    JSON.stringify({ ...kernel, name: 'other', origin: ['other'] })
      .replaceAll(/"(x|w|out|sums)"/g, '"model.$1"')
      .replaceAll(/"(r|c|d)"/g, '"axis $1"'),
  );

const alone: Dispatch = { jobs: [{ units: 1, stages: [{ kernel: 0, reason: '' }] }] };
const denseAlone = {
  sequence: { name: 's', kernels: [dense], buffers: [...denseBuffers.values()] },
  dispatches: [alone],
};
const scheduled = (stage: Schedule, workgroup = 256): DispatchSchedule => ({
  workgroup,
  jobs: [{ block: 1, stages: [stage] }],
});
const tile = (
  tileRows: number,
  tileColumns: number,
  threadRows: number,
  threadColumns: number,
  tileDepth = 16,
  splits = 1,
) => ({ kind: 'tiled', tileRows, tileColumns, tileDepth, threadRows, threadColumns, splits }) as const;

describe('the hash of a kernel', () => {
  it('is that of its structure and sizes, not of names', () => {
    expect(kernelHash(renamed(dense))).toBe(kernelHash(dense));
    const wider = { ...dense, domain: [dense.domain[0]!, { name: 'c', extent: 8 }] };
    const swapped = {
      ...dense,
      reductions: [{ ...dense.reductions[0]!, left: load('w', { r: 5, d: 1 }) }],
    } as Kernel;
    const without = { ...dense, stores: dense.stores.slice(0, 1) };
    const hashes = [dense, wider, swapped, without].map(kernelHash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe('a schedule from a file', () => {
  const { jobs } = alone;

  // Partial results are of 4 columns.
  it.each<[string, DispatchSchedule]>([
    ['no workgroup', scheduled(tile(4, 4, 1, 1), 0)],
    ['a workgroup larger than any device promises', scheduled(tile(4, 4, 1, 1), 512)],
    ['a workgroup that is no power of two', scheduled(tile(4, 4, 1, 1), 48)],
    ['more parts than invocations', scheduled(tile(32, 32, 1, 1))],
    ['more memory than a workgroup has', scheduled(tile(64, 64, 4, 4, 64))],
    ['columns that do not divide the tile', scheduled(tile(8, 8, 1, 3))],
    ['tiles that cut partial results', scheduled(tile(8, 6, 1, 1))],
    ['invocations across that cut partial results', scheduled(tile(8, 24, 1, 8))],
    ['too many registers', scheduled(tile(64, 64, 16, 8))],
    ['more groups than terms', scheduled(tile(4, 4, 1, 1, 4, 8))],
    ['groups of more invocations than there are', scheduled(tile(16, 16, 1, 1, 16, 2))],
    ['sums of groups that workgroup memory cannot hold', scheduled(tile(128, 64, 8, 8, 4, 2))],
    ['nothing at all', scheduled(tile(0, 0, 0, 0))],
    ['points for a matrix', scheduled({ kind: 'pointwise' })],
    ['lanes for a matrix', scheduled({ kind: 'cooperative', lanes: 16, along: 'terms' })],
    ['blocks that cut partial results', scheduled({ kind: 'blocked', threadRows: 2, threadColumns: 3 })],
    ['another number of jobs', { workgroup: 256, jobs: [] }],
    ['another number of kernels', { workgroup: 256, jobs: [{ block: 1, stages: [] }] }],
    ['a block of more than there is', { workgroup: 256, jobs: [{ block: 2, stages: [tile(4, 4, 1, 1)] }] }],
  ])('is refused with %s', (_, schedule) => {
    expect(isLegal(alone, [dense], schedule)).toBe(false);
    const hash = tunableDispatches(denseAlone, 'gpu')[0]!.hash;
    const tuning = { ...noTuning, gpu: new Map<string, TunedSchedule>([[hash, schedule]]) };
    expect(scheduleOf(alone, [dense], 'gpu', tuning)).toEqual(scheduleDispatch(alone, [dense], 'gpu'));
  });

  it('is taken where the printers can walk it', () => {
    expect(isLegal({ jobs }, [dense], scheduled(tile(8, 16, 1, 2)))).toBe(true);
    expect(
      isLegal({ jobs }, [dense], scheduled({ kind: 'blocked', threadRows: 8, threadColumns: 4 }, 16)),
    ).toBe(true);
  });

  it('of a chain has all rows of its block', () => {
    const chain: Dispatch = { jobs: [{ units: 10, stages: [0, 0].map(kernel => ({ kernel, reason: '' })) }] };
    const of = (block: number, tileRows: number): DispatchSchedule => ({
      workgroup: 64,
      jobs: [{ block, stages: [tile(tileRows, 64, tileRows, 1), tile(tileRows, 64, tileRows, 1)] }],
    });
    expect(isLegal(chain, [dense], of(2, 2))).toBe(true);
    expect(isLegal(chain, [dense], of(2, 4))).toBe(false);
    const blocked = of(2, 2);
    const stages = blocked.jobs[0]!.stages.map(
      (): Schedule => ({ kind: 'blocked', threadRows: 1, threadColumns: 1 }),
    );
    expect(isLegal(chain, [dense], { ...blocked, jobs: [{ block: 2, stages }] })).toBe(false);
  });

  it('of the CPU leaves the order of additions', () => {
    const product = { kind: 'product', kept: 'right', tileRows: 4, tileColumns: 7 } as const;
    const small: Kernel = { ...dense, stores: dense.stores.slice(0, 1) };
    const large: Kernel = { ...small, domain: [dense.domain[0]!, { name: 'c', extent: 24 }] };
    expect(isLegalOnCpu(large, { ...product, tileColumns: 24 })).toBe(true);
    expect(isLegalOnCpu(large, { ...product, tileColumns: 16 })).toBe(false);
    expect(isLegalOnCpu(large, { kind: 'product', kept: 'left', tileRows: 10, tileColumns: 16 })).toBe(true);
    expect(isLegalOnCpu(large, { kind: 'product', kept: 'left', tileRows: 8, tileColumns: 16 })).toBe(false);
    // Seven columns are too few for packed products.
    expect(isLegalOnCpu(small, product)).toBe(false);
    expect(isLegalOnCpu(small, { kind: 'points', lanes: 'domain', units: 0 })).toBe(false);
  });

  it('of any numbers is either refused or printed', () => {
    const size = fc.integer({ min: -1, max: 70 });
    const stage = fc.oneof(
      fc.record({
        kind: fc.constant('tiled' as const),
        tileRows: size,
        tileColumns: size,
        tileDepth: size,
        splits: fc.integer({ min: 0, max: 9 }),
        threadRows: size,
        threadColumns: size,
      }),
      fc.record({ kind: fc.constant('blocked' as const), threadRows: size, threadColumns: size }),
      fc.record({
        kind: fc.constant('cooperative' as const),
        lanes: size,
        along: fc.constantFrom('terms' as const, 'points' as const),
      }),
      fc.constant({ kind: 'pointwise' as const }),
    );
    let legal = 0;
    fc.assert(
      fc.property(fc.constantFrom(1, 16, 64, 128, 256, 300), stage, (workgroup, one) => {
        const schedule = scheduled(one, workgroup);
        if (!isLegal(alone, [dense], schedule)) return;
        legal++;
        const { text } = printDispatch(alone, schedule, {
          kernels: [dense],
          buffers: [...denseBuffers.values()],
        });
        expect(text).toContain(`@workgroup_size(${workgroup})`);
      }),
      { seed: 1312_6114, numRuns: 2000 },
    );
    expect(legal).toBeGreaterThan(20);
  });
});

describe('what can be varied', () => {
  it('differs from what there is, and each schedule is legal', () => {
    const [tunable] = tunableDispatches(denseAlone, 'gpu');
    const own = tunable!.schedule!;
    for (const vary of tunable!.coordinates) {
      const variants = vary(own) as readonly DispatchSchedule[];
      expect(variants).not.toContainEqual(own);
      expect(variants.every(each => isLegal(alone, [dense], each))).toBe(true);
    }
    expect(tunable!.coordinates.flatMap(vary => vary(own)).length).toBeGreaterThan(10);
  });

  it('on the CPU is the cut into parts', () => {
    const [tunable] = tunableKernels({
      kernels: [
        {
          ...dense,
          domain: [
            { name: 'r', extent: 100 },
            { name: 'c', extent: 64 },
          ],
        },
      ],
    });
    const variants = tunable!.coordinates.flatMap(vary => vary(tunable!.schedule!));
    expect(variants.map(each => ('kept' in each ? each.kept : 'none'))).toEqual(
      expect.arrayContaining(['left', 'right']),
    );
  });
});
