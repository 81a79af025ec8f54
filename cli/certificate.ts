import type { CertificateOptions, Checked } from '../compiler/index.js';
import { compiler } from './doors.js';
import { Failure } from './failure.js';
import { type ProgressLine, progressLine } from './progress.js';
import { type CompileChoices, readSpec, reportDiagnostics, requestFor } from './spec.js';
import type { Terminal } from './terminal.js';

/** Command-line options of the commands that examine a model's gradients. */
export interface ExamineOptions {
  readonly model?: string;
  readonly k?: number;
  readonly elements?: number;
  readonly seed?: bigint;
}

/** Longer work than this shows how far it is. */
const patience = 1000;

/** The checked model of a file. @throws Failure if it has errors or declares none */
export async function modelOf(
  terminal: Terminal,
  path: string,
  { model: name, k }: ExamineOptions,
): Promise<NonNullable<Checked['model']>> {
  const { check } = await compiler();
  const choices: CompileChoices = { model: name, ...(k === undefined ? {} : { overrides: { k } }) };
  const { diagnostics, model } = check(requestFor(readSpec(path), choices));
  await reportDiagnostics(terminal, diagnostics);
  if (model !== null) return model;
  throw new Failure('program', `${path} declares no model`, {
    help: 'a bound or a distribution is examined in a model that uses it',
  });
}

/** Runs an examination with the options that were given and a progress line where it takes long. */
export function examine<Certificate>(
  terminal: Terminal,
  { elements, seed }: ExamineOptions,
  run: (options: CertificateOptions) => Certificate,
): Certificate {
  const start = performance.now();
  let line: ProgressLine | null = null;
  const onProgress = (done: number, total: number) => {
    if (performance.now() - start < patience) return;
    line ??= progressLine(terminal);
    line.update({ done, total, text: `${done} of ${total}` });
  };
  try {
    return run({
      onProgress,
      ...(elements === undefined ? {} : { elements }),
      ...(seed === undefined ? {} : { seed }),
    });
  } finally {
    (line as ProgressLine | null)?.stop();
  }
}

/** Rows of cells below a head, each column as wide as its widest cell; the first column is text, the others end flush. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(...[title, ...rows.map(row => row[column]!)].map(length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(cells => `  ${line(cells)}`).join('\n');
}

const length = (text: string): number => text.length;
