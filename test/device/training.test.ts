import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { compile } from '../../compiler/index.js';
import { type Artefact, type Device, openSession, type Tensors } from '../../runtime/index.js';
import { mnist, openCpuDevice } from '../../runtime/node.js';
import { describeOnDevice, sharedDevice } from './adapter.js';

/** Largest difference of a parameter after training on two devices, relative to the largest element of its tensor. */
const tolerance = 1e-3;
/**
 * Steps after which they are compared. Training amplifies rounding: with two layers, moving each initial parameter by one
 * unit in the last place already moves some by 3e-4 of their scale after the first step (Adam divides small gradients by
 * small gradients) and by 1e-2 after 100, three times what the two devices differ by.
 */
const compared = [
  { spec: 'mnist1l', steps: 100 },
  { spec: 'mnist2l', steps: 20 },
];
const seed = 11;

/** The published model, with batches small enough for a software GPU. */
async function programOf(spec: string): Promise<Artefact> {
  const text = readFileSync(new URL(`../../specs/${spec}.iwae`, import.meta.url), 'utf8');
  const { artefact, diagnostics } = await compile({
    source: { path: `${spec}.iwae`, text },
    readImport: () => null,
    overrides: { k: 2, batch: 3 },
    verify: true,
  });
  expect(diagnostics).toEqual([]);
  return artefact!;
}

async function trained(device: Device, artefact: Artefact, pieces: readonly number[]) {
  const session = await openSession(device, artefact, { seed });
  const { train, test } = await mnist();
  session.bind({ train: { x: train }, test: { x: test } });
  await session.initialise();
  const initial = await session.parameters();
  for (const piece of pieces) await session.train({ steps: piece });
  const parameters = await session.parameters();
  const evaluation = await session.evaluate({ k: 120, rows: [5, 4000, 9999] });
  session.dispose();
  return { initial, parameters, nll: evaluation!.nll };
}

function largestDifference(a: Tensors, b: Tensors): number {
  const differences = Object.entries(a).map(([name, { values }]) => {
    const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-30);
    return (
      values.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[name]!.values[i]!)), 0) /
      scale
    );
  });
  return Math.max(...differences);
}

describeOnDevice('training', () => {
  const gpu = sharedDevice();
  const cpu = openCpuDevice({ threads: 2 });
  afterAll(() => cpu.dispose());

  it.each(compared)(
    'gives the same $spec on WebGPU and on the CPU after $steps steps',
    { timeout: 300_000 },
    async ({ spec, steps }) => {
      const artefact = await programOf(spec);
      const onGpu = await trained(await gpu(), artefact, [steps]);
      const onCpu = await trained(cpu, artefact, [steps]);
      expect(largestDifference(onCpu.parameters, onGpu.parameters)).toBeLessThan(tolerance);
      expect(Math.abs(onCpu.nll - onGpu.nll) / onCpu.nll).toBeLessThan(tolerance);
      expect(largestDifference(onGpu.parameters, onGpu.initial)).toBeGreaterThan(100 * tolerance);
    },
  );

  it('gives the same bits for the same seed, however its steps are grouped', {
    timeout: 300_000,
  }, async () => {
    const artefact = await programOf('mnist1l');
    for (const device of [await gpu(), cpu]) {
      const first = await trained(device, artefact, [12]);
      const second = await trained(device, artefact, [5, 1, 6]);
      expect(second.parameters).toEqual(first.parameters);
      expect(second.nll).toBe(first.nll);
    }
  });
});
