import { encodeGraph, initialiseGraph, outputName } from '../../compiler/lower/model-to-tensor/index.js';
import { objectiveLowering, sampleAxis } from '../../compiler/lower/model-to-tensor/objective.js';
import type { TypedModel } from '../../compiler/model/index.js';
import { gradient } from '../../compiler/tensor/autodiff.js';
import { GraphBuilder } from '../../compiler/tensor/build.js';
import { evaluate } from '../../compiler/tensor/eval.js';
import { checkProgram, type Files, type Program, withBound, withStatements } from './programs.js';

/** What an expectation gives, by name: data, quantities, clocks. */
export type Givens = ReadonlyMap<string, readonly number[]>;

/** The type of an expression at the end of a program's recognition network, in the words that messages use. */
export function typeOf(program: Program, files: Files, expression: string): string {
  // What can be negated cannot be indexed, and the message says what it is.
  for (const probe of [`-(${expression})`, `(${expression})[1]`]) {
    const { diagnostics } = checkProgram(
      withStatements(program, { recognition: `let probed_value = ${probe}` }),
      files,
    );
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    const [first] = errors;
    if (first === undefined) continue;
    const isProbe = first.code === 'type-mismatch' || first.code === 'not-indexable';
    if (!isProbe || errors.length > 1) throw new Error(`${expression}: ${first.message}`);
    return first.found!.replaceAll('`', '');
  }
  throw new Error(`${expression}: its type is not known`);
}

/** The value of an expression at the end of the recognition network, by the reference evaluator. */
export function expressionValue(
  program: Program,
  files: Files,
  expression: string,
  givens: Givens,
): readonly number[] {
  const type = typeOf(program, files, expression);
  const shape = /\[.*\]$/.exec(type)?.[0] ?? '';
  const probed = withStatements(program, {
    recognition: `probed_value ~ normal(mean = ${expression}, scale = 1)`,
    generative: `probed_value ~ normal(0, 1)${shape}`,
  });
  const { model, diagnostics } = checkProgram(probed, files);
  if (model === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const given = (name: string, size: number) => givens.get(name) ?? Array.from({ length: size }, () => 0);
  const data = model.data.map(({ name, shape: sizes }) => [name, given(name, product(sizes))] as const);
  const means = Object.fromEntries(data.map(([name, values]) => [`mean.${name}`, values]));
  const bindings = {
    inputs: {
      ...means,
      ...Object.fromEntries(evaluate(initialiseGraph(model), { inputs: means, noise: () => 0.5 })),
    },
    datasets: Object.fromEntries(data.map(([name, values]) => [name, { width: values.length, values }])),
    rows: Array.from({ length: 20 }, () => 0),
    clocks: { step: 1, epoch: 0, threshold: 1 },
    noise: () => 0.5,
  };
  const values = evaluate(encodeGraph(model), bindings).get(outputName.mean('probed_value'))!;
  return [...values.slice(0, values.length / 20)];
}

const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);

export interface BoundQuery {
  readonly clause: 'value' | 'generative' | 'recognition';
  readonly bound: string;
  /** The quantity to differentiate by, or null for the value itself. */
  readonly by: string | null;
}

/** The value of a bound's clause for given quantities, or its derivative by one of them, by the reference evaluator. */
export function boundValue(
  program: Program,
  files: Files,
  query: BoundQuery,
  givens: Givens,
): readonly number[] {
  const { model, diagnostics } = checkProgram(withBound(program, query.bound), files);
  if (model === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const builder = new GraphBuilder('bound');
  const inputs: Record<string, readonly number[]> = {};
  const lower = objectiveLowering(builder, model.objective.axes, ids => ({
    quantity: (quantity, layer) => {
      const axes = ids.map(id => sampleAxis(axisOf(model, id)));
      const name = layer === null ? quantity : `${quantity}[${layer}]`;
      const values = givens.get(name) ?? (name === 'log_w_path' ? givens.get('log_w') : undefined);
      if (values === undefined) throw new Error(`${name} is not given`);
      inputs[name] = values.slice(0, product(axes.map(({ size }) => size)));
      return builder.input(name, axes);
    },
  }));
  const value = lower(model.objective[query.clause]);
  const result = query.by === null ? value : gradient(builder, value, [query.by])[0]!;
  builder.output('result', result, builder.axesOf(result));
  const clock = (name: string) => givens.get(name)?.[0] ?? 0;
  const clocks = { epoch: clock('epoch'), step: clock('step') };
  return [...evaluate(builder.build(), { inputs, clocks }).get('result')!];
}

const axisOf = (model: TypedModel, id: string) => model.objective.axes.find(axis => axis.id === id)!;
