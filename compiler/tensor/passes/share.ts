import type { Pass } from '../../pipeline.js';
import { GraphBuilder } from '../build.js';
import type { Graph } from '../ir.js';
import { rebuild } from './rebuild.js';

/** Equal operations on equal arguments become one node: the builder interns every node it makes. */
export const share: Pass<Graph> = {
  name: 'share',
  purpose: 'compute equal subexpressions once',
  run: graph => rebuild(graph, new GraphBuilder(graph.name)),
};
