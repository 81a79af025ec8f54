import type { Program } from '../../compiler/index.js';
import type { Dataset, Session, SplitData, StepProfile } from '../../runtime/index.js';
import { eachStage, type Stretch, timeStretch } from '../profile/measure.js';

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

/** Steps before those whose launches are timed. */
const untimed = 2;

/** Seconds of each launch of a training step, of one stage after another: the fastest of several steps. */
export interface LaunchTimes {
  readonly launches: readonly number[];
  readonly names: readonly string[];
}

/** With those of a step whose launches nobody times; with several stages on average over their epochs. */
export interface StepTimes extends LaunchTimes {
  readonly step: number;
}

/** @throws RuntimeFault as `Session.profile` */
export async function timeLaunches(session: Session): Promise<LaunchTimes> {
  const profiles = await eachStage(session, stage => session.profile(untimed, stage));
  return {
    launches: profiles.flatMap(fastest),
    names: profiles.flatMap(({ timing }) => timing.launches.map(({ name }) => name)),
  };
}

/** The whole steps first: the launches are timed on a device that is warm. @throws RuntimeFault as `Session.profile` */
export async function timeSteps(session: Session, stretch: Stretch): Promise<StepTimes> {
  const { stages } = session.program.training;
  const times = await eachStage(session, stage => timeStretch(session, stage, stretch));
  const epochs = stages.reduce((sum, stage) => sum + stage.epochs, 0);
  const step = times.reduce((sum, { stepSeconds }, i) => sum + (stages[i]!.epochs / epochs) * stepSeconds, 0);
  return { ...(await timeLaunches(session)), step };
}

/** Of each launch. */
const fastest = ({ timing: { launches, begins, ends }, steps }: StepProfile): readonly number[] =>
  launches.map((_, launch) => {
    const at = (step: number) => step * launches.length + launch;
    return Math.min(...Array.from({ length: steps }, (_, step) => ends[at(step)]! - begins[at(step)]!));
  });
