import type { Device } from '../device.js';
import { fault } from '../errors.js';
import { openWebGpuDevice } from '../webgpu/device.js';

const remedy =
  'use a browser with WebGPU (Chrome or Edge 113, Safari 26, Firefox 141 or later), or the wasm device';

/** Opens the browser's own WebGPU device. @throws RuntimeFault `no-adapter` */
export async function openBrowserDevice(): Promise<Device> {
  const gpu = (globalThis as { readonly navigator?: { readonly gpu?: GPU } }).navigator?.gpu;
  if (gpu === undefined) throw fault('no-adapter', { reason: 'this browser has no WebGPU', remedy });
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw fault('no-adapter', { reason: 'this browser finds no GPU', remedy });
  return openWebGpuDevice(adapter);
}
