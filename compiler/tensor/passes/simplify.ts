import type { Pass } from '../../pipeline.js';
import type { Graph } from '../ir.js';
import { type Rewritten, type Rule, rewriteToFixedPoint } from './rewriter.js';
import { arithmeticRules } from './rules/arithmetic.js';
import { functionRules } from './rules/functions.js';
import { reductionRules } from './rules/reductions.js';

/** Every rule of the simplifier; for one node the first that fires wins. */
export const simplifyRules: readonly Rule[] = [...arithmeticRules, ...functionRules, ...reductionRules];

/** The simplified graph, without dead nodes, and how often each rule was applied. */
export const simplifyGraph = (graph: Graph): Rewritten => rewriteToFixedPoint(graph, simplifyRules);

export const simplify: Pass<Graph> = {
  name: 'simplify',
  purpose: 'fold, cancel, stabilise, and compute nothing along an axis that it does not depend on',
  run: graph => simplifyGraph(graph).graph,
};
