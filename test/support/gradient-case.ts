import { gradientGraph } from '../../compiler/driver.js';
import type { Bindings } from '../../compiler/tensor/eval.js';
import { lowerApart } from './lowering.js';
import { initialParameters, modelOf, noiseOf } from './reference.js';

/** Of the noise: what `runLowered` is told. */
export const gradientSeed = 7n;

/** The bound and gradients of a model of binary data, lowered, with all that they are computed from. */
export function gradientCase(source: string, dataSize: number, batch: number) {
  const model = modelOf(source);
  const values = Float64Array.from({ length: batch * dataSize }, (_, i) => (i * 37) % 256);
  const bindings: Bindings = {
    inputs: { 'mean.x': new Float64Array(dataSize).fill(0.5) },
    datasets: { x: { width: dataSize, values } },
    clocks: { step: 1, epoch: 0, samples: 0, sample_offset: 0, threshold: 0 },
    noise: noiseOf(Number(gradientSeed), 3),
  };
  const inputs = { ...bindings.inputs, ...initialParameters(model, bindings) };
  const graph = gradientGraph(model);
  return { graph, lowered: lowerApart(graph, { x: 'byte' }), bindings: { ...bindings, inputs } };
}
