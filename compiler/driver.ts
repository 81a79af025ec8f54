import { differentiate } from './lower/differentiate.js';
import {
  allParts,
  assemble,
  dispatchedFor,
  type EntryParts,
  type ProgramParts,
} from './lower/kernel-to-program.js';
import { withWasm } from './lower/kernel-to-wasm.js';
import { layoutParameters, type ParameterLayout } from './lower/layout.js';
import { entryExtents, entryParts, programParts } from './lower/model-to-program.js';
import {
  decodeGraph,
  encodeGraph,
  evaluateActiveGraph,
  evaluateGraph,
  initialiseGraph,
  jointDensityGraph,
  latentDensityGraph,
  objectiveGraph,
  outputName,
  reconstructGraph,
  sampleGraph,
  updateGraph,
} from './lower/model-to-tensor/index.js';
import { placesOf } from './lower/places.js';
import { lowerEntry } from './lower/tensor-to-kernel/index.js';
import type { TypedModel } from './model/index.js';
import { type Pass, type PassOptions, runPasses } from './pipeline.js';
import { type Artefact, type EntryName, entryNames } from './program/ir.js';
import { sizeOf } from './tensor/axes.js';
import type { Graph } from './tensor/ir.js';
import {
  dropDead,
  passesAfterGradient,
  passesBeforeGradient,
  roundActivations,
} from './tensor/passes/index.js';
import { printGraph } from './tensor/print.js';
import { verifyGraph } from './tensor/verify.js';
import { type Tunable, tunableDispatches, tunableKernels } from './tuning/tunable.js';
import {
  type TunedSchedule,
  type Tuning,
  type TuningTarget,
  tunedDispatch,
  tunedOnCpu,
} from './tuning/tuning.js';

/*
 * A whole compilation behind the checker, top to bottom:
 *   typed model -> tensor graphs -> simplified, differentiated -> kernels -> program, WGSL and WebAssembly
 */

export interface DriverOptions {
  /** Run every verifier after every pass. */
  readonly verify?: boolean | undefined;
  /** `mixed`: activations of training steps are stored in 16 bits. */
  readonly precision?: Precision | undefined;
}

export const precisions = ['full', 'mixed'] as const;
export type Precision = (typeof precisions)[number];

/** The graphs of one entry, run one after another; the first one's outputs are what its caller reads. */
export type EntryGraphs = Readonly<Record<EntryName, readonly [Graph, ...Graph[]]>>;

const optimise = (graph: Graph, passes: readonly Pass<Graph>[], { verify }: DriverOptions): Graph => {
  const options: PassOptions<Graph> = { print: printGraph, verify: verify ? verifyGraph : undefined };
  return runPasses(graph, passes, options);
};

/** The reported bound and the gradient of every parameter, simplified. */
export function gradientGraph(model: TypedModel, options: DriverOptions = {}, name?: string): Graph {
  const passes = [...passesBeforeGradient, differentiate(model), ...passesAfterGradient];
  return optimise(objectiveGraph(model, name), passes, options);
}

/** What the products of one step must cost: the forward pass's, and twice as much to go back through them. */
const neededFlops = (model: TypedModel): number =>
  3 * productFlops(optimise(objectiveGraph(model), passesBeforeGradient, {}));

/** Multiplications and additions of a graph's matrix products, each over the axes that it depends on. */
function productFlops({ nodes }: Graph): number {
  const costs = nodes.map(node => {
    if (node.op !== 'contract') return 0;
    const over = nodes[node.left]!.axes.filter(axis => node.over.includes(axis.name));
    return 2 * sizeOf(node.axes) * sizeOf(over);
  });
  return costs.reduce((sum, cost) => sum + cost, 0);
}

export function tensorGraphs(model: TypedModel, options: DriverOptions = {}): EntryGraphs {
  const forward = (graph: Graph) => forwardGraph(graph, options);
  return {
    initialise: [forward(initialiseGraph(model))],
    train_step: stepGraphs(model, options),
    evaluate: [forward(evaluateGraph(model))],
    evaluate_active: [forward(evaluateActiveGraph(model))],
    sample: [forward(sampleGraph(model))],
    encode: [forward(encodeGraph(model))],
    reconstruct: [forward(reconstructGraph(model))],
    decode: [forward(decodeGraph(model))],
    latent_density: [forward(latentDensityGraph(model))],
    joint_density: [forward(jointDensityGraph(model))],
  };
}

