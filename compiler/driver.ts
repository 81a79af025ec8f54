import { differentiate } from './lower/differentiate.js';
import { assemble, type EntryParts } from './lower/kernel-to-program.js';
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
import { passesAfterGradient, passesBeforeGradient } from './tensor/passes/index.js';
import { printGraph } from './tensor/print.js';
import { verifyGraph } from './tensor/verify.js';

/*
 * A whole compilation behind the checker, top to bottom:
 *   typed model -> tensor graphs -> simplified, differentiated -> kernels -> program, WGSL and WebAssembly
 */

export interface DriverOptions {
  /** Run every verifier after every pass. */
  readonly verify?: boolean | undefined;
}

/** The graphs of one entry, run one after another; the first one's outputs are what its caller reads. */
export type EntryGraphs = Readonly<Record<EntryName, readonly [Graph, ...Graph[]]>>;

const optimise = (graph: Graph, passes: readonly Pass<Graph>[], { verify }: DriverOptions): Graph => {
  const options: PassOptions<Graph> = { print: printGraph, verify: verify ? verifyGraph : undefined };
  return runPasses(graph, passes, options);
};

/** The reported bound and the gradient of every parameter, simplified. */
export function gradientGraph(model: TypedModel, options: DriverOptions = {}): Graph {
  const passes = [...passesBeforeGradient, differentiate(model), ...passesAfterGradient];
  return optimise(objectiveGraph(model), passes, options);
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
  const forward = (graph: Graph) =>
    optimise(graph, [...passesBeforeGradient, ...passesAfterGradient], options);
  const update = updateGraph(model.training, layoutParameters(model).length);
  return {
    initialise: [forward(initialiseGraph(model))],
    train_step: [gradientGraph(model, options), forward(update)],
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

export type KernelEntries = Readonly<Record<EntryName, EntryParts>>;

export function kernelEntries(
  model: TypedModel,
  layout: ParameterLayout,
  graphs: EntryGraphs,
): KernelEntries {
  const extents = entryExtents(model);
  return mapEntries(name => {
    const parts = graphs[name].map(graph => ({
      graph,
      options: placesOf(model, layout, graph, extents[name].order),
    }));
    return entryParts(model, name, graphs[name][0], lowerEntry(name, parts));
  });
}

/** The program of a model with its kernels for every device. */
export async function artefactOf(
  model: TypedModel,
  layout: ParameterLayout,
  entries: KernelEntries,
): Promise<Artefact> {
  const artefact = assemble(programParts(model, layout, entries, neededFlops(model)));
  return withWasm(
    artefact,
    mapEntries(name => entries[name].sequence),
  );
}

const mapEntries = <Value>(of: (name: EntryName) => Value): Readonly<Record<EntryName, Value>> =>
  Object.fromEntries(entryNames.map(name => [name, of(name)])) as Record<EntryName, Value>;
