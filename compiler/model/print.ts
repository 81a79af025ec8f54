import { estimators } from './estimators.js';
import { boundFormula, expressionFormula, type Formula, updateFormula } from './formula.js';
import type { Expr, Factor, Objective, Parameter, Training, TypedModel } from './ir.js';
import { expressionChildren, nodesOf } from './traverse.js';

/** The model as text: factors, parameters, objective and training, with everything of the library written out. */
export function printModel(model: TypedModel): string {
  return [
    `model ${model.name}`,
    section(
      'data',
      model.data.map(({ name, element, shape }) => `${name}: ${element}${sizes(shape)}`),
    ),
    section(`recognition  ${densities('q', model.recognition)}`, model.recognition.flatMap(printFactor)),
    section(`generative  ${densities('p', model.generative)}`, model.generative.flatMap(printFactor)),
    section('parameters', printParameters(model.parameters)),
    ...model.earlier.map(({ objective, epochs }) =>
      section(`objective of ${epochs} epochs  ${objective.text}`, printObjective(objective)),
    ),
    section(`objective  ${model.objective.text}`, printObjective(model.objective)),
    section('training', printTraining(model.training)),
  ].join('\n');
}

const section = (head: string, lines: readonly string[]): string =>
  `\n${head}\n${lines.map(line => `  ${line}\n`).join('')}`.trimEnd();

const sizes = (shape: readonly number[]): string => (shape.length === 0 ? '' : `[${shape.join(', ')}]`);

/** `q(h1 | x) q(h2 | h1)`: each factor with what it reads. */
const densities = (letter: string, factors: readonly Factor[]): string =>
  factors
    .map(factor => {
      const given = variablesOf(factor.logProb).filter(name => name !== factor.variable);
      return `${letter}(${[factor.variable, ...(given.length > 0 ? [`| ${given.join(', ')}`] : [])].join(' ')})`;
    })
    .join(' ');

function variablesOf(expr: Expr): readonly string[] {
  const names = new Set<string>();
  for (const node of nodesOf([expr], expressionChildren)) if (node.kind === 'variable') names.add(node.name);
  return [...names];
}

function printFactor({
  variable,
  distribution,
  shape,
  support,
  reparameterised,
  sample,
  logProb,
  mean,
  kl,
}: Factor): readonly string[] {
  const rows = [
    ['sample  ', sample],
    ['log_prob', logProb],
    ['mean    ', mean],
    ['kl      ', kl],
  ] as const;
  const given = rows.flatMap(([label, expr]) => (expr === null ? [] : [{ label, expr }]));
  const formula = expressionFormula(given.map(({ expr }) => expr));
  const how = reparameterised ? ', reparameterised' : '';
  return [
    `${variable} ~ ${distribution}: ${support}${sizes(shape)}${how}`,
    ...definitions(formula).map(line => `  ${line}`),
    ...formula.results.map((text, index) => `  ${given[index]!.label} = ${text}`),
  ];
}

const definitions = ({ lets }: Formula): readonly string[] =>
  lets.map(({ name, text, shape }) => `${name}${shape.length > 0 ? `: ${sizes(shape)}` : ''} = ${text}`);

function printParameters(parameters: readonly Parameter[]): readonly string[] {
  const rows = parameters.map(({ name, shape, initial }) => ({
    name,
    shape: sizes(shape) || 'number',
    count: shape.reduce((product, size) => product * size, 1),
    initial: initialText(initial, name),
  }));
  const total = rows.reduce((sum, { count }) => sum + count, 0);
  const width = (texts: readonly string[]) => Math.max(0, ...texts.map(text => text.length));
  const nameWidth = width([...rows.map(row => row.name), 'total']);
  const shapeWidth = width(rows.map(row => row.shape));
  const countWidth = String(total).length;
  const line = (name: string, shape: string, count: number, initial: string) =>
    `${name.padEnd(nameWidth)}  ${shape.padEnd(shapeWidth)}  ${String(count).padStart(countWidth)}  ${initial}`.trimEnd();
  return [
    ...rows.map(row => line(row.name, row.shape, row.count, row.initial)),
    line('total', '', total, ''),
  ];
}

/** The start of a parameter on one line; its own noise needs no name. */
function initialText(initial: Expr, name: string): string {
  const { lets, results } = expressionFormula([initial]);
  const text = [...lets.map(({ name: part, text: value }) => `${part} = ${value}`), results[0]!].join('; ');
  return `= ${text.replaceAll(`, ${name})`, ')')}`;
}

function printObjective({ axes, value, generative, recognition, estimator }: Objective): readonly string[] {
  const one = value === generative && value === recognition;
  const { lets, results } = boundFormula(one ? [value] : [value, generative, recognition]);
  const labels = ['value      ', 'generative ', 'recognition'];
  return [
    `samples  ${axes.map(axis => `${axis.id} = ${axis.size}`).join(', ') || 'none'}`,
    ...lets.map(({ name, text }) => `${name} = ${text}`),
    ...results.map((text, index) => (one ? `ascends  ${text}` : `${labels[index]}  ${text}`)),
    ...(estimator === null ? [] : [`gradient ${estimator}: ${estimators[estimator].doc}`]),
  ];
}

function printTraining({ batch, gradient, clipping, optimizer, schedule }: Training): readonly string[] {
  const update = updateFormula([...optimizer.states.map(state => state.next), optimizer.parameter]);
  const names = [...optimizer.states.map(state => state.name), 'parameter'];
  const rate = updateFormula([schedule.rate]);
  return [
    `batch     ${batch}, gradient ${gradient}${clipping === null ? '' : `, clipped by ${clipping.by} at ${clipping.limit}`}`,
    `schedule  ${schedule.text}: ${schedule.epochs} epochs`,
    ...rate.lets.map(({ name, text }) => `  ${name} = ${text}`),
    `  rate = ${rate.results[0]}`,
    `optimizer ${optimizer.text}`,
    ...optimizer.states.map(state => `  state ${state.name} = ${state.initial}`),
    ...update.lets.map(({ name, text }) => `  ${name} = ${text}`),
    ...update.results.map((text, index) => `  next ${names[index]} = ${text}`),
  ];
}
