import { dirname } from 'node:path';
import type { Device } from '../device.js';
import { fault, isFault } from '../errors.js';
import { adapterName, isSoftwareAdapter } from '../webgpu/adapter.js';
import { openWebGpuDevice } from '../webgpu/device.js';
import { restWhile } from './rest.js';
import { packagedArchive, preloadLoader, unpackDriver } from './swiftshader.js';
import { findVulkan, type VulkanFacts } from './vulkan.js';

/**
 * Open devices with the object that Dawn's `create()` returned for each. Once that is collected, its device crashes or
 * hangs the process; while it is held, its work in the background may keep the process from ending. So: held as long as
 * the device is open, no longer.
 */
const open = new Map<Device, GPU>();

/** A process that exits while a device works crashes in Dawn's destructors. */
const disposeOfAll = () => {
  for (const device of open.keys()) device.dispose();
};

function hold(device: Device, gpu: GPU): void {
  if (open.size === 0) process.on('exit', disposeOfAll);
  open.set(device, gpu);
}

function release(device: Device): void {
  open.delete(device);
  if (open.size === 0) process.off('exit', disposeOfAll);
}

/** Which kinds of adapter will do; 'any' prefers hardware. */
export type AdapterWish = 'any' | 'hardware' | 'software';

const wishes: Readonly<Record<AdapterWish, (adapter: GPUAdapter) => boolean>> = {
  any: () => true,
  hardware: adapter => !isSoftwareAdapter(adapter),
  software: isSoftwareAdapter,
};

/** Where an adapter can come from, in the order they are tried. */
const sourceNames = ['system', 'packaged'] as const;
type Source = (typeof sourceNames)[number];

/** A source made ready: the one driver manifest that the Vulkan loader is to read, or null for what it reads by itself. */
interface ReadySource {
  readonly manifest: string | null;
}

const onVulkan = process.platform === 'linux';

/** Makes a source ready; null if the machine does not have it. */
const sources: Readonly<Record<Source, (vulkan: VulkanFacts) => Promise<ReadySource | null>>> = {
  // Without a driver there is nothing to find, and without a loader Dawn would complain on stderr.
  system: async ({ loader, drivers }) => {
    const ready = { manifest: null };
    if (!onVulkan) return ready;
    if (drivers.length === 0) return null;
    // A driver without a loader is what containers with a GPU passed through often have.
    return loader || (await preparePackaged(true)) !== null ? ready : null;
  },
  packaged: ({ loader }) => preparePackaged(!loader),
};

async function preparePackaged(needsLoader: boolean): Promise<ReadySource | null> {
  const archive = packagedArchive();
  if (archive === null) return null;
  try {
    const { loader, manifest } = await unpackDriver(archive);
    if (needsLoader) preloadLoader(loader);
    return { manifest };
  } catch (error) {
    throw fault('no-adapter', {
      reason: `the packaged software driver cannot be used: ${error instanceof Error ? error.message : error}`,
      remedy: 'set XDG_CACHE_HOME to a folder that you can write and that has 20 MB free',
    });
  }
}

interface Found {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
  readonly source: Source;
}

/** Searches one after another, because each may change the environment for a while. */
let searching: Promise<unknown> = Promise.resolve();

function findAdapter(wish: AdapterWish): Promise<Found | null> {
  const search = searching.then(() => searchAdapter(wish));
  searching = search.catch(() => undefined);
  return search;
}

async function searchAdapter(wish: AdapterWish): Promise<Found | null> {
  const vulkan = onVulkan ? findVulkan() : { loader: false, drivers: [] };
  for (const source of sourceNames) {
    if (wish === 'hardware' && source === 'packaged') continue;
    const ready = await sources[source](vulkan);
    const found = ready === null ? null : await withDrivers(ready.manifest, () => requestAdapter(wish));
    if (found !== null) return { ...found, source };
  }
  return null;
}

async function requestAdapter(
  wish: AdapterWish,
): Promise<{ readonly gpu: GPU; readonly adapter: GPUAdapter } | null> {
  const { create } = await import('webgpu');
  const gpu = create([]);
  for (const forceFallbackAdapter of wish === 'software' ? [true, false] : [false]) {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance', forceFallbackAdapter });
    if (adapter !== null && wishes[wish](adapter)) return { gpu, adapter };
  }
  return null;
}

