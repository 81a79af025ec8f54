import { lineRange } from '../../support/position.js';
import type { SourceFile } from '../../support/source.js';
import type { Severity } from '../catalogue/entry.js';
import { type Cell, columnOf, layOut, printable, totalWidth } from './cells.js';
import type { Mark } from './marks.js';
import type { Paint } from './paint.js';

export interface ExcerptStyle {
  readonly paint: Paint;
  readonly severity: Severity;
  /** Digits of the largest line number shown. */
  readonly gutter: number;
  /** Terminal cells a source line may take. */
  readonly width: number;
}

/** Units of a line that are laid out at most, around the first mark: a line can be as long as the file. */
const laidOut = 2000;

/** A line cut to what fits: `from` is the first visible column, cells keep their own. */
interface View {
  readonly cells: readonly Cell[];
  /** Offset in the file of the first unit laid out. */
  readonly base: number;
  readonly from: number;
  readonly to: number;
  readonly cutLeft: boolean;
  readonly cutRight: boolean;
}

function viewOf(file: SourceFile, line: number, marks: readonly Mark[], width: number): View {
  const range = lineRange(file, line);
  const anchor = (marks.find(mark => mark.primary) ?? marks[0])?.start ?? range.start;
  const base = range.end - range.start > laidOut ? Math.max(range.start, anchor - laidOut / 2) : range.start;
  const stop = Math.min(range.end, base + laidOut);
  const cells = layOut(file.text.slice(base, stop));
  const total = totalWidth(cells);
  const rawCuts = { left: base > range.start, right: stop < range.end };
  if (total <= width && !rawCuts.left && !rawCuts.right) {
    return { cells, base, from: 0, to: total, cutLeft: false, cutRight: false };
  }
  // Two cells go to the ellipses.
  const room = Math.max(width - 2, 1);
  const starts = marks.map(mark => columnOf(cells, mark.start - base));
  const ends = marks.map(mark => columnOf(cells, mark.end - base));
  const first = starts.length > 0 ? Math.min(...starts) : 0;
  const last = ends.length > 0 ? Math.max(...ends) : 0;
  const anchorColumn = columnOf(cells, anchor - base);
  const slack = room - (last - first);
  const wanted = slack >= 0 ? first - Math.floor(slack / 2) : anchorColumn - Math.floor(room / 4);
  const from = Math.max(0, Math.min(wanted, total - room));
  const to = Math.min(total, from + room);
  return { cells, base, from, to, cutLeft: rawCuts.left || from > 0, cutRight: rawCuts.right || to < total };
}

function sourceText(view: View): string {
  const inside = view.cells.filter(cell => cell.column >= view.from && cell.column + cell.width <= view.to);
  // A wide character cut in half leaves a blank, so that what follows stays above its underline.
  const lead = Math.max(0, (inside[0]?.column ?? view.from) - view.from);
  const text = ' '.repeat(lead) + inside.map(cell => cell.shown).join('');
  return `${view.cutLeft ? '…' : ''}${text}${view.cutRight ? '…' : ''}`.trimEnd();
}

interface Underline {
  readonly column: number;
  readonly length: number;
  readonly mark: Mark;
}

function underlineOf(view: View, mark: Mark): Underline {
  const shift = view.cutLeft ? 1 : 0;
  const clip = (column: number): number => Math.min(Math.max(column, view.from), view.to);
  const start = clip(columnOf(view.cells, mark.start - view.base));
  const lastCell = view.cells.findLast(cell => cell.start < mark.end - view.base);
  const end = mark.end > mark.start && lastCell ? clip(lastCell.column + lastCell.width) : start;
  return { column: start - view.from + shift, length: Math.max(1, end - start), mark };
}

/** Marks share a row when none overlap and only the last has words. */
function fitOneRow(underlines: readonly Underline[]): boolean {
  return underlines.every((underline, index) => {
    const next = underlines[index + 1];
    return !next || (underline.mark.text === null && underline.column + underline.length < next.column);
  });
}

function underlineRow(underlines: readonly Underline[], style: ExcerptStyle): string {
  let row = '';
  let column = 0;
  for (const underline of underlines) {
    const { primary, text } = underline.mark;
    const line = (primary ? '^' : '-').repeat(underline.length);
    const words = text === null ? line : `${line} ${printable(text).replaceAll('\n', ' ')}`;
    row += ' '.repeat(underline.column - column) + style.paint(primary ? style.severity : 'secondary', words);
    column = underline.column + underline.length;
  }
  return row;
}

function lineRows(file: SourceFile, line: number, marks: readonly Mark[], style: ExcerptStyle): string[] {
  const view = viewOf(file, line, marks, style.width);
  const underlines = marks
    .map(mark => underlineOf(view, mark))
    .sort((a, b) => a.column - b.column || Number(b.mark.primary) - Number(a.mark.primary));
  const rows = fitOneRow(underlines) ? [underlines] : underlines.map(underline => [underline]);
  const bar = style.paint('gutter', '|');
  const number = style.paint('gutter', String(line).padStart(style.gutter));
  const blank = ' '.repeat(style.gutter);
  return [
    `${number} ${bar} ${sourceText(view)}`.trimEnd(),
    ...(underlines.length === 0 ? [] : rows.map(row => `${blank} ${bar} ${underlineRow(row, style)}`)),
  ];
}

/** The marked lines with numbers and carets; one line left out between two is shown, more become `...`. */
export function excerptRows(
  file: SourceFile,
  marks: readonly Mark[],
  style: ExcerptStyle,
): readonly string[] {
  const lines = [...new Set(marks.map(mark => mark.line))].sort((a, b) => a - b);
  const rows: string[] = [];
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    if (before !== undefined && line - before === 2) rows.push(...lineRows(file, line - 1, [], style));
    else if (before !== undefined && line - before > 2) rows.push(style.paint('gutter', '...'));
    const here = marks.filter(mark => mark.line === line);
    rows.push(...lineRows(file, line, here, style));
  }
  return rows;
}
