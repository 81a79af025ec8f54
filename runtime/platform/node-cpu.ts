import type { Device } from '../device.js';
import { openWasmDevice } from '../wasm/device.js';
import { nodeThreads } from './node-threads.js';

/** Opens the CPU as a device, with this many threads: one a core unless told. */
export const openCpuDevice = (threads?: number): Device => openWasmDevice(nodeThreads, threads);
