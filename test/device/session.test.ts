import { expect, it } from 'vitest';
import { globals } from 'webgpu';
import { type Device, openSession, type Progress, type Session, seededSample } from '../../runtime/index.js';
import { openDawnDevice } from '../../runtime/node.js';
import {
  chunk,
  tinyArtefact,
  tinyDataset,
  trainedByHand,
  width,
  withKernelText,
} from '../support/tiny-program.js';
import { describeOnDevice, sharedDevice } from './adapter.js';

const trainRows = 7;
const testRows = 5;
const startMean = [30, 31, 32, 33];

async function tinySession(device: Device, artefact = tinyArtefact): Promise<Session> {
  const session = await openSession(device, artefact, { seed: 3 });
  session.bind({ train: { x: tinyDataset(trainRows) }, test: { x: tinyDataset(testRows) } });
  await session.initialise();
  return session;
}

const start = startMean.map(mean => mean + 3);
const parameterOf = async (session: Session) => [...(await session.parameters()).p!.values];

/** log (1/k) Σ exp(first byte − s / 8) of a row, and the mean of the log-weights. */
function estimate(row: number, k: number) {
  const weights = Array.from({ length: k }, (_, s) => 10 * row - s / 8);
  const largest = Math.max(...weights);
  const sum = weights.reduce((total, weight) => total + Math.exp(weight - largest), 0);
  return {
    bound: largest + Math.log(sum / k),
    mean: weights.reduce((total, weight) => total + weight, 0) / k,
  };
}

