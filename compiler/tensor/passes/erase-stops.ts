import type { Pass } from '../../pipeline.js';
import { GraphBuilder } from '../build.js';
import type { Graph } from '../ir.js';
import { rebuild } from './rebuild.js';

/** Once every derivative has been taken, `stop` is the identity, and only hides equal terms from each other. */
export const eraseStops: Pass<Graph> = {
  name: 'erase-stops',
  purpose: 'drop stop nodes after differentiation',
  run: graph =>
    rebuild(graph, new GraphBuilder(graph.name), (node, args) => (node.op === 'stop' ? args[0]! : null)),
};
