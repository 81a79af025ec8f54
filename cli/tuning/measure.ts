import type { Artefact, Program } from '../../compiler/index.js';
import type { Dataset, Device, SplitData } from '../../runtime/index.js';
import { runtime } from '../doors.js';

/** Rows of the data that steps are timed on. */
const leastRows = 1024;
const factor = 1664525;
const increment = 1013904223;

/** Data of the right shapes: how long a launch takes does not depend on what a picture shows. */
export function syntheticData({ model, training }: Program): SplitData {
  const rows = Math.max(leastRows, training.batch);
  let state = 1;
  const random = () => {
    state = (Math.imul(state, factor) + increment) >>> 0;
    return state / 2 ** 32;
  };
  const train = model.data.map(({ name, element, shape, encoding }): readonly [string, Dataset] => {
    const width = shape.reduce((product, extent) => product * extent, 1);
    const isWhole = element === 'binary' || element === 'int' || element === 'byte';
    const draw = () => (isWhole ? Math.round(random()) : 0.25 + random() / 2);
    const scale = encoding === 'byte' && element !== 'byte' ? 255 : 1;
    const values = encoding === 'byte' ? new Uint8Array(rows * width) : new Float32Array(rows * width);
    for (let i = 0; i < values.length; i++) values[i] = scale * draw();
    return [name, { name: 'synthetic data', rows, width, shape, encoding, values }];
  });
  return { train: Object.fromEntries(train) };
}

/** Seconds of each launch of a training step, the fastest of several steps, and of a step that nobody times. */
export interface StepTimes {
  readonly launches: readonly number[];
  readonly names: readonly string[];
  readonly step: number;
}

/** Loads a program and times some of its training steps. @throws RuntimeFault as `openSession` and `Session.profile` */
export async function timeStep(
  device: Device,
  artefact: Artefact,
  data: SplitData,
  untimed: number,
): Promise<StepTimes> {
  const { openSession } = await runtime();
  const session = await openSession(device, artefact, { data });
  try {
    const { timing, steps, stepSeconds } = await session.profile(untimed);
    const { launches, begins, ends } = timing;
    const fastest = launches.map((_, launch) => {
      const at = (step: number) => step * launches.length + launch;
      return Math.min(...Array.from({ length: steps }, (_, step) => ends[at(step)]! - begins[at(step)]!));
    });
    return { launches: fastest, names: launches.map(({ name }) => name), step: stepSeconds };
  } finally {
    session.dispose();
  }
}
