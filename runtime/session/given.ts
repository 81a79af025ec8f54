import type { EntryName } from '../../compiler/program/index.js';
import type { SplitName } from '../data/dataset.js';
import { fault } from '../errors.js';
import { buildFrame, reservedStep } from '../frame.js';
import { runStream, SubmissionPacer } from '../pacing.js';
import { requireState, type SessionCore, stillFacts } from './core.js';
import { visitRows } from './rows.js';
import type { Densities, Tensors } from './types.js';

const latentBuffer = (latent: string) => `given.${latent}`;

/** Values of all latents, in blocks of what an entry takes; the last block is filled up with zeros. */
export class GivenLatents {
  readonly count: number;
  readonly #core: SessionCore;
  readonly #values: readonly {
    readonly name: string;
    readonly width: number;
    readonly values: Float32Array;
  }[];

  /** @throws RuntimeFault `option-invalid` where a latent is missing or has another shape */
  constructor(core: SessionCore, latents: Tensors) {
    this.#core = core;
    this.#values = core.program.model.latents.map(({ name, shape }) => {
      const width = shape.reduce((product, size) => product * size, 1);
      const tensor = Object.hasOwn(latents, name) ? latents[name] : undefined;
      const found = tensor?.shape.slice(1).join(', ');
      if (tensor === undefined || found !== shape.join(', ') || tensor.values.length % width !== 0) {
        const reason = `'${name}' needs [count, ${shape.join(', ')}] values`;
        throw fault('option-invalid', { option: 'latents', reason });
      }
      return { name, width, values: tensor.values };
    });
    const counts = new Set(this.#values.map(({ width, values }) => values.length / width));
    this.count = this.#values.length === 0 ? 0 : [...counts][0]!;
    if (counts.size > 1 || this.count === 0) {
      throw fault('option-invalid', {
        option: 'latents',
        reason: 'all need the same number of values, 1 or more',
      });
    }
  }

  /** Puts values `start` to `start + size` on the device. */
  write(start: number, size: number): void {
    for (const { name, width, values } of this.#values) {
      const block = new Float32Array(size * width);
      block.set(values.subarray(start * width, (start + size) * width));
      this.#core.loaded.write(latentBuffer(name), block);
    }
  }
}

export async function decode(core: SessionCore, latents: Tensors): Promise<Tensors> {
  requireState(core, 'it cannot decode');
  const given = new GivenLatents(core, latents);
  const entry = core.program.entries.decode;
  const facts = stillFacts(core, reservedStep.sample);
  const data = core.program.model.data.map(({ name, shape }) => {
    const width = shape.reduce((product, size) => product * size, 1);
    return { name, shape: [given.count, ...shape], width, values: new Float32Array(given.count * width) };
  });
  for (let start = 0; start < given.count; start += entry.samples) {
    given.write(start, entry.samples);
    const results = await core.loaded.run('decode', [buildFrame(entry, facts, 0)]);
    for (const { name, width, values } of data) {
      const inside = Math.min(entry.samples, given.count - start) * width;
      values.set(results[`mean.${name}`]!.subarray(0, inside), start * width);
    }
  }
  return Object.fromEntries(data.map(({ name, shape, values }) => [name, { shape, values }]));
}

/** log p(x, h) and log q(h | x) at every pair of a row and a value of the latents. */
export async function densities(
  core: SessionCore,
  latents: Tensors,
  rows: readonly number[],
  split: SplitName,
): Promise<Densities> {
  requireState(core, 'it has no densities');
  const given = new GivenLatents(core, latents);
  const visited = visitRows(core, split, rows);
  const table = async (entry: 'joint_density' | 'latent_density', result: string) => {
    const values = new Float32Array(visited.length * given.count);
    const put = ({ row, value, at, results }: Pair) => {
      values[row * given.count + value] = results[result]![at]!;
    };
    await visitPairs({ core, entry, given, rowCount: visited.length }, put);
    return { shape: [visited.length, given.count], values };
  };
  return {
    joint: await table('joint_density', 'log_joint'),
    recognition: await table('latent_density', 'log_q'),
  };
}

/** One row with one given value of the latents. */
export interface Pair {
  /** Position in the list of rows that are visited. */
  readonly row: number;
  /** Position among the given values. */
  readonly value: number;
  readonly results: Readonly<Record<string, Float32Array>>;
  /** Index into each of the results. */
  readonly at: number;
}

export interface PairVisit {
  readonly core: SessionCore;
  readonly entry: EntryName;
  readonly given: GivenLatents;
  /** Rows in the list that `visitRows` has written. */
  readonly rowCount: number;
  readonly signal?: AbortSignal | undefined;
  readonly onRuns?: ((done: number, total: number) => void) | undefined;
}

/** Visits every pair, value blocks outside, rows in order within. False when the signal stopped it. */
export async function visitPairs(visit: PairVisit, each: (pair: Pair) => void): Promise<boolean> {
  const { core, entry: name, given, rowCount, signal, onRuns } = visit;
  const entry = core.program.entries[name];
  const facts = { ...stillFacts(core, reservedStep.evaluate), rowCount };
  const blocks = Math.ceil(rowCount / entry.rows);
  const pacer = new SubmissionPacer(core.loaded.maxRuns);
  const total = blocks * Math.ceil(given.count / entry.samples);
  for (let start = 0, passed = 0; start < given.count; start += entry.samples, passed += blocks) {
    given.write(start, entry.samples);
    const inside = Math.min(entry.samples, given.count - start);
    const stopped = await runStream({
      pacer,
      first: 0,
      last: blocks,
      signal,
      submit: (first, count) =>
        core.loaded.run(
          name,
          Array.from({ length: count }, (_, slot) =>
            buildFrame(entry, { ...facts, position: (first + slot) * entry.rows }, slot),
          ),
        ),
      done: (results, first, count) => {
        for (let i = 0; i < count * entry.rows; i++) {
          const row = first * entry.rows + i;
          if (row >= rowCount) break;
          for (let v = 0; v < inside; v++)
            each({ row, value: start + v, results, at: i * entry.samples + v });
        }
        onRuns?.(passed + first + count, total);
      },
    });
    if (stopped < blocks) return false;
  }
  return true;
}
