import type { Device } from '../device.js';
import { fault, isFault } from '../errors.js';
import { isSoftwareAdapter } from '../webgpu/adapter.js';
import { openWebGpuDevice } from '../webgpu/device.js';
import { openPageCpuDevice } from './browser-threads.js';

const remedy =
  'use a browser with WebGPU (Chrome or Edge 113, Safari 26, Firefox 141 or later), or the CPU device';

async function requestAdapter(): Promise<GPUAdapter> {
  const gpu = (globalThis as { readonly navigator?: { readonly gpu?: GPU } }).navigator?.gpu;
  if (gpu === undefined) throw fault('no-adapter', { reason: 'this browser has no WebGPU', remedy });
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (adapter === null) throw fault('no-adapter', { reason: 'this browser finds no GPU', remedy });
  return adapter;
}

/** Opens the browser's own WebGPU device, one that is emulated in software included. @throws RuntimeFault `no-adapter` */
export const openPageGpuDevice = async (): Promise<Device> => openWebGpuDevice(await requestAdapter());

export const pageDeviceChoices = ['auto', 'webgpu', 'cpu'] as const;
export type PageDeviceChoice = (typeof pageDeviceChoices)[number];

export interface PageDeviceOptions {
  /** `auto`: the GPU where there is a real one, else the CPU. Default `auto`. */
  readonly device?: PageDeviceChoice;
  /** Of the CPU. Default: one for each core; only 1 where the page is not cross-origin isolated. */
  readonly threads?: number | undefined;
}

/**
 * Opens a device of the page; `info` says which one it is, and `info.note` why it is no faster one.
 * @throws RuntimeFault `no-adapter` where WebGPU is asked for and not there, `option-invalid`
 */
export async function openDevice({ device = 'auto', threads }: PageDeviceOptions = {}): Promise<Device> {
  if (device === 'cpu') return openPageCpuDevice({ threads });
  if (device === 'webgpu') return openPageGpuDevice();
  if (device !== 'auto') {
    const reason = `'${device}' is not one of ${pageDeviceChoices.join(', ')}`;
    throw fault('option-invalid', { option: 'device', reason });
  }
  try {
    const adapter = await requestAdapter();
    if (!isSoftwareAdapter(adapter)) return await openWebGpuDevice(adapter);
    return openPageCpuDevice({ threads, note: 'this browser emulates the GPU in software' });
  } catch (error) {
    if (!isFault(error) || error.code !== 'no-adapter') throw error;
    return openPageCpuDevice({ threads, note: error.message });
  }
}
