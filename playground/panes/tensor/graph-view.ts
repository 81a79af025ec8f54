import type { GraphMap } from 'iwaec';
import { element } from '../../app/dom.js';
import { blocksOf, withReferences } from './blocks.js';
import { drawBlocks } from './drawing.js';
import { layoutBlocks } from './layout.js';
import { createViewport } from './viewport.js';

const legend = [
  ['input', 'given'],
  ['product', 'matrix product'],
  ['reduction', 'reduction'],
  ['elementwise', 'element by element'],
  ['output', 'result'],
  ['reference', 'computed further up: click to go there'],
] as const;

/** The graph as boxes to move about in, with what the chosen one computes in words below. */
export function createGraphView(map: GraphMap, runs: boolean): HTMLElement {
  const picture = layoutBlocks(withReferences(blocksOf(map, runs)));
  const { blocks } = picture;
  const description = `Graph ${map.name}: ${blocks.length} boxes from the inputs down to ${map.outputs.length} results. The same as text is below.`;
  const words = element('p', { class: 'chosen', role: 'status' });
  let chosen: number | null = null;
  const choose = (block: number | null) => {
    chosen = block;
    drawing.mark(block);
    words.textContent =
      block === null ? 'Choose a box to see its lines of the graph.' : blocks[block]!.lines.join('\n');
  };
  const go = (block: number) => {
    choose(block);
    viewport.reveal(blocks[block]!);
  };
  const sourceOf = (block: number) =>
    blocks.findIndex(({ value, isReference }) => value === blocks[block]!.value && !isReference);
  const drawing = drawBlocks(picture, description, block =>
    blocks[block]!.isReference ? go(sourceOf(block)) : choose(block),
  );
  const viewport = createViewport(
    drawing.root,
    picture,
    { label: `Picture of the graph ${map.name}`, start: blocks[0] },
    {
      step(by) {
        const next = chosen === null ? (by > 0 ? 0 : blocks.length - 1) : chosen + by;
        go((next + blocks.length) % blocks.length);
      },
      follow() {
        if (chosen !== null && blocks[chosen]!.isReference) go(sourceOf(chosen));
      },
      release: () => choose(null),
      chosen: () => (chosen === null ? null : blocks[chosen]!),
    },
  );
  choose(null);
  return element(
    'figure',
    { class: 'graph-figure' },
    viewport.root,
    words,
    element(
      'figcaption',
      { class: 'legend' },
      ...legend.map(([kind, name]) => element('span', { class: `key ${kind}` }, name)),
    ),
  );
}
