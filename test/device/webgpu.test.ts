import { expect, it } from 'vitest';
import type { Entry, Program } from '../../compiler/program/index.js';
import { buildFrame, type RunFacts } from '../../runtime/frame.js';
import type { Device } from '../../runtime/index.js';
import { openDawnDevice } from '../../runtime/node.js';
import {
  batch,
  tinyArtefact,
  tinyDataset,
  trainedByHand,
  width,
  withKernelText,
} from '../support/tiny-program.js';
import { describeOnDevice, sharedDevice } from './adapter.js';

const { program } = tinyArtefact;

const facts = (step: number, position: number): RunFacts => ({
  noise: { seed: 0n, step },
  dataNoise: { seed: 0n, step },
  position,
  rowCount: 6,
  epoch: 0,
  shuffle: false,
  sampleOffset: 0,
  step,
  samples: 0,
  threshold: false,
});

const stepFrames = (first: number, count: number) =>
  Array.from({ length: count }, (_, slot) => {
    const step = first + slot;
    return buildFrame(program.entries.train_step, facts(step, ((step - 1) % 3) * batch), slot);
  });

async function loadTiny(device: Device) {
  const loaded = await device.load(tinyArtefact);
  loaded.write('dataset.x', tinyDataset(6).values);
  loaded.write('parameters', new Float32Array(width));
  loaded.write('state.velocity', new Float32Array(width));
  return loaded;
}

const withEntry = (name: keyof Program['entries'], change: Partial<Entry>): Program => ({
  ...program,
  entries: { ...program.entries, [name]: { ...program.entries[name], ...change } },
});

