import { Graph, layout } from '@dagrejs/dagre';
import type { FactorFacts } from './factors.js';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Variable {
  readonly name: string;
  readonly caption: string;
  readonly observed: boolean;
}

export interface Edge {
  readonly role: 'recognition' | 'generative';
  /** From parent to child. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface PlateDiagram {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly (Variable & Box)[];
  readonly edges: readonly Edge[];
  /** Of the rows of data, around everything, and of the samples, around the latents. */
  readonly plates: readonly (Box & { readonly label: string })[];
}

const nodeSize = { width: 132, height: 56 } as const;
const rowsPlate = 'plate rows';
const samplesPlate = 'plate samples';

/**
 * Places variables from the prior down to the data. An edge of q is laid out as if it went the other way, so that both
 * networks share the ranks and run side by side.
 */
export function layoutPlates(
  variables: readonly Variable[],
  factors: readonly FactorFacts[],
  labels: { readonly rows: string; readonly samples: string | null },
): PlateDiagram {
  const graph = new Graph({ compound: true, multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 36, ranksep: 56, edgesep: 28, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  graph.setNode(rowsPlate, {});
  if (labels.samples !== null) {
    graph.setNode(samplesPlate, {});
    graph.setParent(samplesPlate, rowsPlate);
  }
  for (const { name, observed } of variables) {
    graph.setNode(name, { ...nodeSize });
    graph.setParent(name, observed || labels.samples === null ? rowsPlate : samplesPlate);
  }
  for (const { factor, parents } of factors) {
    for (const parent of parents) {
      const ends =
        factor.role === 'generative'
          ? ([parent, factor.variable] as const)
          : ([factor.variable, parent] as const);
      graph.setEdge(ends[0], ends[1], {}, factor.role);
    }
  }
  layout(graph);
  return readOff(graph, variables, labels);
}

const boxOf = (graph: Graph, name: string): Box => {
  const { x = 0, y = 0, width = 0, height = 0 } = graph.node(name) as Partial<Box>;
  return { x: x - width / 2, y: y - height / 2, width, height };
};

function readOff(
  graph: Graph,
  variables: readonly Variable[],
  labels: { readonly rows: string; readonly samples: string | null },
): PlateDiagram {
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const edges = graph
    .edges()
    .map((edge: { readonly v: string; readonly w: string; readonly name?: string }): Edge => {
      const role = edge.name === 'recognition' ? 'recognition' : 'generative';
      const { points = [] } = graph.edge(edge) as { points?: Edge['points'] };
      return { role, points: role === 'recognition' ? points.toReversed() : points };
    });
  return {
    width,
    height,
    nodes: variables.map(variable => ({ ...variable, ...boxOf(graph, variable.name) })),
    edges,
    plates: [
      { ...boxOf(graph, rowsPlate), label: labels.rows },
      ...(labels.samples === null ? [] : [{ ...boxOf(graph, samplesPlate), label: labels.samples }]),
    ],
  };
}