describeOnDevice('a session', () => {
  const device = sharedDevice();

  it('starts from the statistics of the training rows', async () => {
    const session = await tinySession(await device());
    expect(await parameterOf(session)).toEqual(start);
    expect(session.stepsPerEpoch).toBe(3);
    session.dispose();
  });

  it('trains, whatever the grouping, and reports each step once', async () => {
    const session = await tinySession(await device());
    const seen: Progress[] = [];
    const report = await session.train({ epochs: 40, onProgress: progress => seen.push(progress) });
    expect(report).toMatchObject({ step: 120, stopped: 'finished' });
    expect(await parameterOf(session)).toEqual(trainedByHand(start, trainRows, 120));
    expect(report.epochBounds.map(({ epoch, steps }) => [epoch, steps])).toEqual(
      Array.from({ length: 40 }, (_, epoch) => [epoch, 3]),
    );
    const firstEpoch = [1, 2, 3].map(steps => trainedByHand(start, trainRows, steps)[0]!);
    expect(report.epochBounds[0]!.bound).toBeCloseTo(
      firstEpoch.reduce((sum, bound) => sum + bound, 0) / 3,
      12,
    );
    expect(seen.at(-1)).toMatchObject({ step: 120, lastStep: 120, epoch: 39, secondsLeft: 0 });
    expect(seen.map(({ step }) => step)).toEqual([...seen.map(({ step }) => step)].sort((a, b) => a - b));
    session.dispose();
  });

  it('goes on from a checkpoint bit for bit', async () => {
    const whole = await tinySession(await device());
    await whole.train({ epochs: 6 });
    const first = await tinySession(await device());
    await first.train({ steps: 5 });
    const resumed = await openSession(await device(), tinyArtefact, { seed: 3 });
    resumed.bind({ train: { x: tinyDataset(trainRows) } });
    resumed.restore(await first.snapshot());
    expect(resumed.step).toBe(5);
    await resumed.train({ epochs: 6 });
    expect(await resumed.snapshot()).toEqual(await whole.snapshot());
    for (const session of [whole, first, resumed]) session.dispose();
  });

  it('stops on request at a step that a later call goes on from', async () => {
    const session = await tinySession(await device());
    const stop = new AbortController();
    const report = await session.train({ steps: 1e6, signal: stop.signal, onProgress: () => stop.abort() });
    expect(report.stopped).toBe('aborted');
    expect(report.step).toBe(session.step);
    expect(session.step).toBeGreaterThan(0);
    await session.train({ steps: 3 });
    expect(await parameterOf(session)).toEqual(trainedByHand(start, trainRows, report.step + 3));
    session.dispose();
  });

  it('combines chunks of samples and blocks of rows into one estimate', async () => {
    const session = await tinySession(await device());
    const k = 6 * chunk;
    const evaluation = await session.evaluate({ k });
    const rows = Array.from({ length: testRows }, (_, row) => estimate(row, k));
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const nll = -mean(rows.map(({ bound }) => bound));
    expect(evaluation).toMatchObject({ k, images: testRows });
    expect(evaluation!.nll).toBeCloseTo(nll, 5);
    expect(evaluation!.elbo).toBeCloseTo(mean(rows.map(row => row.mean)), 5);
    const spread = mean(rows.map(({ bound }) => (bound + nll) ** 2)) * (testRows / (testRows - 1));
    expect(evaluation!.nllStderr).toBeCloseTo(Math.sqrt(spread / testRows), 5);
    expect([...evaluation!.means.h!.values.subarray(width, 2 * width)]).toEqual([4, 5, 6, 7]);
    session.dispose();
  });

  it('takes bounds of fewer samples as means over disjoint groups of the same samples', async () => {
    const session = await tinySession(await device());
    const { bounds } = (await session.evaluate({ k: [10, 3, 1], rows: [2] }))!;
    const groups = [0, 3, 6].map(first => estimate(2, 3).bound - first / 8);
    expect(bounds.map(({ k, groups }) => [k, groups])).toEqual([
      [1, 10],
      [3, 3],
      [10, 1],
    ]);
    expect(bounds[1]!.mean).toBeCloseTo(groups.reduce((sum, bound) => sum + bound, 0) / 3, 5);
    expect(bounds[2]!.mean).toBeCloseTo(estimate(2, 10).bound, 5);
    await expect(session.evaluate({ k: [] })).rejects.toMatchObject({ code: 'option-invalid' });
    await expect(session.evaluate({ k: [5, 0] })).rejects.toMatchObject({ code: 'option-invalid' });
    session.dispose();
  });

  it('visits any rows under their own numbers', async () => {
    const session = await tinySession(await device());
    const rows = seededSample(3, testRows, 1);
    const evaluation = await session.evaluate({ k: chunk, rows });
    const expected = rows.reduce((sum, row) => sum + estimate(row, chunk).bound, 0) / 3;
    expect(evaluation!.nll).toBeCloseTo(-expected, 5);
    const { data } = await session.reconstruct([4, 0, 2]);
    expect(data.x!.shape).toEqual([3, width]);
    expect([...data.x!.values]).toEqual([40, 41, 42, 43, 0, 1, 2, 3, 20, 21, 22, 23]);
    const { h } = await session.encode([6], 'train');
    expect([...h!.values]).toEqual([60, 61, 62, 63]);
    session.dispose();
  });

  it('trains on after evaluation as if nothing had been in between', async () => {
    const session = await tinySession(await device());
    await session.train({ steps: 4 });
    await session.evaluate({ k: chunk });
    await session.sample(3);
    await session.train({ steps: 4 });
    expect(await parameterOf(session)).toEqual(trainedByHand(start, trainRows, 8));
    session.dispose();
  });

  it('samples as many as asked for, numbered through', async () => {
    const session = await tinySession(await device());
    const { x } = await session.sample(5);
    expect(x!.shape).toEqual([5, width]);
    expect([...x!.values]).toEqual([0, 1, 2, 3, 4].flatMap(number => start.map(p => p + number)));
    session.dispose();
  });

  it('names the step whose bound is not finite and puts the last good state back', async () => {
    const text = tinyArtefact.wgsl.step!.replace(
      'bound[word(11u)] = next',
      'bound[word(11u)] = next / f32(9u - min(word(0u), 9u))',
    );
    const session = await tinySession(await device(), withKernelText('step', text));
    await session.train({ steps: 4 });
    await expect(session.train({ steps: 50 })).rejects.toMatchObject({
      code: 'not-finite',
      message: expect.stringContaining('step 9'),
      help: expect.stringContaining('step 4'),
    });
    expect(session.step).toBe(4);
    expect(await parameterOf(session)).toEqual(trainedByHand(start, trainRows, 4));
    session.dispose();
  });

  it('tells the time between submissions, of which there may be none', async () => {
    const session = await tinySession(await device());
    expect(await session.hostTime(0)).toMatchObject({ submissions: 0, seconds: 0, betweenSeconds: 0 });
    const { submissions, seconds, betweenSeconds } = await session.hostTime(40);
    expect(submissions).toBeGreaterThan(1);
    expect(betweenSeconds).toBeLessThan(seconds);
    expect(await parameterOf(session)).toEqual(start);
    session.dispose();
  });

  it('refuses to work without parameters, data or sense', async () => {
    const session = await openSession(await device(), tinyArtefact);
    await expect(session.initialise()).rejects.toMatchObject({ code: 'data-missing' });
    await expect(session.train({ steps: 1 })).rejects.toMatchObject({ code: 'state-missing' });
    await expect(session.sample(1)).rejects.toMatchObject({ code: 'state-missing' });
    expect(() => session.bind({ train: { y: tinyDataset(3) } })).toThrow(/no 'x'/);
    expect(() => session.bind({ train: { x: { ...tinyDataset(3), width: 5, shape: [5] } } })).toThrow(
      /rows of 5/,
    );
    session.bind({ train: { x: tinyDataset(1) } });
    await session.initialise();
    await expect(session.train({ steps: 1 })).rejects.toMatchObject({ code: 'data-shape' });
    session.bind({ train: { x: tinyDataset(4) } });
    await expect(session.train({})).rejects.toMatchObject({ code: 'option-invalid' });
    await expect(session.train({ steps: 1.5 })).rejects.toMatchObject({ code: 'option-invalid' });
    await expect(session.evaluate()).rejects.toMatchObject({ code: 'data-missing' });
    await expect(session.evaluate({ split: 'train', rows: [4] })).rejects.toMatchObject({
      code: 'option-invalid',
    });
    await expect(session.evaluate({ split: 'train', k: 0 })).rejects.toMatchObject({
      code: 'option-invalid',
    });
    session.dispose();
  });

  it('says how a checkpoint of another model differs', async () => {
    const session = await tinySession(await device());
    const checkpoint = await session.snapshot();
    const p = checkpoint.tensors.get('parameters/p')!;
    const altered = (change: (tensors: Map<string, typeof p>) => void) => {
      const tensors = new Map(checkpoint.tensors);
      change(tensors);
      return () => session.restore({ ...checkpoint, tensors });
    };
    expect(altered(tensors => tensors.delete('parameters/p'))).toThrow(/needs 'parameters\/p'/);
    expect(altered(tensors => tensors.set('parameters/q', p))).toThrow(/has 'parameters\/q'/);
    expect(altered(tensors => tensors.set('parameters/p', { ...p, shape: [2, 2] }))).toThrow(
      /\[2, 2\].*\[4\]/,
    );
    expect(altered(tensors => tensors.delete('velocity/p'))).toThrow(/velocity\/p/);
    const facts = { ...checkpoint.facts, signature: 'other' };
    expect(() => session.restore({ ...checkpoint, facts })).toThrow(/other data/);
    session.dispose();
  });

  it('samples from a checkpoint without any data', async () => {
    const trained = await tinySession(await device());
    await trained.train({ steps: 2 });
    const fresh = await openSession(await device(), tinyArtefact);
    fresh.restore(await trained.snapshot());
    expect(await fresh.sample(2)).toEqual(await trained.sample(2));
    for (const session of [trained, fresh]) session.dispose();
  });
});

