import type { Spans } from '../device.js';
import { bufferUsage, mapModeRead } from './constants.js';

/** The feature with which a device tells times. */
export const timestamps = 'timestamp-query' satisfies GPUFeatureName;

/** Does pieces of work, each in a pass of its own, in order, and tells when each began and ended. */
export function timePasses(
  device: GPUDevice,
  work: readonly ((pass: GPUComputePassEncoder) => void)[],
): Promise<Spans> {
  return device.features.has(timestamps) ? byDevice(device, work) : byHost(device, work);
}

async function byDevice(
  device: GPUDevice,
  work: readonly ((pass: GPUComputePassEncoder) => void)[],
): Promise<Spans> {
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 * work.length });
  try {
    const encoder = device.createCommandEncoder({ label: 'profile' });
    work.forEach((record, i) => {
      const pass = encoder.beginComputePass({ timestampWrites: marksOf(querySet, i) });
      record(pass);
      pass.end();
    });
    device.queue.submit([encoder.finish()]);
    return await readMarks(device, querySet, work.length);
  } finally {
    querySet.destroy();
  }
}

const marksOf = (querySet: GPUQuerySet, pass: number): GPUComputePassTimestampWrites => ({
  querySet,
  beginningOfPassWriteIndex: 2 * pass,
  endOfPassWriteIndex: 2 * pass + 1,
});

/** What the first so many passes of a set have marked. */
async function readMarks(device: GPUDevice, querySet: GPUQuerySet, passes: number): Promise<Spans> {
  const count = 2 * passes;
  const resolved = device.createBuffer({
    size: 8 * count,
    usage: bufferUsage.queryResolve | bufferUsage.copySource,
  });
  const staging = device.createBuffer({
    size: 8 * count,
    usage: bufferUsage.mapRead | bufferUsage.copyDestination,
  });
  try {
    const encoder = device.createCommandEncoder({ label: 'times' });
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, 8 * count);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(mapModeRead);
    const nanoseconds = new BigInt64Array(staging.getMappedRange());
    const seconds = Float64Array.from(nanoseconds, time => Number(time - nanoseconds[0]!) / 1e9);
    return {
      clock: 'device',
      begins: seconds.filter((_, i) => i % 2 === 0),
      ends: seconds.filter((_, i) => i % 2 === 1),
    };
  } finally {
    resolved.destroy();
    staging.destroy();
  }
}

/** What the host sees from submission to completion: the way there and back is part of it. */
async function byHost(
  device: GPUDevice,
  work: readonly ((pass: GPUComputePassEncoder) => void)[],
): Promise<Spans> {
  const begins = new Float64Array(work.length);
  const ends = new Float64Array(work.length);
  const start = performance.now();
  for (const [i, record] of work.entries()) {
    const encoder = device.createCommandEncoder({ label: 'profile' });
    const pass = encoder.beginComputePass();
    record(pass);
    pass.end();
    begins[i] = (performance.now() - start) / 1000;
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    ends[i] = (performance.now() - start) / 1000;
  }
  return { clock: 'host', begins, ends };
}

/** Notes when submissions of one pass each begin and end. */
export interface SubmissionWatch {
  /** Before a submission is encoded: how its pass marks its times, if it does, and what is called when it is done. */
  next(): { readonly marks?: GPUComputePassTimestampWrites; readonly done: () => void };
  read(): Promise<Spans>;
  dispose(): void;
}

export const watchSubmissions = (device: GPUDevice): SubmissionWatch =>
  device.features.has(timestamps) ? watchByDevice(device) : watchByHost();

/** A set has at most 4096 queries: https://www.w3.org/TR/webgpu/#dom-gpudevice-createqueryset. */
const mostWatched = 2048;

const noSpans: Spans = { clock: 'device', begins: new Float64Array(), ends: new Float64Array() };

function watchByDevice(device: GPUDevice): SubmissionWatch {
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 * mostWatched });
  let count = 0;
  const done = () => undefined;
  return {
    next: () => (count < mostWatched ? { marks: marksOf(querySet, count++), done } : { done }),
    // Dawn refuses to resolve no queries at all: it makes a binding of their size.
    read: async () => (count === 0 ? noSpans : readMarks(device, querySet, count)),
    dispose: () => querySet.destroy(),
  };
}

function watchByHost(): SubmissionWatch {
  const begins: number[] = [];
  const ends: number[] = [];
  const since = (times: readonly number[]) => Float64Array.from(times, time => (time - begins[0]!) / 1000);
  return {
    next: () => {
      begins.push(performance.now());
      return { done: () => ends.push(performance.now()) };
    },
    read: async () => ({ clock: 'host', begins: since(begins), ends: since(ends) }),
    dispose: () => undefined,
  };
}
