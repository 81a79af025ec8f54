import type { EntryKey } from '../../compiler/program/index.js';
import type { CompiledDispatch } from './pipelines.js';

export type CompileEntries = (entries: readonly EntryKey[]) => Promise<ReadonlyMap<number, CompiledDispatch>>;

/** What training needs is compiled when a program is loaded; other entries are when they are first run. */
const compiledAtLoad: readonly EntryKey[] = ['initialise', 'train_step'];

/**
 * The pipelines of a program's entries. Calls keep their order: one that comes while another waits for its pipelines waits
 * too, until that one is submitted.
 */
export class EntryPipelines {
  readonly #compile: CompileEntries;
  readonly #compiled = new Map<number, CompiledDispatch>();
  readonly #ready = new Set<EntryKey>();
  /** The last call that had to wait; null when none does. */
  #waiting: Promise<unknown> | null = null;

  private constructor(compile: CompileEntries) {
    this.#compile = compile;
  }

  /** @throws RuntimeFault `kernel-rejected`, `program-invalid` */
  static async load(compile: CompileEntries): Promise<EntryPipelines> {
    const pipelines = new EntryPipelines(compile);
    await pipelines.#ensure(compiledAtLoad);
    return pipelines;
  }

  /** The dispatch of this index, of an entry that is ready. */
  get(index: number): CompiledDispatch {
    return this.#compiled.get(index)!;
  }

  async #ensure(entries: readonly EntryKey[]): Promise<void> {
    const missing = entries.filter(entry => !this.#ready.has(entry));
    if (missing.length === 0) return;
    for (const [index, dispatch] of await this.#compile(missing)) this.#compiled.set(index, dispatch);
    for (const entry of missing) this.#ready.add(entry);
  }

  /** Whether a call must wait for its turn, or for the pipelines of its entry. */
  mustWait(entry: EntryKey | null): boolean {
    return this.#waiting !== null || (entry !== null && !this.#ready.has(entry));
  }

  /** Makes a call, which submits its work at once, when those before it are made and its entry is compiled. */
  inTurn<Value>(entry: EntryKey | null, call: () => Promise<Value>): Promise<Value> {
    if (!this.mustWait(entry)) return call();
    const turn = (this.#waiting ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => this.#ensure(entry === null ? [] : [entry]));
    const result = turn.then(call);
    this.#waiting = turn;
    const done = () => {
      if (this.#waiting === turn) this.#waiting = null;
    };
    // `result` was told of the turn first, so its work is submitted before the next call's.
    turn.then(done, done);
    return result;
  }
}
