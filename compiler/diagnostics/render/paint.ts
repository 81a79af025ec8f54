export type Style = 'plain' | 'strong' | 'error' | 'warning' | 'gutter' | 'secondary' | 'help';

const codes: Readonly<Record<Style, string>> = {
  plain: '',
  strong: '1',
  error: '1;31',
  warning: '1;33',
  gutter: '1;34',
  secondary: '1;36',
  help: '1;32',
};

/** Wraps text in ANSI colour codes, or does not. */
export type Paint = (style: Style, text: string) => string;

export const ansi: Paint = (style, text) =>
  codes[style] === '' || text === '' ? text : `\u001b[${codes[style]}m${text}\u001b[0m`;

export const noColour: Paint = (_style, text) => text;
