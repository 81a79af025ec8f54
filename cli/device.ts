import type { Device } from '../runtime/index.js';
import { platform, runtime } from './doors.js';
import type { DeviceChoice } from './options.js';
import type { Terminal } from './terminal.js';

/** A device, and why it is this one. */
export interface ChosenDevice {
  readonly device: Device;
  readonly reason: string;
}

type Open = () => Promise<ChosenDevice | null>;

/** A GPU through WebGPU, or null where there is none. */
const openGpu: Open = () =>
  orNull(async () => (await platform()).openDawnDevice('hardware'), 'a GPU was found');

const openAnyWebGpu: Open = async () => ({
  device: await (await platform()).openDawnDevice('any'),
  reason: 'asked for with --device webgpu',
});

/** The CPU through WebAssembly: many times as fast as WebGPU in software. */
const openCpu =
  (reason: string): Open =>
  async () => ({ device: (await platform()).openCpuDevice(), reason });

/** What each choice tries, in order; the first device wins. */
const plans: Readonly<Record<DeviceChoice, readonly Open[]>> = {
  auto: [openGpu, openCpu('no GPU was found')],
  webgpu: [openAnyWebGpu],
  cpu: [openCpu('asked for with --device cpu')],
};

async function orNull(open: () => Promise<Device>, reason: string): Promise<ChosenDevice | null> {
  const { isFault } = await runtime();
  try {
    return { device: await open(), reason };
  } catch (error) {
    if (isFault(error) && error.code === 'no-adapter') return null;
    throw error;
  }
}

/**
 * The only place where a command comes by a device.
 * @throws RuntimeFault `no-adapter`, `device-unavailable`
 */
export async function openDevice(choice: DeviceChoice): Promise<ChosenDevice> {
  for (const open of plans[choice]) {
    const chosen = await open();
    if (chosen !== null) return chosen;
  }
  const { fault } = await runtime();
  throw fault('no-adapter', {
    reason: 'no driver was found',
    remedy: 'run `iwaec doctor`: it names the command that mends it',
  });
}

/** Opens a device, says which, does the work and gives the device back, whatever happens. */
export async function withDevice<Value>(
  terminal: Terminal,
  choice: DeviceChoice,
  work: (device: Device) => Promise<Value>,
): Promise<Value> {
  const { device, reason } = await openDevice(choice);
  terminal.answer(`device: ${device.info.name} (${reason})`);
  try {
    return await work(device);
  } finally {
    device.dispose();
  }
}