describeOnDevice('a session whose device is lost', () => {
  it('rejects with device-lost, tells why, and still has its last good state', async () => {
    const { prototype } = (globals as unknown as { readonly GPUAdapter: { prototype: GPUAdapter } })
      .GPUAdapter;
    const { requestDevice } = prototype;
    let raw: GPUDevice | null = null;
    prototype.requestDevice = async function (this: GPUAdapter, descriptor) {
      raw = await requestDevice.call(this, descriptor);
      return raw;
    };
    const device = await openDawnDevice().finally(() => {
      prototype.requestDevice = requestDevice;
    });
    const session = await tinySession(device);
    await session.train({ steps: 3 });
    const training = session.train({ steps: 1e6, onProgress: () => raw!.destroy() });
    await expect(training).rejects.toMatchObject({ code: 'device-lost' });
    expect(await device.lost).toMatch(/destroyed/);
    expect(session.lastGood!.facts.step).toBe(3);
    expect([...session.lastGood!.tensors.get('parameters/p')!.values]).toEqual(
      trainedByHand(start, trainRows, 3),
    );
    await expect(session.train({ steps: 1 })).rejects.toMatchObject({ code: 'device-lost' });
    await expect(session.snapshot()).rejects.toMatchObject({ code: 'device-lost' });
    session.dispose();
    device.dispose();
  });
});
