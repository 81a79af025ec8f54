import {
  type Artefact,
  allEntries,
  type Entry,
  type EntryKey,
  entryKeys,
  entryOf,
  type Program,
  type ProgramKernel,
} from '../../compiler/program/index.js';
import { type LoadedProgram, maxTimedRuns, type Spans, type Timing } from '../device.js';
import { ProgramMemory, places } from './memory.js';
import type { ThreadPool } from './pool.js';
import type { Shift } from './thread.js';

interface EntryLaunches {
  readonly address: number;
  readonly count: number;
  readonly buffers: readonly string[];
}

let programs = 0;

/** A program in the memory of the CPU's threads. Calls run in the order in which they are made. */
export class WasmProgram implements LoadedProgram {
  readonly #program: Program;
  readonly #pool: ThreadPool;
  readonly #memory: ProgramMemory;
  readonly #number = ++programs;
  /** The words that hold the address of an array of a buffer, and how many bytes into it the array begins. */
  readonly #references = new Map<string, { readonly word: number; readonly bytes: number }[]>();
  readonly #addresses = new Map<string, number>();
  readonly #entries: ReadonlyMap<EntryKey, EntryLaunches>;
  #tag = 1;
  /** Where the times of launches are written, once they were asked for. */
  #times: number | null = null;
  /** All calls so far; null when none is under way. */
  #last: Promise<unknown> | null = null;
  /** Calls after which a run may go to the threads: runs before it are there, all else is done. */
  #posted: Promise<unknown> = Promise.resolve();
  /** The last run in each place of the memory. */
  readonly #places: Promise<unknown>[] = Array.from({ length: places }, () => Promise.resolve());
  #place = 0;
  /** Of the runs since somebody began to watch; null while nobody does. */
  #watched: Shift[] | null = null;
  /** What became of a write that had to wait; told by the next call. */
  #failed: unknown = null;

  constructor({ program }: Artefact, module: WebAssembly.Module, pool: ThreadPool) {
    this.#program = program;
    this.#pool = pool;
    this.#memory = new ProgramMemory(program, pool.size, (buffer, address) => this.#move(buffer, address));
    const bindings = program.kernels.map(kernel => this.#bindingList(kernel));
    this.#entries = new Map(
      entryKeys(program).map(key => [key, this.#launchList(entryOf(program, key), bindings)]),
    );
    const { memory } = this.#memory;
    const kernels = program.kernels.length;
    pool.broadcast({ kind: 'load', program: this.#number, module, memory, kernels });
  }

  get maxRuns(): number {
    return this.#memory.maxRuns;
  }

  #move(buffer: string, address: number): void {
    this.#addresses.set(buffer, address);
    for (const { word, bytes } of this.#references.get(buffer) ?? [])
      this.#memory.words[word] = address + bytes;
  }

  /** Address of the list of addresses of a kernel's buffers. */
  #bindingList({ bindings }: ProgramKernel): number {
    const list = this.#memory.take(4 * Math.max(bindings.length, 1), 'the launches');
    bindings.forEach(({ buffer, offset }, i) => {
      const reference = { word: list / 4 + i, bytes: 4 * offset };
      this.#references.set(buffer, [...(this.#references.get(buffer) ?? []), reference]);
      this.#memory.words[reference.word] = (this.#addresses.get(buffer) ?? 0) + reference.bytes;
    });
    return list;
  }

  #launchList({ launches }: Entry, bindings: readonly number[]): EntryLaunches {
    const { kernels } = this.#program;
    const address = this.#memory.take(16 * Math.max(launches.length, 1), 'the launches');
    const { words } = this.#memory;
    launches.forEach((kernel, i) => {
      const { units } = kernels[kernel]!.wasm!;
      words.set([kernel, bindings[kernel]!, units, 0], address / 4 + 4 * i);
    });
    const buffers = new Set(
      launches.flatMap(kernel => kernels[kernel]!.bindings.map(({ buffer }) => buffer)),
    );
    return { address, count: launches.length, buffers: [...buffers] };
  }

  write(buffer: string, content: Float32Array | Uint8Array): void {
    this.#check();
    this.#memory.checkSize(buffer, content);
    if (this.#last === null) {
      this.#memory.write(buffer, content);
      return;
    }
    const copy = content.slice();
    this.#after(async () => this.#memory.write(buffer, copy)).catch((error: unknown) => {
      this.#failed ??= error;
    });
  }

