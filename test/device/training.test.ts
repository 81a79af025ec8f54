import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { compile, type Overrides } from '../../compiler/index.js';
import { type Artefact, type Device, openSession, type Tensors } from '../../runtime/index.js';
import { mnist, openCpuDevice } from '../../runtime/node.js';
import { describeOnDevice, sharedDevice } from './adapter.js';

/**
 * How far two devices' parameters may lie apart after training from one seed: the norm of the difference, relative to
 * that of the tensor. Single elements may differ more: Adam's first step in an element is as large as any, whatever the
 * size of its gradient, and one that is all rounding has a sign of the device's own.
 */
const tolerance = 1e-3;
/** The published models; two layers with a batch that a software GPU can take. */
const compared = [
  { spec: 'mnist1l', steps: 100, overrides: {} },
  { spec: 'mnist2l', steps: 20, overrides: { k: 2, batch: 3 } },
];
const seed = 11;

async function programOf(spec: string, overrides: Overrides): Promise<Artefact> {
  const text = readFileSync(new URL(`../../specs/${spec}.iwae`, import.meta.url), 'utf8');
  const { artefact, diagnostics } = await compile({
    source: { path: `${spec}.iwae`, text },
    readImport: () => null,
    overrides,
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

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

function largestDifference(a: Tensors, b: Tensors): number {
  expect(Object.keys(a)).toEqual(Object.keys(b));
  const differences = Object.entries(a).map(([name, { values }]) => {
    const other = b[name]!.values;
    return norm(values.map((value, i) => value - other[i]!)) / norm(values);
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
    async ({ spec, steps, overrides }) => {
      const artefact = await programOf(spec, overrides);
      const onGpu = await trained(await gpu(), artefact, [steps]);
      const onCpu = await trained(cpu, artefact, [steps]);
      expect(largestDifference(onCpu.parameters, onGpu.parameters)).toBeLessThan(tolerance);
      expect(Math.abs(onCpu.nll - onGpu.nll) / onCpu.nll).toBeLessThan(tolerance);
      expect(largestDifference(onGpu.parameters, onGpu.initial)).toBeGreaterThan(20 * tolerance);
    },
  );

  it('gives the same bits for the same seed, however its steps are grouped', {
    timeout: 300_000,
  }, async () => {
    const artefact = await programOf('mnist1l', { k: 2, batch: 3 });
    for (const device of [await gpu(), cpu]) {
      const first = await trained(device, artefact, [12]);
      const second = await trained(device, artefact, [5, 1, 6]);
      expect(second.parameters).toEqual(first.parameters);
      expect(second.nll).toBe(first.nll);
    }
  });
});
