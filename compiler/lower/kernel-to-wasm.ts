import { assemble, emitModule } from '../emit/wat/index.js';
import type { KernelSequence } from '../kernel/ir.js';
import { kernelArrays } from '../kernel/scalar.js';
import type { Artefact } from '../program/ir.js';
import { noTuning, tunedOnCpu } from '../tuning/tuning.js';

/**
 * Adds the CPU's kernels to a program made of these sequences: the same launches in the same order, printed as
 * WebAssembly and assembled, without and with relaxed SIMD's fused multiply-add. Kernels behind them are for GPUs alone.
 */
export async function withWasm(
  artefact: Artefact,
  sequences: readonly KernelSequence[],
  tuning = noTuning,
): Promise<Artefact> {
  const { program } = artefact;
  const kernels = sequences.flatMap(({ kernels, buffers }) => kernels.map(kernel => ({ kernel, buffers })));
  const launches = kernels.map(({ kernel, buffers }) => ({
    kernel,
    buffers,
    bindings: kernelArrays(kernel).map(({ name }) => name),
    schedule: tunedOnCpu(kernel, tuning),
  }));
  const module = emitModule(launches);
  return {
    ...artefact,
    program: {
      ...program,
      kernels: program.kernels.map((kernel, i) => ({ ...kernel, wasm: module.launches[i] })),
    },
    wasm: { plain: assemble(module.plain), relaxed: assemble(module.relaxed) },
  };
}
