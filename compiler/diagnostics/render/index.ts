import { positionAt } from '../../support/position.js';
import { counted } from '../../support/words.js';
import type { Finding } from '../diagnostic.js';
import { printable } from './cells.js';
import { excerptRows } from './excerpt.js';
import { type MarkedFile, markedFiles } from './marks.js';
import { ansi, noColour, type Paint } from './paint.js';

export interface RenderOptions {
  /** ANSI colours, or plain text. */
  readonly color: boolean;
  /** Terminal cells in a row; longer source lines are cut around what is marked. 100 unless told. */
  readonly width?: number;
}

const narrowest = 40;

/**
 * A diagnostic for people: header, place, source excerpt with carets, found, expected (each unless the header says it
 * already), help, notes. Ends without a newline.
 */
export function renderDiagnostic(diagnostic: Finding, options: RenderOptions): string {
  const paint = options.color ? ansi : noColour;
  const files = markedFiles(diagnostic);
  const gutter = String(Math.max(...files.flatMap(({ marks }) => marks.map(mark => mark.line)))).length;
  const width = Math.max(options.width ?? 100, narrowest) - gutter - 3;
  const { severity, code, message } = diagnostic;
  const header = `${paint(severity, `${severity}[${code}]`)}${paint('strong', `: ${printable(message)}`)}`;
  const rows = [header];
  for (const [index, marked] of files.entries()) {
    rows.push(placeRow(marked, index === 0, gutter, paint));
    rows.push(barRow(gutter, paint));
    rows.push(...excerptRows(marked.file, marked.marks, { paint, severity, gutter, width }));
  }
  const facts = factRows(diagnostic, gutter, paint);
  if (facts.length > 0) rows.push(barRow(gutter, paint), ...facts);
  return rows.join('\n');
}

const barRow = (gutter: number, paint: Paint): string => `${' '.repeat(gutter)} ${paint('gutter', '|')}`;

function placeRow({ file, at }: MarkedFile, first: boolean, gutter: number, paint: Paint): string {
  const { line, column } = positionAt(file, at);
  const arrow = paint('gutter', first ? '-->' : ':::');
  return `${' '.repeat(gutter)}${arrow} ${printable(file.path).replaceAll('\n', '␊')}:${line}:${column}`;
}

function factRows(diagnostic: Finding, gutter: number, paint: Paint): readonly string[] {
  const row = (name: string, text: string): string => {
    const lead = `${' '.repeat(gutter)} ${paint('gutter', '=')} ${paint(name === 'help' ? 'help' : 'strong', `${name}:`)} `;
    const hanging = ' '.repeat(gutter + 5 + name.length);
    return lead + printable(text).replaceAll('\n', `\n${hanging}`);
  };
  const { message, found, expected, help, notes } = diagnostic;
  const news = (text: string | null): text is string => text !== null && !message.includes(text);
  return [
    ...(news(found) ? [row('found', found)] : []),
    ...(news(expected) ? [row('expected', expected)] : []),
    ...(help === null ? [] : [row('help', help)]),
    ...notes.map(note => row('note', note)),
  ];
}

/** All of them with a blank line between, and a last line that counts them; empty for none. Ends with a newline. */
export function renderDiagnostics(diagnostics: readonly Finding[], options: RenderOptions): string {
  if (diagnostics.length === 0) return '';
  const paint = options.color ? ansi : noColour;
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const parts = [
    ...(errors > 0 ? [paint('error', counted(errors, 'error'))] : []),
    ...(warnings > 0 ? [paint('warning', counted(warnings, 'warning'))] : []),
  ];
  const rendered = diagnostics.map(diagnostic => renderDiagnostic(diagnostic, options));
  return `${[...rendered, parts.join(', ')].join('\n\n')}\n`;
}
