/** What a setting of a cell may be. */
type SettingKind =
  | { readonly kind: 'text' | 'spec' | 'data' }
  | { readonly kind: 'whole'; readonly least: number; readonly words?: readonly string[] }
  | { readonly kind: 'choice'; readonly of: readonly string[] };

/** A setting becomes an option of one of the two commands of a cell; `spec` is what `train` trains. */
export type Setting = SettingKind & { readonly command: 'train' | 'eval'; readonly option: string | null };

const binarisations = ['dynamic', 'per-epoch', 'once', 'threshold', 'none'] as const;

/** Every setting by its name in a grid, in the order of the command line. Those of training are called as its options are. */
export const settings = {
  spec: { kind: 'spec', command: 'train', option: null },
  model: { kind: 'text', command: 'train', option: '--model' },
  bound: { kind: 'text', command: 'train', option: '--bound' },
  k: { kind: 'whole', least: 1, command: 'train', option: '--k' },
  schedule: { kind: 'text', command: 'train', option: '--schedule' },
  batch: { kind: 'whole', least: 1, command: 'train', option: '--batch' },
  data: { kind: 'data', command: 'train', option: '--data' },
  'test-data': { kind: 'data', command: 'train', option: '--test-data' },
  binarize: { kind: 'choice', of: binarisations, command: 'train', option: '--binarize' },
  epochs: { kind: 'whole', least: 1, command: 'train', option: '--epochs' },
  validation: { kind: 'whole', least: 1, command: 'train', option: '--validation' },
  patience: { kind: 'whole', least: 1, command: 'train', option: '--patience' },
  'eval-k': { kind: 'whole', least: 1, command: 'eval', option: '--k' },
  'eval-images': { kind: 'whole', least: 1, words: ['all'], command: 'eval', option: '--images' },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof settings;
export const settingNames = Object.keys(settings) as readonly SettingName[];
export const isSettingName = (name: string): name is SettingName => Object.hasOwn(settings, name);
export const settingNamed = (name: SettingName): Setting => settings[name];

/** By name, as they stand on a command line. */
export type Settings = Readonly<Partial<Record<SettingName, string>>>;

/** What is wrong with a value, or null. */
export function wrongValue(setting: Setting, text: string): string | null {
  switch (setting.kind) {
    case 'whole': {
      if (setting.words?.includes(text)) return null;
      const sound = /^(0|[1-9]\d{0,14})$/.test(text) && Number(text) >= setting.least;
      return sound
        ? null
        : `a whole number from ${setting.least}${setting.words ? `, or ${setting.words.join(', ')}` : ''}`;
    }
    case 'choice':
      return setting.of.includes(text) ? null : `one of ${setting.of.join(', ')}`;
    case 'text':
    case 'spec':
    case 'data':
      return text === '' || text.includes('\0') ? 'a text' : null;
  }
}