describeOnDevice('a program on WebGPU', () => {
  const device = sharedDevice();

  it('runs frames in order, in place, each with its own frame and result slot', async () => {
    const loaded = await loadTiny(await device());
    const { bound } = await loaded.run('train_step', stepFrames(1, 5));
    const expected = [1, 2, 3, 4, 5].map(steps => trainedByHand([0, 0, 0, 0], 6, steps));
    expect([...bound!]).toEqual(expected.map(parameters => parameters[0]));
    expect([...(await loaded.read('parameters'))]).toEqual(expected[4]);
    expect([...(await loaded.read('state.velocity'))]).toEqual([5, 5, 5, 5]);
    loaded.dispose();
  });

  it('gives the same numbers however runs are grouped, with submissions in flight', async () => {
    const loaded = await loadTiny(await device());
    const groups = [1, 7, 2, 20, 3];
    let first = 1;
    const pending = groups.map(count => {
      const running = loaded.run('train_step', stepFrames(first, count));
      first += count;
      return running;
    });
    const bounds = (await Promise.all(pending)).flatMap(({ bound }) => [...bound!]);
    expect(bounds).toEqual(Array.from({ length: 33 }, (_, i) => trainedByHand([0, 0, 0, 0], 6, i + 1)[0]));
    loaded.dispose();
  });

  it('takes a full submission, and refuses a larger one', async () => {
    const loaded = await loadTiny(await device());
    const { bound } = await loaded.run('train_step', stepFrames(1, loaded.maxRuns));
    expect(bound).toHaveLength(loaded.maxRuns);
    expect(bound!.at(-1)).toBe(trainedByHand([0, 0, 0, 0], 6, loaded.maxRuns)[0]);
    await expect(loaded.run('train_step', stepFrames(1, loaded.maxRuns + 1))).rejects.toMatchObject({
      code: 'device-error',
    });
    loaded.dispose();
  });

  it('resizes a data set and keeps the order of writes and runs', async () => {
    const loaded = await loadTiny(await device());
    const before = loaded.run('train_step', stepFrames(1, 1));
    loaded.write('dataset.x', new Uint8Array(4 * 3));
    const after = loaded.run('train_step', stepFrames(1, 1));
    expect((await before).bound![0]).toBe(11);
    expect((await after).bound![0]).toBe(11 / 2 + 1);
    loaded.dispose();
  });

  it('keeps calls in order while an entry is compiled at its first run', async () => {
    const fresh = await openDawnDevice();
    const loaded = await loadTiny(fresh);
    const order = (...rows: readonly number[]) => new Uint8Array(Uint32Array.from(rows).buffer);
    const frame = buildFrame(program.entries.encode, facts(1, 0), 0);
    loaded.write('order', order(5, 4, 3, 2, 1, 0));
    const first = loaded.run('encode', [frame]);
    loaded.write('order', order(0, 1, 2, 3, 4, 5));
    loaded.write('parameters', new Float32Array(width).fill(2));
    const second = loaded.run('encode', [frame]);
    const parameters = loaded.read('parameters');
    const pictures = (rows: readonly number[]) => rows.flatMap(r => [0, 1, 2, 3].map(i => 10 * r + i));
    expect([...(await first)['mean.h']!]).toEqual(pictures([5, 4]));
    expect([...(await second)['mean.h']!]).toEqual(pictures([0, 1]));
    expect([...(await parameters)]).toEqual([2, 2, 2, 2]);
    const bad = withKernelText('look', 'not WGSL');
    const wrong = await fresh.load(bad);
    wrong.write('dataset.x', tinyDataset(6).values);
    wrong.write('order', order(5, 4, 3, 2, 1, 0));
    await expect(wrong.run('encode', [frame])).rejects.toMatchObject({
      code: 'kernel-rejected',
      message: expect.stringContaining("'look'"),
    });
    await expect(wrong.read('parameters')).resolves.toHaveLength(width);
    fresh.dispose();
  });

  it('says that data is missing before it was written', async () => {
    const loaded = await (await device()).load(tinyArtefact);
    await expect(loaded.run('train_step', stepFrames(1, 1))).rejects.toMatchObject({ code: 'data-missing' });
    loaded.dispose();
  });

  it('names the kernel that the device rejects, and goes on working', async () => {
    const bad = withKernelText('step', tinyArtefact.wgsl.step!.replace('let next', 'let nxt'));
    await expect((await device()).load(bad)).rejects.toMatchObject({
      code: 'kernel-rejected',
      message: expect.stringMatching(/'step'.*line \d+: .*next/s),
    });
    const misbound = withKernelText(
      'rows',
      tinyArtefact.wgsl.rows!.replace('read_write', 'read').replace('rows[i] =', '_ ='),
    );
    await expect((await device()).load(misbound)).resolves.toBeDefined();
    const wrongAccess = withKernelText(
      'initialise',
      tinyArtefact.wgsl.initialise!.replace('read> mean', 'read_write> mean'),
    );
    await expect((await device()).load(wrongAccess)).rejects.toMatchObject({
      code: 'kernel-rejected',
      message: expect.stringContaining("'initialise'"),
    });
    const loaded = await loadTiny(await device());
    expect((await loaded.run('train_step', stepFrames(1, 1))).bound).toHaveLength(1);
    loaded.dispose();
  });

  it('says which kernel or buffer does not fit, with numbers', async () => {
    const huge = {
      ...tinyArtefact,
      program: {
        ...program,
        buffers: program.buffers.map(buffer =>
          buffer.name === 'parameters' ? { ...buffer, length: 2 ** 40 } : buffer,
        ),
      },
    };
    await expect((await device()).load(huge)).rejects.toMatchObject({
      code: 'limits-too-small',
      message: expect.stringMatching(/'parameters'.*4398046511104/),
    });
    const workgroups = [70000, 1, 1] as const;
    const dispatches = program.dispatches.map(dispatch =>
      dispatch.name === 'step' ? { ...dispatch, workgroups } : dispatch,
    );
    await expect(
      (await device()).load({ ...tinyArtefact, program: { ...program, dispatches } }),
    ).rejects.toMatchObject({
      code: 'limits-too-small',
      message: expect.stringMatching(/'step'.*maxComputeWorkgroupsPerDimension = 70000/),
    });
  });

  it('turns an invalid submission into a fault of that call', async () => {
    // The reading kernel's buffer is bound for writing twice: invalid only when it is dispatched.
    const dispatches = program.dispatches.map(dispatch =>
      dispatch.name === 'initialise'
        ? { ...dispatch, bindings: dispatch.bindings.map(binding => ({ ...binding, buffer: 'parameters' })) }
        : dispatch,
    );
    const loaded = await (await device()).load({ ...tinyArtefact, program: { ...program, dispatches } });
    const frame = buildFrame(program.entries.initialise, facts(0, 0), 0);
    await expect(loaded.run('initialise', [frame])).rejects.toMatchObject({ code: 'device-error' });
    loaded.dispose();
  });

  it('lengthens frames for many host scalars', async () => {
    const constant = { kind: 'constant', value: 1 } as const;
    const longer = withEntry('train_step', { host: new Array(60).fill(constant) });
    const loaded = await (await device()).load({ ...tinyArtefact, program: longer });
    loaded.write('dataset.x', tinyDataset(6).values);
    const { bound } = await loaded.run('train_step', stepFrames(1, 3));
    expect([...bound!]).toEqual([1, 2, 3].map(steps => trainedByHand([0, 0, 0, 0], 6, steps)[0]));
    loaded.dispose();
  });
});

describeOnDevice('a device that goes away', () => {
  it('rejects work in flight and later calls with device-lost', async () => {
    const device = await openDawnDevice();
    const loaded = await loadTiny(device);
    const running = loaded.run('train_step', stepFrames(1, loaded.maxRuns)).catch((error: unknown) => error);
    device.dispose();
    expect(await running).toMatchObject({ code: 'device-lost' });
    await expect(loaded.run('train_step', stepFrames(1, 1))).rejects.toMatchObject({ code: 'device-lost' });
    expect(() => loaded.write('parameters', new Float32Array(width))).toThrow(/disposed/);
    await expect(device.load(tinyArtefact)).rejects.toMatchObject({ code: 'device-lost' });
    device.dispose();
  });
});
