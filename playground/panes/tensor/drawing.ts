import { graphic } from '../../app/dom.js';
import type { GraphPicture, PlacedBlock } from './layout.js';

export interface Drawing {
  readonly root: SVGSVGElement;
  /** Marks all boxes of a block's value, what it is computed from and what uses it; null: none. */
  mark(block: number | null): void;
}

const arrow = (role: string) =>
  graphic(
    'marker',
    {
      id: `flow-${role}`,
      viewBox: '0 0 10 10',
      refX: 9,
      refY: 5,
      markerWidth: 6,
      markerHeight: 6,
      orient: 'auto',
      class: `flow-arrow ${role}`,
    },
    graphic('path', { d: 'M0,1 L9,5 L0,9 z' }),
  );

const pathOf = (points: readonly { readonly x: number; readonly y: number }[]): string =>
  points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)},${y.toFixed(1)}`).join(' ');

const boxOf = (block: PlacedBlock, onclick: () => void): SVGGElement => {
  const { x, y, width, height, kind, isReference, title, caption, lines } = block;
  const middle = x + width / 2;
  return graphic(
    'g',
    { class: `block ${kind}${isReference ? ' reference' : ''}`, onclick },
    graphic('title', {}, lines.join('\n')),
    graphic('rect', { x, y, width, height, rx: kind === 'input' || kind === 'output' ? height / 2 : 3 }),
    graphic(
      'text',
      { x: middle, y: y + 18, 'text-anchor': 'middle', class: 'operation' },
      isReference ? `from ${title}` : title,
    ),
    graphic('text', { x: middle, y: y + 34, 'text-anchor': 'middle', class: 'axes' }, caption),
  );
};

/** The picture as SVG, in its own size. */
export function drawBlocks(
  { width, height, blocks, edges }: GraphPicture,
  description: string,
  choose: (block: number) => void,
): Drawing {
  const boxes = blocks.map((block, i) => boxOf(block, () => choose(i)));
  const paths = edges.map(({ points }) => graphic('path', { d: pathOf(points), class: 'flow' }));
  const root = graphic(
    'svg',
    {
      viewBox: `0 0 ${width.toFixed(0)} ${height.toFixed(0)}`,
      class: 'tensor-graph',
      role: 'img',
      'aria-label': description,
    },
    graphic('defs', {}, arrow('plain'), arrow('marked')),
    ...paths,
    ...boxes,
  );
  return {
    root,
    mark(block) {
      const value = block === null ? null : blocks[block]!.value;
      const isChosen = blocks.map(each => each.value === value);
      const near = new Set<number>();
      edges.forEach(({ from, to }, i) => {
        const touches = isChosen[from]! || isChosen[to]!;
        if (touches) near.add(from).add(to);
        paths[i]!.classList.toggle('is-near', touches);
      });
      boxes.forEach((box, i) => {
        box.classList.toggle('is-chosen', isChosen[i]);
        box.classList.toggle('is-near', near.has(i));
      });
    },
  };
}
