import { outputName } from '../lower/model-to-tensor/entries.js';
import { initialiseGraph } from '../lower/model-to-tensor/index.js';
import type { DataVariable, Parameter, TypedModel } from '../model/ir.js';
import { noiseAt, streamNumber } from '../program/index.js';
import { type Bindings, evaluate } from '../tensor/eval.js';

/** What a certificate may be told. */
export interface CertificateOptions {
  /** Of data, parameters, noise and the choice of elements. Default 0. */
  readonly seed?: bigint;
  /** Elements of each parameter that are compared, a seeded sample. */
  readonly elements?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export type Values = Readonly<Record<string, Float64Array>>;

/** A model with a small batch of made-up data and parameters near where training starts. */
export interface Setting {
  readonly model: TypedModel;
  readonly parameters: Values;
  /** Everything that a graph of the model reads, `parameters` aside; with the noise of this draw. */
  readonly bindings: (draw: number) => Bindings;
  /** Positions of the elements of a parameter that are compared, in order. */
  readonly elementsOf: (parameter: Parameter) => readonly number[];
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** The model's own batch where it is smaller than `batch`. The batch's gradients are averaged. */
export function makeSetting(model: TypedModel, batch: number, options: CertificateOptions): Setting {
  const { seed = 0n, elements = 4 } = options;
  const rows = Math.min(batch, model.training.batch);
  const small: TypedModel = { ...model, training: { ...model.training, batch: rows, gradient: 'mean' } };
  const random = randomNumbers(seed);
  const data = model.data.map(variable => ({ variable, values: madeUp(variable, rows, random) }));
  const fixed: Bindings = {
    inputs: Object.fromEntries(data.map(({ variable, values }) => meanInput(variable, values, rows))),
    datasets: Object.fromEntries(
      data.map(({ variable: { name, shape }, values }) => [name, { width: sizeOf(shape), values }]),
    ),
    // Data are made binary by a threshold, so that every draw sees the same.
    clocks: { step: 1, epoch: 0, samples: 0, sample_offset: 0, threshold: 1 },
  };
  const bindings = (draw: number): Bindings => ({
    ...fixed,
    noise: (law, { stream, row, sample, element }) =>
      random(law, { stream, step: draw, row, sample, element }),
  });
  return {
    model: small,
    parameters: startOf(small, bindings(0), random),
    bindings,
    elementsOf: parameter => chosen(parameter, elements, random),
  };
}

interface Address {
  readonly stream: string;
  readonly step: number;
  readonly row: number;
  readonly sample: number;
  readonly element: number;
}
type Random = (law: 'normal' | 'uniform', address: Address) => number;

const randomNumbers = (seed: bigint): Random => {
  const words = { seedLow: Number(seed & 0xffffffffn), seedHigh: Number((seed >> 32n) & 0xffffffffn) };
  return (law, address) => noiseAt(law, { ...words, ...address, stream: streamNumber(address.stream) });
};

const nowhere = { step: 0, row: 0, sample: 0, element: 0 };

/** Rows as a data set stores them: bits and grey levels as bytes. */
function madeUp({ name, element, shape }: DataVariable, rows: number, random: Random): Float64Array {
  const stream = `certificate.data.${name}`;
  const uniform = (at: number) => random('uniform', { ...nowhere, stream, element: at });
  const normal = (at: number) => random('normal', { ...nowhere, stream, element: at });
  const draw: Record<DataVariable['element'], (at: number) => number> = {
    binary: at => (uniform(at) < 0.5 ? 0 : 255),
    unit: at => Math.floor(256 * uniform(at)),
    byte: at => Math.floor(256 * uniform(at)),
    int: at => Math.floor(10 * uniform(at)),
    positive: at => Math.exp(normal(at)),
    real: normal,
  };
  return Float64Array.from({ length: rows * sizeOf(shape) }, (_, at) => draw[element](at));
}

/** `mean(data x)`, of what the model sees. */
function meanInput({ name, element, shape }: DataVariable, values: Float64Array, rows: number) {
  const scale = element === 'binary' || element === 'unit' ? 255 : 1;
  const width = sizeOf(shape);
  const mean = new Float64Array(width);
  values.forEach((value, at) => {
    mean[at % width]! += value / scale / rows;
  });
  return [`mean.${name}`, mean] as const;
}

/** Initial parameters, each moved a little: at a bias of 0 some mistakes do not show. */
function startOf(model: TypedModel, bindings: Bindings, random: Random): Values {
  const initial = evaluate(initialiseGraph(model), bindings);
  const entries = [...initial].map(([name, values]) => {
    const stream = `certificate.start.${name}`;
    const moved = values.map(
      (value, element) => value + 0.1 * random('normal', { ...nowhere, stream, element }),
    );
    return [name, moved] as const;
  });
  return Object.fromEntries(entries);
}

/** All elements of a small parameter, otherwise different ones at random. */
function chosen({ name, shape }: Parameter, count: number, random: Random): readonly number[] {
  const size = sizeOf(shape);
  if (size <= count) return Array.from({ length: size }, (_, position) => position);
  const positions = new Set<number>();
  const stream = `certificate.elements.${name}`;
  for (let element = 0; positions.size < count; element++)
    positions.add(Math.floor(size * random('uniform', { ...nowhere, stream, element })));
  return [...positions].sort((a, b) => a - b);
}

export const withParameters = (bindings: Bindings, parameters: Values): Bindings => ({
  ...bindings,
  inputs: { ...bindings.inputs, ...parameters },
});

export const gradientOf = (values: ReadonlyMap<string, Float64Array>, parameter: string): Float64Array =>
  values.get(outputName.gradient(parameter))!;
