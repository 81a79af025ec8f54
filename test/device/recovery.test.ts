import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createColors } from 'picocolors';
import { expect, it } from 'vitest';
import { globals } from 'webgpu';
import type { Terminal } from '../../cli/terminal.js';
import { throughLosses } from '../../cli/training/losses.js';
import type { TrainOptions } from '../../cli/training/options.js';
import { train } from '../../cli/training/train.js';
import { fault } from '../../runtime/index.js';
import { correlatedRows } from '../cli/data.js';
import { specs, temporaryFolder, write } from '../cli/iwaec.js';
import { describeOnDevice } from './adapter.js';

describeOnDevice('training on a device that is lost', () => {
  const folder = temporaryFolder();

  it('opens it again and ends with the same parameters', async () => {
    const data = write(folder, 'rows.npy', correlatedRows(200));
    const said: string[] = [];
    const run = async (name: string, steps: number | null) => {
      const options: TrainOptions = {
        device: 'webgpu',
        data,
        epochs: 12,
        out: join(folder, name),
        checkpointEvery: 0.05,
        keep: 2,
        evalK: 5,
        evalImages: 0,
      };
      const terminal: Terminal = {
        json: false,
        debug: false,
        colours: createColors(false),
        answer: text => said.push(text),
        note: text => said.push(text),
        result: () => undefined,
      };
      const restore = destroyAfter(steps);
      try {
        expect(await train(terminal, join(specs, 'ppca.iwae'), options)).toBe('ok');
      } finally {
        restore();
      }
      return readFileSync(join(folder, name, 'checkpoint.safetensors'));
    };
    const straight = await run('straight', null);
    const recovered = await run('recovered', 25);
    expect(
      said.filter(text => /the device was lost: .*; going on from step [\d,]+$/.test(text)),
    ).toHaveLength(1);
    expect(recovered.equals(straight)).toBe(true);
  });
});

/** Destroys the first device that is opened from now on once it has been given this many submissions. */
function destroyAfter(submissions: number | null): () => void {
  const { prototype } = (globals as unknown as { readonly GPUAdapter: { prototype: GPUAdapter } }).GPUAdapter;
  const { requestDevice } = prototype;
  let armed = submissions !== null;
  prototype.requestDevice = async function (this: GPUAdapter, descriptor) {
    const device = await requestDevice.call(this, descriptor);
    if (!armed) return device;
    armed = false;
    let left = submissions ?? 0;
    const { queue } = device;
    const submit = queue.submit.bind(queue);
    queue.submit = commands => {
      submit(commands);
      if (--left === 0) device.destroy();
      return undefined;
    };
    return device;
  };
  return () => {
    prototype.requestDevice = requestDevice;
  };
}

it('gives up on a device that is lost time and again without a step between', async () => {
  const lost = fault('device-lost', { reason: 'reset by the driver' });
  let tries = 0;
  const failing = throughLosses({
    work: async () => {
      tries++;
      throw lost;
    },
    progress: async () => 7,
    onLoss: () => undefined,
  });
  await expect(failing).rejects.toBe(lost);
  expect(tries).toBe(4);
});
