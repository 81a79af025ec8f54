import { afterAll, describe, inject } from 'vitest';
import type { Device } from '../../runtime/index.js';
import { openDawnDevice } from '../../runtime/node.js';

/** `describe` for tests that need a WebGPU device; they are skipped where the setup found none. */
export const describeOnDevice = describe.skipIf(inject('adapter') === null);

/** A device for the tests of one file, opened when first asked for and disposed of after them. */
export function sharedDevice(): () => Promise<Device> {
  let device: Promise<Device> | null = null;
  afterAll(async () => {
    (await device)?.dispose();
  });
  return () => {
    device ??= openDawnDevice();
    return device;
  };
}
