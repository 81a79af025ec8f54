import { differentiate } from './lower/differentiate.js';
import { objectiveGraph } from './lower/model-to-tensor/index.js';
import type { TypedModel } from './model/ir.js';
import { type PassOptions, runPasses } from './pipeline.js';
import type { Graph } from './tensor/ir.js';
import { passesAfterGradient, passesBeforeGradient } from './tensor/passes/index.js';
import { printGraph } from './tensor/print.js';
import { verifyGraph } from './tensor/verify.js';

export interface DriverOptions {
  /** Run every verifier after every pass. */
  readonly verify?: boolean | undefined;
}

const graphOptions = ({ verify }: DriverOptions): PassOptions<Graph> => ({
  print: printGraph,
  verify: verify ? verifyGraph : undefined,
});

/** The reported bound and the gradient of every parameter, simplified. */
export function gradientGraph(model: TypedModel, options: DriverOptions = {}): Graph {
  const passes = [...passesBeforeGradient, differentiate(model), ...passesAfterGradient];
  return runPasses(objectiveGraph(model), passes, graphOptions(options));
}
