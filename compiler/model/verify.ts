import { type ScalarOp, scalars } from '../scalar/registry.js';
import { CompilerBug } from '../support/bug.js';
import { isPathwise } from './gradient-quantities.js';
import type { BoundExpr, Expr, Factor, TypedModel, UpdateExpr } from './ir.js';
import { printModel } from './print.js';
import { boundChildren, expressionChildren, nodesOf, updateChildren } from './traverse.js';

/**
 * Throws CompilerBug where a typed model breaks what `ir.ts` says of it: shapes, names, axes, and which leaves may
 * stand where.
 */
export function verifyModel(model: TypedModel): void {
  const bug = (message: string): never => {
    throw new CompilerBug(`the typed model is malformed: ${message}`, dumpOf(model));
  };
  const require = (condition: boolean, message: string) => {
    if (!condition) bug(message);
  };
  verifyNames(model, require);
  const shapes = shapesOf(model, require);
  for (const factor of [...model.recognition, ...model.generative]) verifyFactor(factor, shapes, require);
  for (const { name, shape, initial } of model.parameters) {
    verifyExpressions([initial], shapes, require);
    require(sameShape(initial.shape, shape) ||
      initial.shape.length === 0, `the start of ${name} has shape ${initial.shape}`);
    const leaf = nodesOf([initial], expressionChildren).find(
      node => node.kind === 'variable' || node.kind === 'parameter',
    );
    require(leaf === undefined, `the start of ${name} depends on a ${leaf?.kind}`);
  }
  for (const objective of [...model.earlier.map(stage => stage.objective), model.objective])
    verifyObjective({ ...model, objective }, require);
  verifyTraining(model, require);
}

type Require = (condition: boolean, message: string) => void;

/** A dump must not hide the mistake behind its own. */
function dumpOf(model: TypedModel): string {
  try {
    return printModel(model);
  } catch {
    return JSON.stringify(model, (key, value: unknown) => (key === 'span' ? undefined : value), 2);
  }
}

const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((size, index) => size === b[index]);

function verifyNames(model: TypedModel, require: Require): void {
  const unique = (what: string, names: readonly string[]) =>
    require(new Set(names).size === names.length, `two ${what} of one name among ${names.join(', ')}`);
  unique(
    'data variables',
    model.data.map(({ name }) => name),
  );
  unique(
    'parameters',
    model.parameters.map(({ name }) => name),
  );
  unique(
    'sample axes',
    model.objective.axes.map(({ id }) => id),
  );
  unique(
    'recognition factors',
    model.recognition.map(({ variable }) => variable),
  );
  unique(
    'generative factors',
    model.generative.map(({ variable }) => variable),
  );
  const latents = (factors: readonly Factor[]) =>
    factors
      .filter(({ kind }) => kind === 'latent')
      .map(({ variable }) => variable)
      .sort()
      .join(' ');
  require(latents(model.recognition) === latents(model.generative), 'p and q have different latents');
  const observed = model.generative
    .filter(({ kind }) => kind === 'data')
    .map(({ variable }) => variable)
    .sort();
  require(observed.join(' ') ===
    model.data
      .map(({ name }) => name)
      .sort()
      .join(' '), 'data and likelihoods differ');
  require(model.recognition.every(({ kind }) => kind === 'latent'), 'recognition draws data');
  require(model.recognition.every(({ reparameterised }) => reparameterised) ||
    [...model.earlier, model].every(
      ({ objective }) => !isPathwise(objective.recognition),
    ), 'the gradient of q passes through a draw that passes none on');
}

interface Shapes {
  readonly variables: ReadonlyMap<string, readonly number[]>;
  readonly parameters: ReadonlyMap<string, readonly number[]>;
}

function shapesOf(model: TypedModel, require: Require): Shapes {
  const variables = new Map(model.data.map(({ name, shape }) => [name, shape]));
  for (const { variable, shape } of [...model.recognition, ...model.generative]) {
    const known = variables.get(variable);
    require(known === undefined || sameShape(known, shape), `${variable} has several shapes`);
    variables.set(variable, shape);
  }
  return { variables, parameters: new Map(model.parameters.map(({ name, shape }) => [name, shape])) };
}

function verifyFactor(factor: Factor, shapes: Shapes, require: Require): void {
  const { variable, sample, logProb, mean, kl, shape } = factor;
  const roots = [sample, logProb, mean, kl].filter(root => root !== null);
  verifyExpressions(roots, shapes, require);
  require(sameShape(sample.shape, shape), `the draw of ${variable} has shape ${sample.shape}`);
  for (const root of roots.slice(1)) {
    require(sameShape(root.shape, shape) ||
      root.shape.length === 0, `a formula of ${variable} has shape ${root.shape}`);
  }
  const nodes = nodesOf(roots, expressionChildren);
  require(!nodes.some(node => node.kind === 'statistic'), `the factor of ${variable} uses a statistic`);
  const own = nodesOf([sample], expressionChildren).some(
    node => node.kind === 'variable' && node.name === variable,
  );
  require(!own, `the draw of ${variable} depends on itself`);
}

