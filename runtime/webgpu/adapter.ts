import { type GpuClass, subgroupLanes } from '../../compiler/program/index.js';

/** The feature with which invocations of a subgroup tell each other values. */
export const subgroups = 'subgroups' satisfies GPUFeatureName;

/** Drivers that run shaders on the CPU, by what they call themselves. */
const softwareNames = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp/i;

/** Whether an adapter emulates a GPU on the CPU. */
export function isSoftwareAdapter(adapter: GPUAdapter): boolean {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  return isFallbackAdapter || softwareNames.test([vendor, architecture, device, description].join(' '));
}

/** Which of a program's dispatches are for a device of an adapter, with the features that the device was given. */
export function gpuClassOf(adapter: GPUAdapter, features: GPUSupportedFeatures): GpuClass {
  if (!isSoftwareAdapter(adapter)) return 'gpu';
  const { subgroupMinSize = 0 } = adapter.info;
  return features.has(subgroups) && subgroupMinSize >= subgroupLanes ? 'subgroups' : 'software';
}

/** What a user is told the adapter is. */
export function adapterName(adapter: GPUAdapter): string {
  const { vendor, architecture, device, description } = adapter.info;
  const name = description !== '' ? description : device;
  const kind = [vendor, architecture].filter(part => part !== '').join(' ');
  // A page may be told neither name, so that it cannot tell one visitor from another.
  if (name === '' || kind === '') return name || kind || 'a GPU';
  return architecture === '' ? `${name} ${kind}` : `${name} (${kind})`;
}
