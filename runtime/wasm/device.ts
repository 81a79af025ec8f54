import { type Artefact, allEntries } from '../../compiler/program/index.js';
import type { Device, DeviceInfo, LoadedProgram, Peaks } from '../device.js';
import { fault } from '../errors.js';
import { ThreadPool } from './pool.js';
import { WasmProgram } from './program.js';
import { canShareMemory, forUnsharedMemory } from './sharing.js';
import type { ThreadHost } from './thread.js';

/**
 * Opens the CPU as a device: WebAssembly SIMD on `threads` threads, by default one for each core. Results do not depend
 * on the number of threads; they do, in the last digits, on whether the engine has fused multiply-add. `note` is the
 * device's own, see `DeviceInfo`.
 * @throws RuntimeFault `option-invalid` for a number of threads that is none
 */
export function openWasmDevice(host: ThreadHost, threads: number = host.cores, note = ''): Device {
  if (!Number.isSafeInteger(threads) || threads < 1 || threads > mostThreads) {
    throw fault('option-invalid', {
      option: 'threads',
      reason: `${threads} is not a whole number from 1 to ${mostThreads}`,
    });
  }
  return new WasmDevice(host, threads, note);
}

const mostThreads = 256;

/** `note` as in `DeviceInfo`, '' for none. */
export const cpuInfo = (threads: number, note: string): DeviceInfo => ({
  kind: 'wasm',
  name: threads === 1 ? 'CPU, 1 thread' : `CPU, ${threads} threads`,
  software: false,
  ...(note === '' ? {} : { note }),
});

class WasmDevice implements Device {
  readonly info: DeviceInfo;
  readonly peaks?: () => Promise<Peaks>;
  readonly #pool: ThreadPool;

  constructor(host: ThreadHost, threads: number, note: string) {
    this.#pool = new ThreadPool(host, threads);
    this.info = cpuInfo(threads, note);
    const { peaks } = host;
    if (peaks !== undefined) this.peaks = () => peaks(threads);
  }

  get lost(): Promise<string> {
    return this.#pool.lost;
  }

  async load(artefact: Artefact): Promise<LoadedProgram> {
    this.#pool.check();
    const { wasm, program } = artefact;
    const launches = allEntries(program).flatMap(entry => entry.launches);
    if (wasm === undefined || launches.some(kernel => program.kernels[kernel]!.wasm === undefined)) {
      throw fault('program-invalid', { where: '', reason: 'it has no kernels for the CPU' });
    }
    const binary = WebAssembly.validate(wasm.relaxed) ? wasm.relaxed : wasm.plain;
    const fitting = canShareMemory() ? binary : forUnsharedMemory(binary);
    const module = await WebAssembly.compile(fitting).catch((error: unknown) => {
      throw fault('kernel-rejected', { kernel: 'kernels.wasm', reason: String(error) });
    });
    return new WasmProgram(artefact, module, this.#pool);
  }

  dispose(): void {
    this.#pool.dispose();
  }
}
