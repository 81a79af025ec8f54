import { join } from 'node:path';
import type { DeviceWish } from '../options.js';
import { invocation, shellWord } from '../words.js';
import type { Cell } from './grid.js';
import { settingNamed, settingNames } from './settings.js';

/** Where a grid keeps its cells. */
export const cellFolder = (out: string, { id }: Cell): string => join(out, id);

/** What a cell is without its folder and the machine: the same words are the same run. */
export function trainWords({ settings, seed }: Cell): readonly string[] {
  return [...optionsOf(settings, 'train'), '--seed', seed];
}

export const evalWords = ({ settings }: Cell): readonly string[] => optionsOf(settings, 'eval');

function optionsOf(settings: Cell['settings'], command: 'train' | 'eval'): readonly string[] {
  return settingNames.flatMap(name => {
    const setting = settingNamed(name);
    const text = settings[name];
    if (text === undefined || setting.command !== command) return [];
    if (setting.option === null) return [text];
    // All rows are what the option's absence means.
    return text === 'all' ? [] : [setting.option, text];
  });
}

const deviceWords = ({ device, threads }: DeviceWish): readonly string[] => [
  ...(device === 'auto' ? [] : ['--device', device]),
  ...(threads === undefined ? [] : ['--threads', String(threads)]),
];

/** Arguments of `iwaec` that train a cell; the evaluation is a command of its own. */
export const trainArguments = (cell: Cell, out: string, wish: DeviceWish): readonly string[] => [
  'train',
  ...trainWords(cell),
  '--out',
  cellFolder(out, cell),
  '--eval-images',
  '0',
  ...deviceWords(wish),
];

export const evalArguments = (cell: Cell, out: string, wish: DeviceWish): readonly string[] => [
  'eval',
  cellFolder(out, cell),
  ...evalWords(cell),
  ...deviceWords(wish),
];

/** A cell as one line for a shell, of any machine. */
export const cellLine = (cell: Cell, out: string, wish: DeviceWish): string =>
  [trainArguments(cell, out, wish), evalArguments(cell, out, wish)]
    .map(words => [invocation(), ...words.map(shellWord)].join(' '))
    .join(' && ');
