import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Precision } from '../compiler/index.js';

/** Of every command. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly debug?: boolean;
  readonly seed?: bigint;
  readonly device: DeviceChoice;
  /** Of the CPU device. */
  readonly threads?: number;
}

export type DeviceWish = Pick<CommonOptions, 'device' | 'threads'>;

export const deviceChoices = ['auto', 'webgpu', 'cpu'] as const;
export type DeviceChoice = (typeof deviceChoices)[number];

/** Beyond any machine's cores; each thread takes memory of its own. */
const mostThreads = 256;

const wholeNumber = /^\d{1,15}$/;

/** A whole number from `least` on. */
export const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = wholeNumber.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number, ${range}.`);
  };

/** Whole numbers from `least` on, with commas between; each once, ascending. */
export const wholeList =
  (least: number) =>
  (text: string): readonly number[] => {
    const one = whole(least);
    return [...new Set(text.split(',').map(part => one(part.trim())))].sort((a, b) => a - b);
  };

/** A time, above 0; fractions count. */
export function seconds(text: string): number {
  const value = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0) return value;
  throw new InvalidArgumentError('It must be a number of seconds above 0.');
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** `90s`, `10m`, `1.5h` in seconds; null for anything else. */
export function secondsOf(text: string): number | null {
  const [, value, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  const seconds = Number(value) * (units[unit ?? ''] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

/** A time with its unit, in seconds. */
export function time(text: string): number {
  const value = secondsOf(text);
  if (value !== null) return value;
  throw new InvalidArgumentError('It must be a time, such as 90s, 10m or 2h.');
}

/** A seed has 64 bits; decimal or 0x…. */
export function seed(text: string): bigint {
  const value = /^(\d{1,20}|0x[0-9a-f]{1,16})$/i.test(text) ? BigInt(text) : -1n;
  if (value >= 0n && value < 2n ** 64n) return value;
  throw new InvalidArgumentError('It must be a whole number from 0 to 2^64 - 1.');
}

/** How numbers of a training step are stored. Kept equal to the compiler's own list by its type. */
const precisions: Readonly<Record<Precision, true>> = { full: true, mixed: true };

export const precisionOption = (command: Command): Command =>
  command.addOption(
    new Option(
      '--precision <which>',
      'activations of training in 16 bits (mixed; on a GPU that has shader-f16), or all in 32 (default: full)',
    ).choices(Object.keys(precisions)),
  );

/** What a command line puts in place of the spec's own values. */
export interface OverrideWish {
  readonly bound?: string | undefined;
  readonly schedule?: string | undefined;
  readonly k?: number | undefined;
  readonly batch?: number | undefined;
}

/** Adds the options of `OverrideWish`. */
export const overrideOptions = (command: Command): Command =>
  command
    .option('--bound <bound>', "a bound instead of the spec's, such as 'power(p=3, k=50)'")
    .option('--k <count>', "samples of the bound instead of the spec's", whole(1))
    .option('--schedule <schedule>', "a schedule instead of the spec's, such as 'cosine(epochs=20)'")
    .option('--batch <rows>', "rows in a batch instead of the spec's", whole(1));

/** Adds the options that say which measured schedules are used. */
export const tuningOption = (command: Command): Command =>
  command
    .option('--tuning <file>', 'schedules that `iwaec tune` measured (default: tuning.json beside the spec)')
    .option('--no-tuning', "the compiler's own schedules, whatever was measured");

/** Adds the options that every command takes, and its example. */
export function common(command: Command, example: string): Command {
  return command
    .addOption(
      new Option(
        '--seed <number>',
        "seed of everything drawn at random (default: 0, or the run's)",
      ).argParser(seed),
    )
    .addOption(
      new Option('--device <name>', 'where to compute')
        .choices(deviceChoices)
        .default('auto' satisfies DeviceChoice),
    )
    .addOption(
      new Option(
        '--threads <count>',
        'threads of the CPU device; results do not depend on it (default: one a core)',
      ).argParser(whole(1, mostThreads)),
    )
    .option('--json', 'print one JSON object on stdout, and everything else on stderr')
    .option('--debug', 'show stack traces')
    .addHelpText('after', `\nExample:\n  $ ${example}`);
}
