import type { Objective, TypedModel } from '../model/ir.js';
import { fingerprint } from '../program/fingerprint.js';
import type { BufferRole, EntryName, ModelFacts, Result } from '../program/ir.js';
import type { Graph } from '../tensor/ir.js';
import { allParts, type EntryParts, type ProgramParts } from './kernel-to-program.js';
import type { ParameterLayout } from './layout.js';
import { dataEncoding, evaluationBlock, givenName, pictureRows } from './model-to-tensor/index.js';
import { bufferName } from './places.js';
import type { LoweredEntry } from './tensor-to-kernel/index.js';

/** How many data rows and samples one run of each entry handles, and whether it visits rows from a list. */
export const entryExtents = (
  model: TypedModel,
): Readonly<
  Record<EntryName, { readonly rows: number; readonly samples: number; readonly order: boolean }>
> => ({
  initialise: { rows: 1, samples: 1, order: false },
  train_step: { rows: model.training.batch, samples: sampleCount(model.objective), order: false },
  evaluate: { ...evaluationBlock, order: true },
  evaluate_active: { ...evaluationBlock, order: true },
  sample: { rows: 1, samples: pictureRows, order: false },
  encode: { rows: pictureRows, samples: 1, order: true },
  reconstruct: { rows: pictureRows, samples: 1, order: true },
  decode: { rows: 1, samples: evaluationBlock.samples, order: false },
  latent_density: { ...evaluationBlock, order: true },
  joint_density: { ...evaluationBlock, order: true },
});

const sampleCount = ({ axes }: Objective) => axes.reduce((count, axis) => count * axis.size, 1);

/** Results of an entry: the outputs that have a buffer of their own. */
function resultsOf(graph: Graph, slotted: ReadonlySet<string>): readonly Result[] {
  return graph.outputs
    .map(({ name, axes }) => ({
      name,
      buffer: bufferName.result(graph.name, name),
      shape: axes.length === 0 ? [1] : axes.map(axis => axis.size),
    }))
    .filter(({ buffer }) => slotted.has(buffer));
}

/** `graph` is the one whose outputs an entry's caller reads. */
export function entryParts(
  model: TypedModel,
  name: EntryName,
  graph: Graph,
  lowered: LoweredEntry,
): EntryParts {
  const { rows, samples } = entryExtents(model)[name];
  const slotted = new Set(
    lowered.sequence.buffers.filter(buffer => buffer.slotted).map(buffer => buffer.name),
  );
  return {
    sequence: lowered.sequence,
    dispatches: lowered.dispatches,
    joined: lowered.joined,
    host: lowered.host,
    rows,
    samples,
    results: resultsOf(graph, slotted),
  };
}

/** Everything a program says beside its kernels. */
export function programParts(
  model: TypedModel,
  layout: ParameterLayout,
  { entries, earlierSteps }: Pick<ProgramParts, 'entries' | 'earlierSteps'>,
  neededFlops: number,
): ProgramParts {
  const { training } = model;
  const before = model.earlier.reduce((sum, { epochs }) => sum + epochs, 0);
  const last = { objective: model.objective, epochs: Math.max(1, training.schedule.epochs - before) };
  return {
    model: modelFacts(model, layout),
    training: {
      batch: training.batch,
      optimizer: training.optimizer.text,
      schedule: training.schedule.text,
      epochs: training.schedule.epochs,
      stages: [...model.earlier, last].map(({ objective, epochs }) => ({
        bound: objective.text,
        k: sampleCount(objective),
        epochs,
      })),
      neededFlops,
    },
    parameters: layout.slots,
    states: training.optimizer.states.map(({ name, initial }) => ({ name, initial })),
    roles: bufferRoles(model, allParts({ entries, earlierSteps })),
    entries,
    earlierSteps,
  };
}

function modelFacts(model: TypedModel, layout: ParameterLayout): ModelFacts {
  const data = model.data.map(variable => ({ ...variable, encoding: dataEncoding(variable) }));
  const latents = model.recognition.map(({ variable, shape }) => ({ name: variable, shape }));
  const fits = {
    parameters: layout.slots.map(({ name, shape }) => [name, shape]),
    data: data.map(({ name, element, shape }) => [name, element, shape]),
    states: model.training.optimizer.states.map(({ name }) => name),
  };
  return {
    name: model.name,
    signature: fingerprint(JSON.stringify(fits)),
    bound: model.objective.text,
    k: sampleCount(model.objective),
    data,
    latents,
  };
}

function bufferRoles(
  model: TypedModel,
  entries: readonly EntryParts[],
): Readonly<Record<string, BufferRole>> {
  const roles: [string, BufferRole][] = [
    [bufferName.parameters, 'parameters'],
    [bufferName.gradients, 'gradients'],
    [bufferName.rows, 'rows'],
    [bufferName.order, 'order'],
    ...model.training.optimizer.states.map((state): [string, BufferRole] => [
      bufferName.state(state),
      'state',
    ]),
    ...model.data.map(({ name }): [string, BufferRole] => [bufferName.dataset(name), 'dataset']),
    ...model.data.map(({ name }): [string, BufferRole] => [bufferName.statistic(name), 'statistic']),
    ...model.recognition.flatMap(({ variable }): [string, BufferRole][] => [
      [givenName.latent(variable), 'given'],
      [givenName.active(variable), 'given'],
    ]),
    ...entries.flatMap(({ results }) =>
      results.map(({ buffer }): [string, BufferRole] => [buffer, 'result']),
    ),
  ];
  return Object.fromEntries(roles);
}