const forwardGraph = (graph: Graph, options: DriverOptions): Graph =>
  optimise(graph, [...passesBeforeGradient, ...passesAfterGradient], options);

const atPrecision = (graph: Graph, options: DriverOptions): Graph =>
  options.precision === 'mixed'
    ? optimise(graph, [roundActivations(outputName.bound), dropDead], options)
    : graph;

export const stepGraphs = (
  model: TypedModel,
  options: DriverOptions,
  name?: string,
): readonly [Graph, ...Graph[]] => [
  atPrecision(gradientGraph(model, options, name), options),
  forwardGraph(updateGraph(model.training, layoutParameters(model).length), options),
];

/** The graphs of the training steps of the stages before the last. */
export const earlierGraphs = (
  model: TypedModel,
  options: DriverOptions = {},
): readonly (readonly [Graph, ...Graph[]])[] =>
  model.earlier.map(({ objective }, stage) =>
    stepGraphs({ ...model, objective }, options, `train_step.${stage}`),
  );

export type KernelEntries = Readonly<Record<EntryName, EntryParts>>;

export function kernelEntries(
  model: TypedModel,
  layout: ParameterLayout,
  graphs: EntryGraphs,
): KernelEntries {
  return mapEntries(name => kernelEntry(model, layout, name, graphs[name]));
}

function kernelEntry(
  model: TypedModel,
  layout: ParameterLayout,
  name: EntryName,
  graphs: readonly [Graph, ...Graph[]],
): EntryParts {
  const { order } = entryExtents(model)[name];
  const parts = graphs.map(graph => ({ graph, options: placesOf(model, layout, graph, order) }));
  // An earlier stage's training step goes by the name of its graph.
  return entryParts(model, name, graphs[0], lowerEntry(graphs[0].name, parts));
}

export const earlierEntries = (
  model: TypedModel,
  layout: ParameterLayout,
  graphs: readonly (readonly [Graph, ...Graph[]])[],
): readonly EntryParts[] =>
  model.earlier.map(({ objective }, stage) =>
    kernelEntry({ ...model, objective }, layout, 'train_step', graphs[stage]!),
  );

/** The lowered entries of a model. */
export type LoweredParts = Pick<ProgramParts, 'entries' | 'earlierSteps'>;

/** The program of a model with its kernels for every device, or for GPUs alone. */
export async function artefactOf(
  model: TypedModel,
  layout: ParameterLayout,
  parts: LoweredParts,
  tuning: Tuning,
  devices: 'all' | 'gpus' = 'all',
): Promise<Artefact> {
  const artefact = assemble(programParts(model, layout, parts, neededFlops(model)), tuning);
  if (devices === 'gpus') return artefact;
  return withWasm(
    artefact,
    allParts(parts).map(({ sequence }) => sequence),
    tuning,
  );
}

/** The training steps of all stages. */
const stepParts = ({ entries, earlierSteps }: LoweredParts): readonly EntryParts[] => [
  ...earlierSteps,
  entries.train_step,
];

/** The launches of one stage's training step after another's, and what can be varied in how they are walked. */
export const tunablesOf = (parts: LoweredParts, target: TuningTarget): readonly Tunable[] =>
  stepParts(parts).flatMap(step =>
    target === 'cpu' ? tunableKernels(step.sequence) : tunableDispatches(dispatchedFor[target](step), target),
  );

/** How many launches the training steps of all stages have, and how many of them have a measured schedule. */
export function tunedLaunches(parts: LoweredParts, target: TuningTarget, tuning: Tuning) {
  const tuned = stepParts(parts).flatMap<TunedSchedule | null>(step => {
    if (target === 'cpu') return step.sequence.kernels.map(kernel => tunedOnCpu(kernel, tuning));
    const { sequence, dispatches } = dispatchedFor[target](step);
    return dispatches.map(dispatch => tunedDispatch(dispatch, sequence.kernels, target, tuning));
  });
  return { tuned: tuned.filter(schedule => schedule !== null).length, launches: tuned.length };
}

const mapEntries = <Value>(of: (name: EntryName) => Value): Readonly<Record<EntryName, Value>> =>
  Object.fromEntries(entryNames.map(name => [name, of(name)])) as Record<EntryName, Value>;
