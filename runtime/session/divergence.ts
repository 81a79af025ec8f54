import { fault, type RuntimeFault } from '../errors.js';
import type { HostState, SessionCore } from './core.js';
import { firstNonFinite, readBuffers, writeState } from './state.js';
import { stageOf, stepFrames } from './steps.js';

const gradientsBuffer = 'gradients';

/** The fault of a state that holds a number that is none. */
export function nonFiniteState(core: SessionCore, state: HostState): RuntimeFault {
  const { what, value } = firstNonFinite(state.buffers, core.program.parameters)!;
  return fault('not-finite', { what: `${what} after step ${state.step}`, value, kept: core.lastGood!.step });
}

/**
 * The fault of a step whose objective is not finite, with the place where the finite numbers were left. When that shows,
 * later steps are under way already; the same steps are done once more from the last good state, which gives the same
 * numbers, and looked at before and after the one in question. The session is left in its last good state.
 */
export async function nonFiniteBound(core: SessionCore, step: number, value: number): Promise<RuntimeFault> {
  const kept = core.lastGood!.step;
  const where = await originOf(core, step).catch(() => null);
  return fault('not-finite', {
    what: `the bound of step ${step}`,
    value,
    kept,
    ...(where === null ? {} : { where }),
  });
}

async function originOf(core: SessionCore, step: number): Promise<string> {
  const good = core.lastGood!;
  try {
    await replay(core, good.step + 1, step);
    const before = firstNonFinite(await readBuffers(core), core.program.parameters);
    if (before !== null) return `${before.what} is ${before.value} after step ${step - 1}`;
    await replay(core, step, step + 1);
    const gradients = new Map([['the gradient', await core.loaded.read(gradientsBuffer)]]);
    const after = firstNonFinite(gradients, core.program.parameters);
    const finite = 'all parameters before it are finite';
    return after === null ? finite : `${finite}; ${after.what} is ${after.value}`;
  } finally {
    writeState(core, good);
  }
}

/** Steps first … last − 1, one after another. */
async function replay(core: SessionCore, first: number, last: number): Promise<void> {
  for (let next = first; next < last; ) {
    const { entry, endStep } = stageOf(core, next);
    const count = Math.min(core.trainingPacer.runs, last - next, endStep - next);
    await core.loaded.run(entry, stepFrames(core, next, count));
    next += count;
  }
}