/** The loader reads the variable when an adapter is requested; a later request must find the user's own value again. */
async function withDrivers<Value>(manifest: string | null, work: () => Promise<Value>): Promise<Value> {
  if (manifest === null) return work();
  const previous = process.env.VK_DRIVER_FILES;
  process.env.VK_DRIVER_FILES = manifest;
  try {
    return await work();
  } finally {
    if (previous === undefined) delete process.env.VK_DRIVER_FILES;
    else process.env.VK_DRIVER_FILES = previous;
  }
}

/** What mends a machine without an adapter, in one command. */
function remedy(wish: AdapterWish): string {
  const packageable = process.platform === 'linux' && process.arch === 'x64';
  if (wish !== 'hardware' && packageable && packagedArchive() === null) {
    return 'run `npm install --save-dev @sparticuz/chromium@143 tar@7`, which brings a software driver';
  }
  return "install the GPU vendor's driver, with Vulkan support on Linux";
}

function noAdapter(wish: AdapterWish) {
  const kind = wish === 'any' ? '' : `${wish} `;
  return fault('no-adapter', { reason: `Dawn finds no ${kind}driver on this machine`, remedy: remedy(wish) });
}

/**
 * Opens a device of Dawn. Software Vulkan of the package `@sparticuz/chromium` stands in where the machine has no
 * driver. Dispose of the device, and the process ends on its own.
 * @throws RuntimeFault `no-adapter`
 */
export async function openDawnDevice(wish: AdapterWish = 'any'): Promise<Device> {
  const found = await findAdapter(wish);
  if (found === null) throw noAdapter(wish);
  const { gpu, adapter } = found;
  const device = await openWebGpuDevice(adapter, {
    onDispose: () => release(device),
    ...(isSoftwareAdapter(adapter) ? { onWait: restWhile } : {}),
  });
  hold(device, gpu);
  return device;
}

/** Variables under which another program that uses Vulkan finds the packaged software driver; none without the package. */
export async function packagedDriverVariables(): Promise<Readonly<Record<string, string>>> {
  const archive = packagedArchive();
  if (archive === null) return {};
  const { loader, manifest } = await unpackDriver(archive);
  const folders = [dirname(loader), process.env.LD_LIBRARY_PATH ?? ''].filter(folder => folder !== '');
  return { VK_DRIVER_FILES: manifest, LD_LIBRARY_PATH: folders.join(':') };
}

/** What `iwaec doctor` tells. */
export interface AdapterReport {
  readonly platform: string;
  readonly node: string;
  /** Null where graphics do not go through Vulkan. */
  readonly vulkan: VulkanFacts | null;
  /** Whether the software driver of `@sparticuz/chromium` is there to stand in. */
  readonly packagedDriver: boolean;
  readonly adapter: {
    readonly name: string;
    readonly software: boolean;
    readonly source: Source;
    readonly limits: Readonly<Record<string, number>>;
    readonly features: readonly string[];
  } | null;
  /** What to do, or null if all is well. */
  readonly advice: string | null;
}

const reportedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** Looks at what this machine has, without opening a device. Never rejects for lack of one. */
export async function probeAdapters(): Promise<AdapterReport> {
  const vulkan = onVulkan ? findVulkan() : null;
  const found = await findAdapter('any').catch((error: unknown) => {
    if (isFault(error)) return error;
    throw error;
  });
  const report = {
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    vulkan,
    packagedDriver: packagedArchive() !== null,
  };
  if (found === null) return { ...report, adapter: null, advice: remedy('any') };
  if (isFault(found)) return { ...report, adapter: null, advice: `${found.message}; ${found.help}` };
  const { adapter, source } = found;
  return {
    ...report,
    adapter: {
      name: adapterName(adapter),
      software: isSoftwareAdapter(adapter),
      source,
      limits: Object.fromEntries(reportedLimits.map(name => [name, adapter.limits[name]])),
      features: [...adapter.features].sort(),
    },
    advice: isSoftwareAdapter(adapter) ? remedy('hardware') : null,
  };
}
