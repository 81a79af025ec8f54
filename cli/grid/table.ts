import { type Cell, type FigureName, figureNames, type Grid, type Labels } from './grid.js';
import { type Finished, readResult } from './results.js';

/** Cells that differ in their seed alone. */
interface Row {
  readonly labels: Labels;
  readonly finished: readonly Finished[];
  readonly failed: readonly string[];
  readonly published: Readonly<Partial<Record<FigureName, string>>>;
}

const figureTitles: Readonly<Record<FigureName, string>> = {
  nll: 'NLL',
  active: 'active units',
  pca: 'PCA active units',
  kl: 'D_KL(q ‖ posterior)',
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of the mean of several; of a single one there is none. */
function standardError(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** `84.78 ± 0.35`: over seeds where there are several, else over test rows. */
function nllText(finished: readonly Finished[]): string {
  const values = finished.map(({ nll }) => nll);
  const error = standardError(values) ?? finished[0]!.nllStderr;
  return `${mean(values).toFixed(2)} ± ${error.toFixed(2)}`;
}

const counts = (layers: readonly (readonly number[])[]): string => {
  const width = Math.max(...layers.map(({ length }) => length));
  const means = Array.from({ length: width }, (_, i) => mean(layers.map(layer => layer[i] ?? 0)));
  return means.map(value => (Number.isInteger(value) ? String(value) : value.toFixed(1))).join('+');
};

const figureTexts: Readonly<Record<FigureName, (finished: readonly Finished[]) => string>> = {
  nll: nllText,
  active: finished => counts(finished.map(({ active }) => active)),
  pca: finished => counts(finished.map(({ pcaActive }) => pcaActive)),
  kl: finished => {
    const values = finished.flatMap(({ posteriorDivergence }) => posteriorDivergence ?? []);
    return values.length === 0 ? '' : mean(values).toFixed(2);
  },
};

interface Column {
  readonly title: string;
  readonly text: (row: Row) => string;
}

/**
 * The grid's figures beside the published ones, in Markdown. NLLs under different binarisations are of different data: each
 * has a column of its own.
 */
export function gridTable(grid: Grid, cells: readonly Cell[], out: string): string {
  const rows = rowsOf(grid, cells, out);
  const columns = [...labelColumns(grid), ...figureColumns(rows)];
  const line = (texts: readonly string[]) => `| ${texts.map(escaped).join(' | ')} |`;
  return [
    `## ${grid.title}`,
    '',
    line(columns.map(({ title }) => title)),
    `|${columns.map(() => ' --- ').join('|')}|`,
    ...rows.map(row => line(columns.map(({ text }) => text(row)))),
    '',
    ...notes(grid, rows),
  ].join('\n');
}

const escaped = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function rowsOf(grid: Grid, cells: readonly Cell[], out: string): readonly Row[] {
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    const key = JSON.stringify(cell.labels);
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()].map(group => {
    const { labels } = group[0]!;
    const results = group.map(cell => readResult(out, cell));
    const published = grid.published.find(entry =>
      grid.axes.every(({ name }) => entry.labels[name] === labels[name]),
    );
    return {
      labels,
      finished: results.flatMap(result => (result?.kind === 'finished' ? result : [])),
      failed: results.flatMap(result => (result?.kind === 'failed' ? result.code : [])),
      published: published?.figures ?? {},
    };
  });
}

const labelColumns = (grid: Grid): readonly Column[] =>
  grid.axes.map(({ name }) => ({ title: name, text: ({ labels }) => labels[name] ?? '' }));

function figureColumns(rows: readonly Row[]): readonly Column[] {
  const policies = [
    ...new Set(rows.flatMap(({ finished }) => finished.map(({ binarise }) => binarise))),
  ].sort();
  const has = (figure: FigureName) => rows.some(({ published }) => published[figure] !== undefined);
  const ours = (figure: FigureName, policy: string | null): Column => ({
    title: `${figureTitles[figure]}${policy === null ? '' : `, binarisation ${policy}`}`,
    text: row => oursText(row, figure, policy),
  });
  const theirs = (figure: FigureName): readonly Column[] =>
    has(figure)
      ? [{ title: `${figureTitles[figure]}, published`, text: ({ published }) => published[figure] ?? '' }]
      : [];
  return figureNames.flatMap(figure => {
    if (figure === 'nll')
      return [
        ...(policies.length === 0 ? [null] : policies).map(policy => ours(figure, policy)),
        ...theirs(figure),
      ];
    return figure === 'active' || has(figure) ? [ours(figure, null), ...theirs(figure)] : [];
  });
}

function oursText({ finished, failed }: Row, figure: FigureName, policy: string | null): string {
  const own = policy === null ? finished : finished.filter(({ binarise }) => binarise === policy);
  if (own.length > 0) return figureTexts[figure](own);
  if (figure === 'nll' && finished.length === 0 && failed.length > 0) return `failed: ${failed.join(', ')}`;
  return '';
}

function notes(grid: Grid, rows: readonly Row[]): readonly string[] {
  const finished = rows.flatMap(row => row.finished);
  if (finished.length === 0) return ['Nothing is finished yet.', ''];
  const distinct = (values: readonly (string | number)[]) => [...new Set(values)].join(', ');
  const seeds = rows.some(row => row.finished.length > 1);
  return [
    `NLL is -L_k on test rows in nats, k = ${distinct(finished.map(({ k }) => k))}, ` +
      `${distinct(finished.map(({ images }) => images))} rows, after ${distinct(finished.map(({ epochs }) => epochs))} epochs; ` +
      `± is the standard error over ${seeds ? 'seeds' : 'rows'}.`,
    ...(grid.source === null ? [] : [`Published: ${grid.source}.`]),
    '',
  ];
}