function verifyExpressions(roots: readonly Expr[], shapes: Shapes, require: Require): void {
  for (const node of nodesOf(roots, expressionChildren)) verifyExpression(node, shapes, require);
}

function verifyExpression(node: Expr, { variables, parameters }: Shapes, require: Require): void {
  const hasShape = (wanted: readonly number[] | undefined, what: string) =>
    require(wanted !== undefined &&
      sameShape(wanted, node.shape), `${what} has shape ${node.shape}, not ${wanted}`);
  switch (node.kind) {
    case 'constant':
      require(Number.isFinite(node.value) && node.shape.length === 0, `the constant ${node.value}`);
      break;
    case 'variable':
      hasShape(variables.get(node.name), `variable ${node.name}`);
      break;
    case 'parameter':
      hasShape(parameters.get(node.name), `parameter ${node.name}`);
      break;
    case 'statistic':
      hasShape(variables.get(node.data), `mean of ${node.data}`);
      break;
    case 'noise':
      break;
    case 'scalar': {
      verifyArity(node.op, node.args.length, require);
      const arrays = node.args.filter(arg => arg.shape.length > 0);
      for (const arg of arrays)
        require(sameShape(arg.shape, node.shape), `${node.op} of ${arg.shape} gives ${node.shape}`);
      require(arrays.length > 0 || node.shape.length === 0, `${node.op} of scalars gives ${node.shape}`);
      break;
    }
    case 'matmul': {
      const { vector, matrix } = node;
      const fits =
        vector.shape.length === 1 && matrix.shape.length === 2 && vector.shape[0] === matrix.shape[0];
      require(fits, `[${vector.shape}] times [${matrix.shape}]`);
      hasShape([matrix.shape[1]!], 'a product');
      break;
    }
    case 'sum':
      hasShape([], 'a sum');
      break;
    case 'stop':
      hasShape(node.arg.shape, 'a stop');
      break;
  }
}

const verifyArity = (op: ScalarOp, found: number, require: Require) =>
  require(scalars[op].arity === found, `${op} of ${found} arguments`);

function verifyObjective({ objective, data, recognition }: TypedModel, require: Require): void {
  const ids = objective.axes.map(({ id }) => id);
  for (const { name, size } of objective.axes)
    require(Number.isInteger(size) && size >= 1, `axis ${name} of size ${size}`);
  const layers = [...data.map(({ name }) => name), ...recognition.map(({ variable }) => variable)];
  const roots = [objective.value, objective.generative, objective.recognition];
  for (const root of roots) require(root.axes.length === 0, `an objective carries ${root.axes}`);
  for (const node of nodesOf<BoundExpr>(roots, boundChildren)) verifyBound(node, ids, layers, require);
}

function verifyBound(
  node: BoundExpr,
  ids: readonly string[],
  layers: readonly string[],
  require: Require,
): void {
  const ordered = ids.filter(id => (node.axes as readonly string[]).includes(id));
  require(sameList(ordered, node.axes), `axes ${node.axes} are not among ${ids} in that order`);
  const carried = new Set(boundChildren(node).flatMap(child => [...child.axes]));
  const expected = (axes: ReadonlySet<string>) =>
    require(sameList(
      ids.filter(id => axes.has(id)),
      node.axes,
    ), `a ${node.kind} carries ${node.axes}, not ${[...axes]}`);
  switch (node.kind) {
    case 'quantity':
      require(node.axes.length > 0, `${node.name} carries no axis`);
      require(node.layer === null || layers.includes(node.layer), `no layer ${node.layer}`);
      break;
    case 'scalar':
      verifyArity(node.op, node.args.length, require);
      expected(carried);
      break;
    case 'reduce':
      require(carried.delete(node.over), `a ${node.op} over ${node.over}, which its argument does not carry`);
      expected(carried);
      break;
    case 'rank':
      expected(carried.add(node.over));
      break;
    case 'stop':
      expected(carried);
      break;
    default:
      break;
  }
}

const sameList = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((item, i) => item === b[i]);

function verifyTraining({ training }: TypedModel, require: Require): void {
  const { batch, optimizer, schedule } = training;
  require(Number.isInteger(batch) && batch >= 1, `a batch of ${batch}`);
  require(Number.isInteger(schedule.epochs) && schedule.epochs >= 1, `${schedule.epochs} epochs`);
  const states = optimizer.states.map(({ name }) => name);
  require(new Set(states).size === states.length, `states ${states}`);
  const updates: readonly UpdateExpr[] = [
    ...optimizer.states.map(({ next }) => next),
    optimizer.parameter,
    schedule.rate,
  ];
  for (const node of nodesOf(updates, updateChildren)) {
    if (node.kind === 'scalar') verifyArity(node.op, node.args.length, require);
    if (node.kind === 'state') require(states.includes(node.name), `no state ${node.name}`);
    if (node.kind === 'constant') require(Number.isFinite(node.value), `the constant ${node.value}`);
  }
  const inRate = nodesOf<UpdateExpr>([schedule.rate], updateChildren);
  require(inRate.every(
    ({ kind }) => kind !== 'operand' && kind !== 'state',
  ), 'the rate depends on a parameter');
}
