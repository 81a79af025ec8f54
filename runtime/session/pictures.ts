import type { EntryName, Result } from '../../compiler/program/index.js';
import type { SplitName } from '../data/dataset.js';
import { fault } from '../errors.js';
import { buildFrame, type RunFacts, reservedStep } from '../frame.js';
import { runStream, SubmissionPacer } from '../pacing.js';
import { requireState, type SessionCore, stillFacts } from './core.js';
import { visitRows } from './rows.js';
import type { Reconstruction, Tensors } from './types.js';

const meanPrefix = 'mean.';
const dataPrefix = 'data.';
const drawPrefix = 'draw.';

export async function sample(core: SessionCore, count: number): Promise<Tensors> {
  requireState(core, 'it cannot sample');
  if (!Number.isSafeInteger(count) || count < 1) {
    throw fault('option-invalid', { option: 'number of samples', reason: `${count} is not 1 or more` });
  }
  const facts = stillFacts(core, reservedStep.sample);
  const gathered = await gather(core, 'sample', count, start => ({ ...facts, sampleOffset: start }));
  return named(gathered, meanPrefix);
}

export async function reconstruct(
  core: SessionCore,
  rows: readonly number[],
  split: SplitName,
): Promise<Reconstruction> {
  const gathered = await gatherRows(core, 'reconstruct', rows, split);
  return { data: named(gathered, dataPrefix), means: named(gathered, meanPrefix) };
}

export const encode = async (
  core: SessionCore,
  rows: readonly number[],
  split: SplitName,
): Promise<Tensors> => named(await gatherRows(core, 'encode', rows, split), meanPrefix);

/** One draw of q for each row. */
export const drawLatents = async (
  core: SessionCore,
  rows: readonly number[],
  split: SplitName,
): Promise<Tensors> => named(await gatherRows(core, 'encode', rows, split), drawPrefix);

function gatherRows(
  core: SessionCore,
  entry: EntryName,
  rows: readonly number[],
  split: SplitName,
): Promise<Tensors> {
  requireState(core, `it cannot ${entry}`);
  const visited = visitRows(core, split, rows);
  const facts = stillFacts(core, reservedStep.reconstruct);
  return gather(core, entry, visited.length, position => ({ ...facts, position, rowCount: visited.length }));
}

/** Runs an entry whose results start with an axis of items until there are `count` of them; surplus ones are dropped. */
async function gather(
  { loaded, program }: SessionCore,
  entryName: EntryName,
  count: number,
  factsAt: (start: number) => RunFacts,
): Promise<Tensors> {
  const entry = program.entries[entryName];
  const outputs = entry.results.map(result => new Gathered(result, count));
  const perRun = entry.results[0]!.shape[0]!;
  const frameOf = (run: number, slot: number) => buildFrame(entry, factsAt(run * perRun), slot);
  await runStream({
    pacer: new SubmissionPacer(loaded.maxRuns),
    first: 0,
    last: Math.ceil(count / perRun),
    signal: undefined,
    submit: (first, runs) =>
      loaded.run(
        entryName,
        Array.from({ length: runs }, (_, slot) => frameOf(first + slot, slot)),
      ),
    done: (results, first) => {
      for (const output of outputs) output.put(results[output.name]!, first * perRun);
    },
  });
  return Object.fromEntries(outputs.map(output => [output.name, output.tensor]));
}

class Gathered {
  readonly name: string;
  readonly tensor: { readonly shape: readonly number[]; readonly values: Float32Array };
  readonly #width: number;

  constructor({ name, shape }: Result, count: number) {
    const rest = shape.slice(1);
    this.name = name;
    this.#width = rest.reduce((product, size) => product * size, 1);
    this.tensor = { shape: [count, ...rest], values: new Float32Array(count * this.#width) };
  }

  put(values: Float32Array, start: number): void {
    const at = start * this.#width;
    this.tensor.values.set(values.subarray(0, this.tensor.values.length - at), at);
  }
}

/** Results whose name starts with the prefix, under the variable's name. */
const named = (results: Tensors, prefix: string): Tensors =>
  Object.fromEntries(
    Object.entries(results).flatMap(([name, tensor]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [],
    ),
  );
