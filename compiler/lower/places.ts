import type { KernelBuffer } from '../kernel/ir.js';
import type { OptimizerState, TypedModel } from '../model/ir.js';
import { sizeOf } from '../tensor/axes.js';
import type { Graph } from '../tensor/ir.js';
import type { ParameterLayout } from './layout.js';
import { dataEncoding, outputName, stateName, statisticName } from './model-to-tensor/index.js';
import type { ArrayPlace, LoweringOptions } from './tensor-to-kernel/index.js';

/** Names of the buffers that a program's entries share; the runtime fills them by role. */
export const bufferName = {
  parameters: 'parameters',
  gradients: 'gradients',
  state: (state: OptimizerState) => stateName(state.name),
  dataset: (data: string) => `dataset.${data}`,
  statistic: statisticName,
  rows: 'rows',
  order: 'order',
  result: (entry: string, output: string) => `${entry}.${output}`,
} as const;

const flat = (name: string, length: number): KernelBuffer => ({
  name,
  element: 'f32',
  length,
  slotted: false,
});
const whole = (buffer: string): ArrayPlace => ({ buffer, offset: 0 });
const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/**
 * Where the arrays of one of the model's graphs lie; outputs without a place of their own become results of the entry.
 * `visitsList`: the batch's rows come from the list in `order`.
 */
export function placesOf(
  model: TypedModel,
  layout: ParameterLayout,
  graph: Graph,
  visitsList: boolean,
): LoweringOptions {
  const { parameters, gradients } = bufferName;
  const inParameters = (buffer: string, nameOf: (parameter: string) => string) =>
    Object.fromEntries(layout.slots.map(({ name, offset }) => [nameOf(name), { buffer, offset }]));
  const states = model.training.optimizer.states.map(bufferName.state);
  const shared = Object.fromEntries([parameters, gradients, ...states].map(name => [name, whole(name)]));
  const statistics = model.data.map(({ name }) => bufferName.statistic(name));
  const places = {
    ...shared,
    ...inParameters(parameters, name => name),
    ...inParameters(gradients, outputName.gradient),
  };
  const given = graph.nodes.flatMap(node => {
    if (node.op !== 'input' || node.name in places || statistics.includes(node.name)) return [];
    return [{ name: node.name, length: sizeOf(node.axes) }];
  });
  const results = graph.outputs.filter(({ name }) => !(name in places));
  return {
    inputs: {
      ...places,
      ...Object.fromEntries(
        [...statistics, ...given.map(({ name }) => name)].map(name => [name, whole(name)]),
      ),
    },
    outputs: {
      ...places,
      ...Object.fromEntries(results.map(({ name }) => [name, whole(bufferName.result(graph.name, name))])),
    },
    datasets: Object.fromEntries(
      model.data.map(data => [
        data.name,
        { buffer: bufferName.dataset(data.name), encoding: dataEncoding(data) },
      ]),
    ),
    rows: { buffer: bufferName.rows, order: visitsList ? bufferName.order : null },
    buffers: [
      ...[parameters, gradients, ...states].map(name => flat(name, layout.length)),
      ...model.data.map(({ name, shape }) => flat(bufferName.statistic(name), elements(shape))),
      ...given.map(({ name, length }) => flat(name, length)),
      ...results.map(({ name, axes }) => ({
        ...flat(bufferName.result(graph.name, name), sizeOf(axes)),
        slotted: true,
      })),
    ],
  };
}
