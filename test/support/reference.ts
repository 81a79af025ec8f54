import { check } from '../../compiler/check/index.js';
import { gradientGraph } from '../../compiler/driver.js';
import { initialiseGraph, objectiveGraph, outputName } from '../../compiler/lower/model-to-tensor/index.js';
import type { Role, TypedModel } from '../../compiler/model/ir.js';
import { noiseAt, streamNumber } from '../../compiler/program/index.js';
import { type Bindings, evaluate } from '../../compiler/tensor/eval.js';
import { stdlibSources } from '../../stdlib/sources.js';

/** A model read from text; a diagnostic fails the test with its message. */
export function modelOf(text: string): TypedModel {
  const { model, diagnostics } = check({
    source: { path: 'test.iwae', text },
    stdlib: stdlibSources,
    readImport: () => null,
  });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (model === null || errors.length > 0) {
    throw new Error(`${errors.map(({ code, message }) => `${code}: ${message}`).join('\n')}\n${text}`);
  }
  return model;
}

/** The draws that a device makes for this seed and step, in f64. */
export function noiseOf(seed: number, step: number): NonNullable<Bindings['noise']> {
  const numbers = new Map<string, number>();
  const numberOf = (stream: string) => {
    const number = numbers.get(stream) ?? streamNumber(stream);
    numbers.set(stream, number);
    return number;
  };
  return (law, { stream, row, sample, element }) =>
    noiseAt(law, { seedLow: seed, seedHigh: 0, step, stream: numberOf(stream), row, sample, element });
}

/** One batch of a model in f64: everything that its graphs' leaves stand for. */
export interface ReferenceCase {
  readonly model: TypedModel;
  readonly bindings: Bindings;
}

export type Values = Readonly<Record<string, Float64Array>>;

/** Parameters as the model draws them, each moved a little so that no bias is zero. */
export function initialParameters(model: TypedModel, bindings: Bindings): Values {
  const initial = evaluate(initialiseGraph(model), bindings);
  const entries = [...initial].map(([name, values], p) => {
    const moved = values.map((value, i) => value + 0.1 * Math.sin(1 + 7 * p + i));
    return [name, moved] as const;
  });
  return Object.fromEntries(entries);
}

/** Reported bound, what each network ascends, for parameters: by the definition, no pass applied. */
export function objectiveOf({ model, bindings }: ReferenceCase) {
  const graph = objectiveGraph(model);
  return (parameters: Values) => {
    const values = evaluate(graph, withParameters(bindings, parameters));
    const ascent = (role: Role) => values.get(outputName.ascent(role))![0]!;
    return { bound: values.get(outputName.bound)![0]!, ascent };
  };
}

/** Reported bound and the gradients, from the optimised graph that is lowered to kernels. */
export function gradientValues(testCase: ReferenceCase, parameters: Values) {
  const values = evaluate(
    gradientGraph(testCase.model, { verify: true }),
    withParameters(testCase.bindings, parameters),
  );
  return {
    bound: values.get(outputName.bound)![0]!,
    gradient: (parameter: string) => values.get(outputName.gradient(parameter))!,
  };
}

const withParameters = (bindings: Bindings, parameters: Values): Bindings => ({
  ...bindings,
  inputs: { ...bindings.inputs, ...parameters },
});
