import type { Pass } from '../../pipeline.js';
import type { Graph } from '../ir.js';
import { dropDead } from './drop-dead.js';
import { eraseStops } from './erase-stops.js';
import { roundActivations } from './round-activations.js';
import { share } from './share.js';
import { simplify } from './simplify.js';

export { builderOf } from './rebuild.js';
export { dropDead, eraseStops, roundActivations, share, simplify };

/** Before differentiation: what cancels here has no derivative to compute. */
export const passesBeforeGradient: readonly Pass<Graph>[] = [share, simplify];

/** After the last derivative has been taken. */
export const passesAfterGradient: readonly Pass<Graph>[] = [eraseStops, simplify, dropDead];
