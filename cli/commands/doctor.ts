import { availableParallelism, cpus } from 'node:os';
import type { Register } from '../command.js';
import { deviceText, openDevice } from '../device.js';
import { platform } from '../doors.js';
import { type CommonOptions, common } from '../options.js';
import { version } from '../version.js';
import { table } from '../words.js';

type AdapterReport = Awaited<ReturnType<Awaited<ReturnType<typeof platform>>['probeAdapters']>>;

function vulkanText({ vulkan }: AdapterReport): string {
  if (vulkan === null) return 'not used on this system';
  const loader = vulkan.loader ? 'libvulkan.so.1 found' : 'libvulkan.so.1 not found';
  return `${loader}; ${vulkan.drivers.length === 0 ? 'no drivers' : `drivers ${vulkan.drivers.join(', ')}`}`;
}

function adapterText({ adapter }: AdapterReport): string {
  if (adapter === null) return 'none';
  const from = adapter.source === 'packaged' ? ', from the package @sparticuz/chromium' : '';
  return `${adapter.name} (${adapter.software ? 'software' : 'hardware'}${from})`;
}

/** What a command with the same options would compute on, and why. */
async function chosenText(options: CommonOptions): Promise<string> {
  const chosen = await openDevice(options);
  chosen.device.dispose();
  return deviceText(chosen);
}

/** Whether MNIST is there and whole. */
async function mnistText(): Promise<string> {
  try {
    const { train, test } = await (await platform()).mnist();
    return `${train.rows} training and ${test.rows} test images, checksums right`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export const doctor: Register = (program, run) => {
  const command = program
    .command('doctor')
    .description('say what this machine has, and how to mend what is missing');
  common(command, 'iwaec doctor').action(
    run<CommonOptions>(async (terminal, options) => {
      const found = await (await platform()).probeAdapters();
      const cpu = `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} threads`;
      const [mnist, chosen] = [await mnistText(), await chosenText(options)];
      terminal.answer(
        table([
          ['iwaec', version],
          ['node', `${found.node} on ${found.platform}`],
          ['cpu', cpu],
          ['vulkan', vulkanText(found)],
          ['packaged driver', found.packagedDriver ? 'found' : 'not found'],
          ['webgpu adapter', adapterText(found)],
          ['MNIST', mnist],
          [`--device ${options.device}`, chosen],
        ]),
      );
      const { colours } = terminal;
      terminal.answer(
        found.advice === null
          ? `\n${colours.green('ok')}: nothing to mend`
          : `\nto make it faster: ${found.advice}`,
      );
      terminal.result({ iwaec: version, cpu, mnist, chosen, ...found });
      return 'ok';
    }),
  );
};
