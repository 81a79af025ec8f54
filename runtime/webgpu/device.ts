import type { Artefact, GpuClass } from '../../compiler/program/index.js';
import type { Device, DeviceInfo, LoadedProgram, Peaks } from '../device.js';
import { fault } from '../errors.js';
import { adapterName, gpuClassOf, isSoftwareAdapter, subgroups } from './adapter.js';
import { EntryPipelines } from './entries.js';
import { DeviceHealth } from './health.js';
import { checkDispatches, checkFeatures, halves, limitsToRequest } from './limits.js';
import { measurePeaks } from './peaks.js';
import { PipelineCache } from './pipelines.js';
import { loadWebGpuProgram } from './program.js';
import { timestamps } from './timing.js';

/** What a platform does beside. */
export interface DeviceHooks {
  /** Called once, when the device is gone. */
  readonly onDispose?: () => void;
  /** Called with all work of the device that someone waits for. */
  readonly onWait?: (work: Promise<unknown>) => void;
}

/**
 * Opens a device on an adapter of any WebGPU implementation.
 * @throws RuntimeFault `no-adapter` if the adapter gives no device
 */
export async function openWebGpuDevice(adapter: GPUAdapter, hooks: DeviceHooks = {}): Promise<Device> {
  const wanted: readonly GPUFeatureName[] = [timestamps, halves, subgroups];
  const device = await adapter
    .requestDevice({
      requiredLimits: limitsToRequest(adapter),
      requiredFeatures: wanted.filter(feature => adapter.features.has(feature)),
    })
    .catch((error: unknown) => {
      throw fault('no-adapter', {
        reason: `${adapterName(adapter)} gives no device: ${error instanceof Error ? error.message : error}`,
        remedy: 'run `iwaec doctor` to see what this machine has',
      });
    });
  const gpu = gpuClassOf(adapter, device.features);
  const info: DeviceInfo = {
    kind: 'webgpu',
    name: adapterName(adapter),
    software: isSoftwareAdapter(adapter),
    gpu,
  };
  return new WebGpuDevice(device, info, gpu, hooks);
}

class WebGpuDevice implements Device {
  readonly info: DeviceInfo;
  readonly #device: GPUDevice;
  readonly #gpu: GpuClass;
  readonly #health: DeviceHealth;
  readonly #pipelines: PipelineCache;
  readonly #onDispose: DeviceHooks['onDispose'];
  #disposed = false;

  constructor(device: GPUDevice, info: DeviceInfo, gpu: GpuClass, { onDispose, onWait }: DeviceHooks) {
    this.info = info;
    this.#device = device;
    this.#gpu = gpu;
    this.#health = new DeviceHealth(device, onWait);
    this.#pipelines = new PipelineCache(device);
    this.#onDispose = onDispose;
  }

  get lost(): Promise<string> {
    return this.#health.lost;
  }

  async load(artefact: Artefact): Promise<LoadedProgram> {
    this.#health.check();
    const gpu = this.#gpu;
    checkFeatures(artefact.program, this.#device.features, this.info.name);
    checkDispatches(artefact.program, gpu, this.#device.limits);
    const pipelines = await EntryPipelines.load(entries =>
      this.#health.guard(this.#pipelines.compile(artefact, entries, gpu)),
    );
    return loadWebGpuProgram({
      device: this.#device,
      health: this.#health,
      program: artefact.program,
      pipelines,
      gpu,
    });
  }

  peaks(): Promise<Peaks> {
    return this.#health.guard(measurePeaks(this.#device));
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#health.dispose();
    this.#device.destroy();
    this.#onDispose?.();
  }
}
