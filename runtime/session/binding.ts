import type { DataFacts, Program } from '../../compiler/program/index.js';
import type { Split, SplitData, SplitName } from '../data/dataset.js';
import { checkDataset, encodeDataset, featureMeans } from '../data/encode.js';
import type { LoadedProgram } from '../device.js';
import { fault } from '../errors.js';

/** One split as the device stores it. */
interface BoundSplit {
  readonly rows: number;
  /** By buffer name. */
  readonly content: ReadonlyMap<string, Uint8Array | Float32Array>;
}

const datasetBuffer = (data: string) => `dataset.${data}`;
export const statisticBuffer = (data: string) => `mean.${data}`;

/** The data of a session, and which split of it lies on the device. */
export class DataBinding {
  readonly #program: Program;
  readonly #loaded: LoadedProgram;
  readonly #splits = new Map<SplitName, BoundSplit>();
  readonly #statistics = new Map<string, Float32Array>();
  #onDevice: SplitName | null = null;

  constructor(program: Program, loaded: LoadedProgram) {
    this.#program = program;
    this.#loaded = loaded;
  }

  /** The same data for another device. */
  on(loaded: LoadedProgram): DataBinding {
    const moved = new DataBinding(this.#program, loaded);
    for (const [name, split] of this.#splits) moved.#splits.set(name, split);
    for (const [data, mean] of this.#statistics) moved.setStatistic(data, mean);
    return moved;
  }

  bind(data: SplitData): void {
    const bound = (['train', 'validation', 'test'] as const).flatMap(name => {
      const split = data[name];
      return split === undefined ? [] : [[name, bindSplit(this.#program, name, split)] as const];
    });
    for (const [name, split] of bound) this.#splits.set(name, split);
    this.#onDevice = null;
    const train = data.train === undefined ? undefined : this.#splits.get('train');
    if (train === undefined) return;
    for (const facts of this.statisticsNeeded()) {
      this.setStatistic(facts.name, featureMeans(facts, train.content.get(datasetBuffer(facts.name))!));
    }
  }

  /** Variables whose mean the program uses. */
  statisticsNeeded(): readonly DataFacts[] {
    const buffers = new Set(
      this.#program.buffers.filter(({ role }) => role === 'statistic').map(({ name }) => name),
    );
    return this.#program.model.data.filter(({ name }) => buffers.has(statisticBuffer(name)));
  }

  setStatistic(data: string, mean: Float32Array): void {
    this.#statistics.set(data, mean);
    this.#loaded.write(statisticBuffer(data), mean);
  }

  /** @throws RuntimeFault `data-missing` if neither training data nor a checkpoint has given it */
  statistic(data: string): Float32Array {
    const mean = this.#statistics.get(data);
    if (mean === undefined) throw missing(`the model uses the mean of '${data}', which needs training data`);
    return mean;
  }

  /** @throws RuntimeFault `data-missing` */
  rows(name: SplitName): number {
    return this.#split(name).rows;
  }

  /** Puts a split on the device, unless it is there already. @throws RuntimeFault `data-missing` */
  use(name: SplitName): void {
    const split = this.#split(name);
    if (this.#onDevice === name) return;
    for (const [buffer, content] of split.content) this.#loaded.write(buffer, content);
    this.#onDevice = name;
  }

  #split(name: SplitName): BoundSplit {
    const split = this.#splits.get(name);
    if (split === undefined) throw missing(`the session has no ${name === 'train' ? 'training' : name} data`);
    return split;
  }
}

const missing = (what: string) => fault('data-missing', { what, remedy: 'bind data first' });

function bindSplit(program: Program, name: SplitName, split: Split): BoundSplit {
  const content = new Map<string, Uint8Array | Float32Array>();
  let rows: number | null = null;
  for (const facts of program.model.data) {
    const dataset = Object.hasOwn(split, facts.name) ? split[facts.name] : undefined;
    if (dataset === undefined) throw missing(`the ${name} split has no '${facts.name}'`);
    checkDataset(facts, dataset);
    if (rows !== null && rows !== dataset.rows) {
      throw fault('data-shape', {
        what: `data '${facts.name}' from ${dataset.name}`,
        expected: `${rows} rows, as the other variables have`,
        found: `${dataset.rows}`,
      });
    }
    rows = dataset.rows;
    content.set(datasetBuffer(facts.name), encodeDataset(facts, dataset));
  }
  return { rows: rows ?? 0, content };
}
