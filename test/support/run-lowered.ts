import type { KernelSequence } from '../../compiler/kernel/ir.js';
import { withWasm } from '../../compiler/lower/kernel-to-wasm.js';
import type { LoweredEntry } from '../../compiler/lower/tensor-to-kernel/index.js';
import { type Artefact, entryNames } from '../../compiler/program/index.js';
import type { Bindings } from '../../compiler/tensor/eval.js';
import { noTuning, type Tuning } from '../../compiler/tuning/tuning.js';
import type { Device } from '../../runtime/device.js';
import { buildFrame, type RunFacts } from '../../runtime/frame.js';
import { wgslProgram } from './wgsl-program.js';

/** The lowered graph as the training step of a program with kernels for the CPU, each output a result. */
export function wasmProgram(
  lowered: LoweredEntry,
  rows: number,
  tuning: Tuning = noTuning,
): Promise<Artefact> {
  const nothing: KernelSequence = { name: 'nothing', kernels: [], buffers: [] };
  const sequences = entryNames.map(name => (name === 'train_step' ? lowered.sequence : nothing));
  return withWasm(wgslProgram(lowered, rows, 'gpu'), sequences, tuning);
}

/**
 * Runs the training step twice with the noise of `seed` and step 3; the values of the second run, whose results and
 * frame are those of its slot, by output. `changed`: what else its frames say.
 */
export async function runLowered(
  device: Device,
  artefact: Artefact,
  bindings: Bindings,
  { seed, rowCount }: { readonly seed: bigint; readonly rowCount: number },
  changed: Partial<RunFacts> = {},
): Promise<(output: string) => Float32Array> {
  const loaded = await device.load(artefact);
  const names = new Set(artefact.program.buffers.map(({ name }) => name));
  for (const [name, values] of Object.entries(bindings.inputs ?? {})) {
    if (names.has(`in.${name}`)) loaded.write(`in.${name}`, Float32Array.from(values));
  }
  for (const [name, { values }] of Object.entries(bindings.datasets ?? {})) {
    if (names.has(`dataset.${name}`)) loaded.write(`dataset.${name}`, Uint8Array.from(values));
  }
  const noise = { seed, step: 3 };
  const facts = {
    noise,
    dataNoise: noise,
    position: 0,
    rowCount,
    epoch: 0,
    shuffle: false,
    sampleOffset: 0,
    step: 1,
    samples: 0,
    threshold: false,
    ...changed,
  };
  const { train_step: entry } = artefact.program.entries;
  const frames = [0, 1].map(slot => buildFrame(entry, facts, slot));
  const results = await loaded.run('train_step', frames);
  loaded.dispose();
  return output => {
    const values = results[output]!;
    return values.subarray(values.length / 2);
  };
}
