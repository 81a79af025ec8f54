import { expect } from 'vitest';
import { gradientGraph } from '../../compiler/driver.js';
import type { LoweredEntry } from '../../compiler/lower/tensor-to-kernel/index.js';
import { estimatorNames } from '../../compiler/model/index.js';
import type { Artefact } from '../../compiler/program/index.js';
import { evaluate } from '../../compiler/tensor/eval.js';
import type { Device } from '../../runtime/device.js';
import { lowerApart } from '../support/lowering.js';
import { runLowered } from '../support/run-lowered.js';
import { type BoundCase, boundCases } from './bound-formulas.js';
import { sweepCase, sweepParameters, sweepRows } from './bound-model.js';
import { relativeError } from './tolerances.js';

/** f32 on a device against f64, relative to the largest element of the array or to 1. */
const tolerance = 1e-4;
const seed = 11;

/** Of one axis an odd number of samples; of two, sizes that cannot be taken for one another. */
export function deviceCases(name: string): readonly BoundCase[] {
  const entry = boundCases[name]!;
  return entry.axes === 1 ? entry.cases(5) : entry.cases(4, 32);
}

/** Bounds whose gradient is an estimate: the sample that is drawn is the same on every device. */
export const estimated = ['iwae(k=5)', 'power(k=5, p=2)', 'median(k=4)', 'miwae(k1=4, k2=32)'].flatMap(
  bound => estimatorNames.map(name => `${bound} using ${name}`),
);

/** The bound's value and gradients on a device, for kernels that `programOf` makes, are those of the f64 graph. */
export async function expectBoundOnDevice(
  text: string,
  device: Device,
  programOf: (lowered: LoweredEntry, rows: number) => Artefact | Promise<Artefact>,
): Promise<void> {
  const testCase = sweepCase(text, seed);
  const graph = gradientGraph(testCase.model);
  const inputs = { ...testCase.bindings.inputs, ...sweepParameters };
  // The clock of a device's run stands at epoch 0.
  const bindings = { ...testCase.bindings, inputs, clocks: { ...testCase.bindings.clocks, epoch: 0 } };
  const rows = sweepRows.length;
  const artefact = await programOf(lowerApart(graph, { x: 'byte' }), rows);
  const found = await runLowered(device, artefact, bindings, { seed: BigInt(seed), rowCount: rows });
  for (const [output, values] of evaluate(graph, bindings)) {
    expect(relativeError(found(output), values), `${text}: ${output}`).toBeLessThan(tolerance);
  }
}
