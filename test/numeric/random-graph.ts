import fc from 'fast-check';
import { type ScalarOp, scalarOps, scalars } from '../../compiler/scalar/registry.js';
import { gradient } from '../../compiler/tensor/autodiff.js';
import { hasAxis, sizeOf } from '../../compiler/tensor/axes.js';
import { GraphBuilder } from '../../compiler/tensor/build.js';
import type { Bindings } from '../../compiler/tensor/eval.js';
import type { Axis, Graph, NodeId } from '../../compiler/tensor/ir.js';

/** Those that a device and the reference, or two differences, can be compared by. */
export const ops = scalarOps.filter(op => !scalars[op].test.isStaircase);

const b: Axis = { name: 'b', kind: 'datum', size: 2 };
const k: Axis = { name: 'k', kind: 'sample', size: 3 };
const l: Axis = { name: 'l', kind: 'sample', size: 2 };
const c0: Axis = { name: 'c0', kind: 'feature', size: 3 };
const f0: Axis = { name: 'f0', kind: 'feature', size: 3 };
const f1: Axis = { name: 'f1', kind: 'feature', size: 2 };

/** Axes of one size that a rename may exchange. */
const renames = [
  ['f0', 'c0'],
  ['c0', 'f0'],
  ['k', 'k2'],
  ['f1', 'f2'],
] as const;

/** The inputs: everything from a scalar to a data point's features for each sample, and two matrices. */
export const inputAxes: Readonly<Record<string, readonly Axis[]>> = {
  scalar: [],
  perDatum: [b],
  perSample: [b, k],
  bias: [f0],
  data: [b, f0],
  hidden: [b, k, c0],
  other: [l, f1],
  weight: [c0, f0],
  narrow: [f0, f1],
};
export const inputNames = Object.keys(inputAxes);

/** Numbers that pick an operation and its arguments; what they mean depends on the graph so far. */
interface Step {
  readonly choice: number;
  readonly args: readonly [number, number, number];
  readonly axes: number;
}

export interface RandomGraph {
  readonly steps: readonly Step[];
  readonly seed: number;
}

const index = fc.nat({ max: 1_000_000 });
const step: fc.Arbitrary<Step> = fc.record({
  choice: index,
  args: fc.tuple(index, index, index),
  axes: index,
});

export const randomGraph: fc.Arbitrary<RandomGraph> = fc.record({
  steps: fc.array(step, { minLength: 3, maxLength: 14 }),
  seed: fc.nat(),
});

/** Steps up, or equals: their arguments are leaves, so that no rounding decides on which side they fall. */
const jumps: readonly ScalarOp[] = ['sign', 'floor', 'less', 'less_equal', 'equal'];

class Interpreter {
  readonly g = new GraphBuilder('random');
  readonly pool: NodeId[];
  readonly #leaves: readonly NodeId[];

  constructor() {
    const inputs = inputNames.map(name => this.g.input(name, inputAxes[name]!));
    const noise = this.g.noise('normal', 'site', 'model', [b, k, f0]);
    this.#leaves = [...inputs, noise];
    this.pool = [...inputs, noise, this.g.index(k), this.g.constant(0.75), this.g.constant(-1.5)];
  }

  /** Recent nodes for odd numbers, any for even ones: graphs grow deep and stay connected. */
  pick(choice: number): NodeId {
    const span = choice % 2 === 1 ? Math.min(4, this.pool.length) : this.pool.length;
    return this.pool[this.pool.length - 1 - (Math.floor(choice / 2) % span)]!;
  }

