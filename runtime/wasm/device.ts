import type { Artefact } from '../../compiler/program/index.js';
import type { Device, DeviceInfo, LoadedProgram } from '../device.js';
import { fault } from '../errors.js';
import { ThreadPool } from './pool.js';
import { WasmProgram } from './program.js';
import type { ThreadHost } from './thread.js';

/**
 * Opens the CPU as a device: WebAssembly SIMD on `threads` threads, by default one for each core. Results do not depend
 * on the number of threads; they do, in the last digits, on whether the engine has fused multiply-add.
 * @throws RuntimeFault `option-invalid` for a number of threads that is none
 */
export function openWasmDevice(host: ThreadHost, threads: number = host.cores): Device {
  if (!Number.isSafeInteger(threads) || threads < 1 || threads > mostThreads) {
    throw fault('option-invalid', {
      option: 'threads',
      reason: `${threads} is not a whole number from 1 to ${mostThreads}`,
    });
  }
  return new WasmDevice(host, threads);
}

const mostThreads = 256;

class WasmDevice implements Device {
  readonly info: DeviceInfo;
  readonly #pool: ThreadPool;

  constructor(host: ThreadHost, threads: number) {
    this.#pool = new ThreadPool(host, threads);
    const count = threads === 1 ? '1 thread' : `${threads} threads`;
    this.info = { kind: 'wasm', name: `CPU, ${count}`, software: false };
  }

  get lost(): Promise<string> {
    return this.#pool.lost;
  }

  async load(artefact: Artefact): Promise<LoadedProgram> {
    this.#pool.check();
    const { wasm, program } = artefact;
    const missing = program.kernels.find(kernel => kernel.wasm === undefined);
    if (wasm === undefined || missing !== undefined) {
      throw fault('program-invalid', { where: '', reason: 'it has no kernels for the CPU' });
    }
    const binary = WebAssembly.validate(wasm.relaxed) ? wasm.relaxed : wasm.plain;
    const module = await WebAssembly.compile(binary).catch((error: unknown) => {
      throw fault('kernel-rejected', { kernel: 'kernels.wasm', reason: String(error) });
    });
    return new WasmProgram(artefact, module, this.#pool);
  }

  dispose(): void {
    this.#pool.dispose();
  }
}