  #check(): void {
    this.#pool.check();
    if (this.#failed !== null) throw this.#failed;
  }

  read(buffer: string): Promise<Float32Array> {
    return this.#after(async () => {
      this.#check();
      return this.#memory.read(buffer);
    });
  }

  run(entry: EntryKey, frames: readonly Uint32Array[]): Promise<Readonly<Record<string, Float32Array>>> {
    const place = this.#place;
    this.#place = (place + 1) % places;
    const posted = Promise.all([this.#posted, this.#places[place]]).then(() => ({
      done: this.#submit(entry, frames, { place, times: 0 }),
    }));
    const result = posted.then(async ({ done }) => {
      const shift = await done;
      this.#watched?.push(shift);
      const { results } = entryOf(this.#program, entry);
      return Object.fromEntries(
        results.map(({ name, buffer }) => [name, this.#memory.slots(buffer, frames.length, place)]),
      );
    });
    this.#posted = posted.catch(() => undefined);
    this.#places[place] = this.#track(result);
    return result;
  }

  /** Runs a call when those before it are done, whether they failed or not. */
  #after<Value>(call: () => Promise<Value>): Promise<Value> {
    const result = this.#last === null ? call() : this.#last.then(call);
    this.#posted = this.#track(result);
    return result;
  }

  /** Adds to the calls under way; ends with the result, whatever becomes of it. */
  #track(result: Promise<unknown>): Promise<unknown> {
    const settled = result.catch(() => undefined);
    const all: Promise<unknown> = Promise.all([this.#last, settled]).then(() => {
      if (this.#last === all) this.#last = null;
    });
    this.#last = all;
    return settled;
  }

  time(name: EntryKey, frames: readonly Uint32Array[]): Promise<Timing> {
    const { launches } = entryOf(this.#program, name);
    const marks = launches.length * frames.length + 1;
    return this.#after(async () => {
      this.#times ??= this.#memory.take(8 * this.#mostMarks(), 'the times of launches');
      await this.#submit(name, frames, { place: 0, times: this.#times });
      const times = new Float64Array(this.#memory.memory.buffer, this.#times, marks);
      const since = Float64Array.from(times, time => (time - times[0]!) / 1000);
      return {
        clock: 'threads',
        launches: launches.map(kernel => ({
          name: this.#program.kernels[kernel]!.name,
          kernels: [kernel],
        })),
        begins: since.subarray(0, marks - 1),
        ends: since.subarray(1),
      };
    });
  }

  watch(): () => Promise<Spans> {
    const shifts: Shift[] = [];
    this.#watched = shifts;
    return () =>
      this.#after(async () => {
        this.#watched = null;
        const since = (of: keyof Shift) =>
          Float64Array.from(shifts, shift => (shift[of] - shifts[0]!.began) / 1000);
        return { clock: 'threads', begins: since('began'), ends: since('ended') };
      });
  }

  #mostMarks(): number {
    const counts = allEntries(this.#program).map(({ launches }) => launches.length);
    return Math.max(...counts) * maxTimedRuns + 1;
  }

  /** Hands a submission to the threads at once. `times`: see `Submission`. */
  async #submit(
    name: EntryKey,
    frames: readonly Uint32Array[],
    { place, times }: { readonly place: number; readonly times: number },
  ): Promise<Shift> {
    this.#check();
    const entry = this.#entries.get(name)!;
    const memory = this.#memory;
    memory.require(entry.buffers);
    const shared = {
      threads: this.#pool.size,
      control: memory.control,
      launches: entry.address,
      launchCount: entry.count,
      frames: memory.writeFrames(frames, place),
      frameBytes: memory.frameBytes,
      runs: frames.length,
      times,
      tag: this.#nextTag(entry.count * frames.length),
    };
    return this.#pool.run(this.#number, thread => ({ ...shared, scratch: memory.scratch[thread]! }));
  }

  /** Numbers from 1 to 2^31 - 1 for so many launches, other ones than those of recent launches. */
  #nextTag(count: number): number {
    if (this.#tag + count > 2 ** 31 - 1) this.#tag = 1;
    const first = this.#tag;
    this.#tag += count;
    return first;
  }

  dispose(): void {
    this.#pool.broadcast({ kind: 'unload', program: this.#number });
  }
}
