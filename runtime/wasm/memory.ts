import {
  allEntries,
  frameLength,
  frameWords,
  type Program,
  type ProgramBuffer,
} from '../../compiler/program/index.js';
import { fault } from '../errors.js';
import { canShareMemory } from './sharing.js';
import { controlBytes } from './thread.js';

const pageBytes = 65536;
/** 4 GiB, all that a 32-bit address reaches. */
const mostPages = 65536;
/** Vectors at the end of an array read past it. */
const slackBytes = 65536;
/** Largest memory for the slots of all result buffers, and the most runs a submission can have. */
const resultBytes = 64 * 2 ** 20;
const mostRuns = 256;

/** Submissions whose frames and results have memory at the same time: one runs, and the next waits for it. */
export const places = 2;

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Buffers whose length is that of what the host writes. */
const sizedByContent = ({ role }: ProgramBuffer) => role === 'dataset' || role === 'order';

function runsThatFit({ buffers }: Program): number {
  const bytes = buffers.reduce((sum, { role, length }) => (role === 'result' ? sum + 4 * length : sum), 0);
  return Math.max(1, Math.min(mostRuns, Math.floor(resultBytes / places / Math.max(bytes, 1))));
}

/** Engines that reserve the maximum of a memory may refuse the largest one, on phones above all. */
function openMemory(): WebAssembly.Memory {
  const shared = canShareMemory();
  for (let maximum = mostPages; maximum >= 1; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: 1, maximum, shared });
    } catch {
      // The next one is half as large.
    }
  }
  throw fault('device-memory', { what: 'any program', bytes: pageBytes });
}

interface Region {
  readonly address: number;
  /** Bytes that may be written. */
  readonly capacity: number;
  /** Bytes in use. */
  readonly size: number;
}

/** Memory of one program on a CPU, shared with its threads where it can be: its arrays, frames, launch lists and the threads' scratch. */
export class ProgramMemory {
  readonly memory: WebAssembly.Memory;
  readonly maxRuns: number;
  readonly frameBytes: number;
  readonly control: number;
  /** Of each thread. */
  readonly scratch: readonly number[];
  readonly #frames: number;
  readonly #declarations: ReadonlyMap<string, ProgramBuffer>;
  readonly #regions = new Map<string, Region>();
  /** Calls for each buffer that moves. */
  readonly #moved: (buffer: string, address: number) => void;
  #end = 64;

  /**
   * `moved` is told each buffer's address, now and whenever it changes.
   * @throws RuntimeFault `device-memory`
   */
  constructor(program: Program, threads: number, moved: (buffer: string, address: number) => void) {
    this.memory = openMemory();
    this.#moved = moved;
    this.#declarations = new Map(program.buffers.map(buffer => [buffer.name, buffer]));
    this.maxRuns = runsThatFit(program);
    const hostScalars = allEntries(program).map(({ host }) => host.length);
    this.frameBytes = 4 * frameLength(Math.max(...hostScalars));
    this.control = this.take(controlBytes, 'the threads');
    this.#frames = this.take(places * this.frameBytes * this.maxRuns, 'the frames of submissions');
    const scratchBytes = Math.max(64, ...program.kernels.map(kernel => kernel.wasm?.scratchBytes ?? 0));
    this.scratch = Array.from({ length: threads }, () =>
      this.take(scratchBytes, "the threads' scratch memory"),
    );
    for (const buffer of program.buffers) {
      if (!sizedByContent(buffer)) this.#place(buffer, this.#bytes(buffer));
    }
  }

  /** New memory, zeroed. @throws RuntimeFault `device-memory` */
  take(bytes: number, what: string): number {
    const address = this.#end;
    const end = align(address + bytes);
    const pages = Math.ceil((end + slackBytes) / pageBytes) - this.memory.buffer.byteLength / pageBytes;
    try {
      if (pages > 0) this.memory.grow(pages);
    } catch {
      throw fault('device-memory', { what, bytes });
    }
    this.#end = end;
    return address;
  }

  #bytes({ role, length }: ProgramBuffer): number {
    return 4 * length * (role === 'result' ? places * this.maxRuns : 1);
  }

  #place({ name }: ProgramBuffer, size: number): Region {
    const region = { address: this.take(size, `buffer '${name}'`), capacity: align(size), size };
    this.#regions.set(name, region);
    this.#moved(name, region.address);
    return region;
  }

  #declaration(name: string): ProgramBuffer {
    const declaration = this.#declarations.get(name);
    if (declaration === undefined) {
      throw fault('program-invalid', { where: '', reason: `it has no buffer '${name}'` });
    }
    return declaration;
  }

  /** @throws RuntimeFault `data-missing` for a data set or order that was not written yet */
  #region(name: string): Region {
    const region = this.#regions.get(name);
    if (region !== undefined) return region;
    const { name: known } = this.#declaration(name);
    throw fault('data-missing', {
      what: `'${known}' was not given to the device`,
      remedy: 'bind data first',
    });
  }

  /** @throws RuntimeFault `data-missing` */
  require(buffers: Iterable<string>): void {
    for (const buffer of buffers) this.#region(buffer);
  }

  /** @throws RuntimeFault `program-invalid` if the buffer has another size than the content */
  checkSize(name: string, { byteLength }: Float32Array | Uint8Array): void {
    const declaration = this.#declaration(name);
    if (sizedByContent(declaration) || byteLength === 4 * declaration.length) return;
    const reason = `buffer '${name}' has ${declaration.length} elements, and ${byteLength} bytes were given`;
    throw fault('program-invalid', { where: '', reason });
  }

  /** @throws RuntimeFault `device-memory` */
  write(name: string, content: Float32Array | Uint8Array): void {
    const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
    const { address } = this.#sized(this.#declaration(name), bytes.length);
    new Uint8Array(this.memory.buffer, address, bytes.length).set(bytes);
  }

  /** The buffer's region at this size; a larger one lies elsewhere. */
  #sized(declaration: ProgramBuffer, size: number): Region {
    const known = this.#regions.get(declaration.name);
    if (known === undefined || known.capacity < size) return this.#place(declaration, size);
    const region = { ...known, size };
    this.#regions.set(declaration.name, region);
    return region;
  }

  read(name: string): Float32Array {
    const { address, size } = this.#region(name);
    return this.floats(address, size / 4);
  }

  /** A copy, which no thread can change. */
  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length).slice();
  }

  /** Puts the frames of a submission into their place, whose slots they name; their address. */
  writeFrames(frames: readonly Uint32Array[], place: number): number {
    const { words } = this;
    const address = this.#frames + place * this.maxRuns * this.frameBytes;
    frames.forEach((frame, i) => {
      const at = (address + i * this.frameBytes) / 4;
      words.set(frame, at);
      words[at + frameWords.slot] = place * this.maxRuns + frame[frameWords.slot]!;
    });
    return address;
  }

  /** The first `runs` slots of a result buffer in a place. */
  slots(name: string, runs: number, place: number): Float32Array {
    const { length } = this.#declaration(name);
    return this.floats(this.#region(name).address + 4 * length * place * this.maxRuns, length * runs);
  }

  get words(): Int32Array {
    return new Int32Array(this.memory.buffer);
  }
}
