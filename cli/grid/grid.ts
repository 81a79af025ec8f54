import type { Settings } from './settings.js';

/** A grid as its file states it, checked. */
export interface Grid {
  readonly path: string;
  readonly title: string;
  /** Where the figures beside ours are from. */
  readonly source: string | null;
  readonly defaults: Settings;
  readonly axes: readonly Axis[];
  readonly seeds: readonly string[];
  readonly published: readonly Published[];
  /** What a budget keeps of it. */
  readonly short: Short | null;
}

export interface Axis {
  readonly name: string;
  /** By label, in order. */
  readonly values: ReadonlyMap<string, Settings>;
}

/** A label for each axis that is told. */
export type Labels = Readonly<Record<string, string>>;

export interface Short {
  readonly only: ReadonlyMap<string, readonly string[]>;
  readonly settings: Settings;
}

export const figureNames = ['nll', 'active', 'pca', 'kl'] as const;
export type FigureName = (typeof figureNames)[number];

/** Published figures of one cell, as printed. */
export interface Published {
  readonly labels: Labels;
  readonly figures: Readonly<Partial<Record<FigureName, string>>>;
}

/** One training run with its evaluation. */
export interface Cell {
  /** Of the whole grid, from 0: it does not depend on which cells are chosen. */
  readonly index: number;
  /** A file name. */
  readonly id: string;
  readonly labels: Labels;
  readonly seed: string;
  readonly settings: Settings;
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    // A cell's result is called as its folder is, with this ending.
    .replace(/\.json$/, '-json') || '_';

/** What a grid's own folder holds: `plan.json` would be the result of a cell called `plan`. */
const ownNames = ['plan', 'table.md'];
/** A name has 255 bytes on most file systems, and a file is written under a longer one at first. */
const longestId = 180;

/** The product of the axes and seeds, the last axis fastest; settings of a later axis win. */
export function cellsOf(grid: Grid): readonly Cell[] {
  let points: readonly { readonly labels: Labels; readonly settings: Settings }[] = [
    { labels: {}, settings: grid.defaults },
  ];
  for (const { name, values } of grid.axes) {
    points = points.flatMap(point =>
      [...values].map(([label, settings]) => ({
        labels: { ...point.labels, [name]: label },
        settings: { ...point.settings, ...settings },
      })),
    );
  }
  const taken = new Set(ownNames);
  const free = (id: string): string => {
    let found = id;
    for (let n = 2; taken.has(found); n++) found = `${id}-${n}`;
    taken.add(found);
    return found;
  };
  return points
    .flatMap(point => grid.seeds.map(seed => ({ ...point, seed })))
    .map(({ labels, settings, seed }, index) => {
      const words = [...Object.values(labels).map(slug), ...(grid.seeds.length > 1 ? [`seed${seed}`] : [])];
      return { index, id: free(words.join('_').slice(0, longestId) || 'cell'), labels, seed, settings };
    });
}

/** Cells whose labels are among those of a filter; an axis that it does not name is free. */
export const matching = (
  cells: readonly Cell[],
  only: ReadonlyMap<string, readonly string[]>,
): readonly Cell[] =>
  cells.filter(({ labels }) => [...only].every(([axis, allowed]) => allowed.includes(labels[axis] ?? '')));

/** A cell with other settings. */
export const withSettings = (cell: Cell, settings: Settings): Cell => ({
  ...cell,
  settings: { ...cell.settings, ...settings },
});
