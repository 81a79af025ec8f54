import type { Device } from '../runtime/index.js';
import { platform, runtime } from './doors.js';
import type { DeviceChoice, DeviceWish } from './options.js';
import type { Terminal } from './terminal.js';

/** A device, and why it is this one. */
export interface ChosenDevice {
  readonly device: Device;
  readonly reason: string;
}

type Open = (wish: DeviceWish) => Promise<ChosenDevice | null>;

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
  async ({ threads }) => {
    const { openCpuDevice } = await platform();
    return { device: openCpuDevice({ threads }), reason };
  };

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
export async function openDevice(wish: DeviceWish): Promise<ChosenDevice> {
  for (const open of plans[wish.device]) {
    const chosen = await open(wish);
    if (chosen !== null) return chosen;
  }
  const { fault } = await runtime();
  throw fault('no-adapter', {
    reason: 'no driver was found',
    remedy: 'run `iwaec doctor`: it names the command that mends it',
  });
}

export const deviceText = ({ device, reason }: ChosenDevice): string => `${device.info.name} (${reason})`;

/** Opens a device, says which, does the work and gives the device back, whatever happens. */
export async function withDevice<Value>(
  terminal: Terminal,
  wish: DeviceWish,
  work: (device: Device) => Promise<Value>,
): Promise<Value> {
  const { device, reason } = await openDevice(wish);
  terminal.answer(`device: ${deviceText({ device, reason })}`);
  try {
    return await work(device);
  } finally {
    device.dispose();
  }
}
