import type { Timing } from '../device.js';
import { bufferUsage, mapModeRead } from './constants.js';

/** The feature with which a device tells times. */
export const timestamps = 'timestamp-query' satisfies GPUFeatureName;

type Times = Pick<Timing, 'clock' | 'begins' | 'ends'>;

/** Does pieces of work, each in a pass of its own, in order, and tells when each began and ended. */
export function timePasses(
  device: GPUDevice,
  work: readonly ((pass: GPUComputePassEncoder) => void)[],
): Promise<Times> {
  return device.features.has(timestamps) ? byDevice(device, work) : byHost(device, work);
}

async function byDevice(
  device: GPUDevice,
  work: readonly ((pass: GPUComputePassEncoder) => void)[],
): Promise<Times> {
  const count = 2 * work.length;
  const querySet = device.createQuerySet({ type: 'timestamp', count });
  const resolved = device.createBuffer({
    size: 8 * count,
    usage: bufferUsage.queryResolve | bufferUsage.copySource,
  });
  const staging = device.createBuffer({
    size: 8 * count,
    usage: bufferUsage.mapRead | bufferUsage.copyDestination,
  });
  try {
    const encoder = device.createCommandEncoder({ label: 'profile' });
    work.forEach((record, i) => {
      const timestampWrites = { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 };
      const pass = encoder.beginComputePass({ timestampWrites });
      record(pass);
      pass.end();
    });
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
    querySet.destroy();
    resolved.destroy();
    staging.destroy();
  }
}

/** What the host sees from submission to completion: the way there and back is part of it. */
async function byHost(
  device: GPUDevice,
  work: readonly ((pass: GPUComputePassEncoder) => void)[],
): Promise<Times> {
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