  /** Between -1 and 1, so that growth stays in bounds. */
  #bounded(id: NodeId): NodeId {
    return this.g.apply('tanh', id);
  }

  #positive(id: NodeId): NodeId {
    return this.g.apply('add', this.g.apply('softplus', this.#bounded(id)), this.g.constant(0.25));
  }

  /** A leaf off every whole number and off every other leaf. */
  #leaf(choice: number): NodeId {
    const leaf = this.#leaves[choice % this.#leaves.length]!;
    return this.g.apply('add', this.g.apply('multiply', leaf, this.g.constant(1.37)), this.g.constant(0.123));
  }

  /** The operation on arguments inside its domain. */
  scalar(op: ScalarOp, choices: readonly number[]): NodeId {
    if (jumps.includes(op)) {
      const args = choices.map(choice => this.#leaf(choice));
      return this.g.map(op, op === 'sign' || op === 'floor' ? args.slice(0, 1) : args.slice(0, 2));
    }
    const [x, y, z] = choices.map(choice => this.pick(choice)) as [NodeId, NodeId, NodeId];
    switch (op) {
      case 'log':
      case 'sqrt':
        return this.g.apply(op, this.#positive(x));
      case 'log1p':
        return this.g.apply(op, this.#positive(x));
      case 'exp':
      case 'expm1':
      case 'square':
        return this.g.apply(op, this.#bounded(x));
      case 'divide':
        return this.g.apply(op, x, this.#positive(y));
      case 'multiply':
        return this.g.apply(op, this.#bounded(x), y);
      case 'power':
        return this.g.apply(op, this.#positive(x), this.#bounded(y));
      case 'select':
        return this.g.apply(op, this.g.apply('less', this.#leaf(choices[0]!), this.#leaf(choices[1]!)), y, z);
      case 'add':
      case 'subtract':
      case 'minimum':
      case 'maximum':
        return this.g.apply(op, x, y);
      default:
        return this.g.map(op, [x]);
    }
  }

  #some(axes: readonly Axis[], bits: number): readonly Axis[] {
    const chosen = axes.filter((_, i) => (bits >> i) % 2 === 1);
    return chosen.length > 0 ? chosen : axes.slice(0, 1);
  }

  contract({ args, axes }: Step): NodeId {
    const [left, right] = [this.#bounded(this.pick(args[0])), this.pick(args[1])];
    const shared = this.g.axesOf(left).filter(axis => hasAxis(this.g.axesOf(right), axis.name));
    if (shared.length === 0) return this.g.apply('multiply', left, right);
    const over = this.#some(shared, axes);
    return axes % 3 === 0 ? this.g.sumProduct(left, right, [...over, l]) : this.g.contract(left, right, over);
  }

  reduce({ choice, args, axes }: Step): NodeId {
    const arg = this.pick(args[0]);
    const over = this.#some([...this.g.axesOf(arg), k], axes);
    return this.g.reduce(choice % 3 === 0 ? 'max' : 'sum', arg, over);
  }

  rename({ args, axes }: Step): NodeId {
    const arg = this.pick(args[0]);
    const [from, to] = renames[axes % renames.length]!;
    return hasAxis(this.g.axesOf(arg), to) ? arg : this.g.rename(arg, from, to);
  }

  run(step: Step): NodeId {
    const kinds = ['map', 'map', 'map', 'contract', 'reduce', 'rename', 'stop', 'cancel'] as const;
    const kind = kinds[step.choice % kinds.length]!;
    const detail = Math.floor(step.choice / kinds.length);
    switch (kind) {
      case 'map':
        return this.scalar(ops[detail % ops.length]!, step.args);
      case 'contract':
        return this.contract(step);
      case 'reduce':
        return this.reduce({ ...step, choice: detail });
      case 'rename':
        return this.rename(step);
      case 'stop':
        return this.g.stop(this.pick(step.args[0]));
      case 'cancel':
        return this.cancel(detail, step.args);
    }
  }

  /** What the simplifier looks for. */
  cancel(choice: number, args: readonly number[]): NodeId {
    const { g } = this;
    const [x, y] = [this.pick(args[0]!), this.pick(args[1]!)];
    const p = this.#positive(y);
    const forms = [
      () => g.apply('subtract', g.apply('add', x, y), y),
      () => g.apply('divide', g.apply('multiply', x, p), p),
      () => g.apply('log', g.apply('exp', this.#bounded(x))),
      () => g.apply('exp', g.apply('log', p)),
      () => g.apply('log', g.reduce('sum', g.apply('exp', this.#bounded(x)), g.axesOf(x))),
      () => g.apply('log', g.apply('sigmoid', this.#bounded(x))),
      () => g.reduce('sum', g.apply('multiply', this.#bounded(x), y), g.axesOf(y)),
      () => g.reduce('sum', g.apply('subtract', x, y), g.axesOf(x)),
    ];
    return forms[choice % forms.length]!();
  }
}

/** A small graph over all operations, and an objective that depends on its last few nodes. */
export function buildGraph({ steps }: RandomGraph): {
  builder: GraphBuilder;
  objective: NodeId;
  nodes: readonly NodeId[];
} {
  const interpreter = new Interpreter();
  const { g: builder, pool } = interpreter;
  for (const step of steps) pool.push(interpreter.run(step));
  const nodes = pool.slice(-4);
  const parts = nodes.map((node, i) => {
    const bounded = builder.apply('sin', builder.apply('multiply', builder.constant(0.3 + 0.1 * i), node));
    const total = builder.reduce('sum', bounded, builder.axesOf(node));
    return builder.apply('multiply', builder.constant(1 / sizeOf(builder.axesOf(node))), total);
  });
  return { builder, objective: parts.reduce((a, c) => builder.apply('add', a, c)), nodes };
}

/** The same graph with its last nodes as outputs, and the gradient of the objective with respect to each input. */
export function graphWithGradients(description: RandomGraph): Graph {
  const { builder, objective, nodes } = buildGraph(description);
  nodes.forEach((node, i) => {
    builder.output(`node ${i}`, node);
  });
  const gradients = gradient(builder, objective, inputNames);
  inputNames.forEach((name, i) => {
    builder.output(name, gradients[i]!, inputAxes[name]!);
  });
  return builder.build();
}

/** Values for the inputs and noise, in (-1.5, 1.5), the same for the same seed. */
export function randomBindings(seed: number): Bindings & { readonly inputs: Record<string, Float64Array> } {
  const value = (position: number) => {
    const hash = Math.imul((seed ^ Math.imul(position + 1, 0x9e3779b1)) | 0, 0x85ebca6b);
    return (((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32) * 3 - 1.5;
  };
  let position = 0;
  const inputs = Object.fromEntries(
    inputNames.map(name => [
      name,
      Float64Array.from({ length: sizeOf(inputAxes[name]!) }, () => value(position++)),
    ]),
  );
  return {
    inputs,
    noise: (_law, { row, sample, element }) => value(10_000 + 1000 * row + 10 * sample + element),
  };
}
