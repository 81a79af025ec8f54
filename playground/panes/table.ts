import { element } from '../app/dom.js';

export interface Column {
  readonly title: string;
  /** Numbers stand right, so that their digits line up. */
  readonly numeric?: boolean;
}

/** A table that scrolls by itself where the page is narrow. */
export function tableOf(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): HTMLElement {
  const align = (column: number) => (columns[column]?.numeric === true ? 'number' : undefined);
  return element(
    'div',
    { class: 'table-frame', tabindex: 0, role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', {}, caption),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...columns.map(({ title }, i) => element('th', { scope: 'col', class: align(i) }, title)),
        ),
      ),
      element(
        'tbody',
        {},
        ...rows.map(row =>
          element('tr', {}, ...row.map((cell, i) => element('td', { class: align(i) }, cell))),
        ),
      ),
    ),
  );
}

/** `2 × 3`, or `scalar`. */
export const shapeText = (shape: readonly number[]): string =>
  shape.length === 0 ? 'scalar' : shape.map(size => size.toLocaleString('en')).join(' × ');

/** `1,300 B`, `12.5 KiB`, `3.1 MiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const power = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value.toLocaleString('en', { maximumFractionDigits: power === 0 ? 0 : 1 })} ${units[power]}`;
}
