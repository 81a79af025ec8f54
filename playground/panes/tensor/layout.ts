import { Graph, layout } from '@dagrejs/dagre';
import type { Block, BlockGraph } from './blocks.js';

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedBlock extends Block {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface GraphPicture {
  readonly width: number;
  readonly height: number;
  readonly blocks: readonly PlacedBlock[];
  readonly edges: readonly {
    readonly from: number;
    readonly to: number;
    readonly points: readonly Point[];
  }[];
}

/** Of the monospaced fonts of the picture, at most. */
const letterWidth = 7.4;
const boxHeight = 42;

const widthOf = ({ title, caption, isReference }: Block): number =>
  Math.max(
    64,
    Math.max((title.length + (isReference ? 5 : 0)) * letterWidth, caption.length * letterWidth * 0.9) + 18,
  );

/** Ranks from the top down, each block below what it is computed from. */
export function layoutBlocks({ blocks, edges }: BlockGraph): GraphPicture {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 18, ranksep: 34, edgesep: 8, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  blocks.forEach((block, i) => {
    graph.setNode(String(i), { width: widthOf(block), height: boxHeight });
  });
  for (const [from, to] of edges) graph.setEdge(String(from), String(to), {});
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    blocks: blocks.map((block, i) => {
      const place = graph.node(String(i)) as Point & { readonly width: number; readonly height: number };
      return {
        ...block,
        x: place.x - place.width / 2,
        y: place.y - place.height / 2,
        width: place.width,
        height: place.height,
      };
    }),
    edges: edges.map(([from, to]) => {
      const { points = [] } = graph.edge(String(from), String(to)) as { points?: readonly Point[] };
      return { from, to, points };
    }),
  };
}
