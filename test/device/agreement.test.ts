import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compile } from '../../compiler/index.js';
import type { Artefact } from '../../compiler/program/index.js';
import { type Device, openSession } from '../../runtime/index.js';
import { mnist, openCpuDevice } from '../../runtime/node.js';
import { describeOnDevice, sharedDevice } from './adapter.js';

/**
 * How far two devices' parameters may lie apart after training from one seed: the norm of the difference, relative to
 * that of the array. Single elements may differ more: Adam's first step in an element is as large as any, whatever the
 * size of its gradient, and the sign of one that is all rounding is the device's own.
 */
const tolerance = 1e-3;

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

async function program(): Promise<Artefact> {
  const path = 'specs/mnist1l.iwae';
  const source = { path, text: readFileSync(path, 'utf8') };
  const { artefact } = await compile({ source, readImport: () => null, overrides: { k: 5 } });
  return artefact!;
}

async function trainedOn(device: Device, artefact: Artefact, steps: number) {
  const session = await openSession(device, artefact, { seed: 20150901 });
  const { train, test } = await mnist();
  session.bind({ train: { x: train }, test: { x: test } });
  await session.initialise();
  await session.train({ steps });
  const evaluation = await session.evaluate({ k: 50, rows: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] });
  const parameters = await session.parameters();
  session.dispose();
  return { parameters, nll: evaluation!.nll };
}

describeOnDevice('WebGPU and the CPU', () => {
  const webgpu = sharedDevice();

  it('train the same model from the same seed', { timeout: 300_000 }, async () => {
    const artefact = await program();
    const cpu = openCpuDevice();
    const [onCpu, onGpu] = [
      await trainedOn(cpu, artefact, 100),
      await trainedOn(await webgpu(), artefact, 100),
    ];
    cpu.dispose();
    expect(onCpu.nll).toBeCloseTo(onGpu.nll, 1);
    expect(Object.keys(onCpu.parameters)).toEqual(Object.keys(onGpu.parameters));
    for (const [name, { values }] of Object.entries(onGpu.parameters)) {
      const actual = onCpu.parameters[name]!.values;
      const difference = values.map((value, i) => value - actual[i]!);
      expect(norm(difference) / norm(values), name).toBeLessThan(tolerance);
    }
  });
});
