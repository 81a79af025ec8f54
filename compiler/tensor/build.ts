import type { Algebra } from '../scalar/algebra.js';
import { type ScalarOp, scalars } from '../scalar/registry.js';
import { CompilerBug, invariant } from '../support/bug.js';
import {
  axesWithout,
  axisNames,
  compareAxes,
  hasAxis,
  isSubset,
  sizeOf,
  sortAxes,
  unionAxes,
} from './axes.js';
import type { Axis, Graph, HostScalar, Node, NodeId, Output } from './ir.js';

/** Identity of a node: what it is, without its inferred axes where the arguments already say them. */
function keyOf(node: Node): string {
  const { axes, ...facts } = node;
  const isLeaf = !('arg' in facts || 'args' in facts || 'left' in facts);
  return JSON.stringify(isLeaf ? [facts, axes] : facts);
}

/**
 * Builds a graph node by node, inferring axes. The same operation on the same arguments is the same node, so equal
 * subexpressions are shared without a search. Scalar operations on constants are folded; whatever else makes a graph
 * smaller is a rule of the `simplify` pass.
 *
 * Every method throws CompilerBug where its arguments do not fit (a name with two sizes, a missing axis, wrong arity).
 */
export class GraphBuilder implements Algebra<NodeId> {
  readonly name: string;
  readonly #nodes: Node[] = [];
  readonly #byKey = new Map<string, NodeId>();
  readonly #outputs: Output[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  node(id: NodeId): Node {
    const node = this.#nodes[id];
    invariant(node, () => `graph ${this.name} has no node ${id}`);
    return node;
  }

  axesOf(id: NodeId): readonly Axis[] {
    return this.node(id).axes;
  }

  constant(value: number): NodeId {
    invariant(Number.isFinite(value), () => `constant ${value} is not finite`);
    return this.intern({ op: 'constant', axes: [], value: value === 0 ? 0 : value });
  }

  input(name: string, axes: readonly Axis[]): NodeId {
    return this.intern({ op: 'input', axes: canonical(axes), name });
  }

  host(value: HostScalar): NodeId {
    return value.kind === 'constant'
      ? this.constant(value.value)
      : this.intern({ op: 'host', axes: [], value });
  }

  dataset(name: string, axes: readonly Axis[]): NodeId {
    return this.intern({ op: 'dataset', axes: canonical(axes), name });
  }

  /** `sample`: the number of the sample that this is the noise of, where `axes` do not count samples. */
  noise(
    law: 'normal' | 'uniform',
    stream: string,
    clock: 'model' | 'data',
    axes: readonly Axis[],
    sample: NodeId | null = null,
  ): NodeId {
    return this.intern({ op: 'noise', axes: canonical(axes), law, stream, clock, sample });
  }

  /** The position along `axis`, 0 first. */
  index(axis: Axis): NodeId {
    return this.intern({ op: 'index', axes: [axis], axis: axis.name });
  }

  apply(op: ScalarOp, ...args: readonly NodeId[]): NodeId {
    return this.map(op, args);
  }

  map(op: ScalarOp, args: readonly NodeId[]): NodeId {
    const { arity, evaluate } = scalars[op];
    invariant(args.length === arity, () => `${op} takes ${arity} arguments, not ${args.length}`);
    const values = args.map(arg => this.constantValue(arg));
    if (values.every(value => value !== null)) {
      const value = evaluate(...values);
      // A value that a device cannot hold stays an operation.
      if (Number.isFinite(Math.fround(value))) return this.constant(value);
    }
    return this.intern({ op: 'map', axes: unionAxes(args.map(arg => this.axesOf(arg))), scalar: op, args });
  }

  /** Σ left · right over axes that both have: the node as such. `sumProduct` is the one that chooses a form. */
  contract(left: NodeId, right: NodeId, over: readonly Axis[]): NodeId {
    const [leftAxes, rightAxes] = [this.axesOf(left), this.axesOf(right)];
    const names = axisNames(unionAxes([over]));
    invariant(names.length > 0, 'contraction over no axis');
    for (const name of names) {
      invariant(
        hasAxis(leftAxes, name) && hasAxis(rightAxes, name),
        () => `contraction over ${name}, which an argument lacks`,
      );
    }
    return this.intern({
      op: 'contract',
      axes: axesWithout(unionAxes([leftAxes, rightAxes]), names),
      left,
      right,
      over: names,
    });
  }

  /** Along an axis that `arg` lacks it is constant: a sum multiplies by the axis's size, a maximum is itself. */
  reduce(combine: 'sum' | 'max', arg: NodeId, over: readonly Axis[]): NodeId {
    const axes = this.axesOf(arg);
    const all = unionAxes([over]);
    const names = axisNames(all.filter(axis => hasAxis(axes, axis.name)));
    const copies = sizeOf(all.filter(axis => !hasAxis(axes, axis.name)));
    const reduced =
      names.length === 0
        ? arg
        : this.intern({ op: 'reduce', axes: axesWithout(axes, names), combine, arg, over: names });
    return combine === 'max' || copies === 1
      ? reduced
      : this.apply('multiply', this.constant(copies), reduced);
  }

  /**
   * Σ left · right over axes that either may lack, without expanding what does not depend on them: a matrix product
   * becomes `contract`, anything else a product and a `reduce`.
   */
  sumProduct(left: NodeId, right: NodeId, axes: readonly Axis[]): NodeId {
    const over = unionAxes([axes]);
    const [leftAxes, rightAxes] = [this.axesOf(left), this.axesOf(right)];
    const inLeft = over.filter(axis => hasAxis(leftAxes, axis.name));
    const inRight = over.filter(axis => hasAxis(rightAxes, axis.name));
    const shared = inLeft.filter(axis => hasAxis(rightAxes, axis.name));
    const absent = over.filter(axis => !inLeft.includes(axis) && !inRight.includes(axis));
    if (absent.length > 0) {
      const product = this.sumProduct(left, right, axesWithout(over, axisNames(absent)));
      return this.reduce('sum', product, absent);
    }
    if (inLeft.length === 0) return this.apply('multiply', left, this.reduce('sum', right, over));
    if (inRight.length === 0) return this.apply('multiply', this.reduce('sum', left, over), right);
    if (isSubset(leftAxes, rightAxes) || isSubset(rightAxes, leftAxes)) {
      return this.reduce('sum', this.apply('multiply', left, right), over);
    }
    const narrowLeft = this.reduce('sum', left, axesWithout(inLeft, axisNames(shared)));
    const narrowRight = this.reduce('sum', right, axesWithout(inRight, axisNames(shared)));
    if (shared.length === 0) return this.apply('multiply', narrowLeft, narrowRight);
    return this.isMatrixProduct(narrowLeft, narrowRight, shared)
      ? this.contract(narrowLeft, narrowRight, shared)
      : this.reduce('sum', this.apply('multiply', narrowLeft, narrowRight), shared);
  }

  /** Both share exactly the axes summed over, and each has others. */
  isMatrixProduct(left: NodeId, right: NodeId, over: readonly Axis[]): boolean {
    const [leftAxes, rightAxes] = [this.axesOf(left), this.axesOf(right)];
    const shared = leftAxes.filter(axis => hasAxis(rightAxes, axis.name));
    return (
      shared.length === over.length &&
      isSubset(over, shared) &&
      leftAxes.length > over.length &&
      rightAxes.length > over.length
    );
  }

  /** An argument without the axis `from` is itself. */
  rename(arg: NodeId, from: string, to: string): NodeId {
    const axes = this.axesOf(arg);
    const axis = axes.find(candidate => candidate.name === from);
    if (axis === undefined || from === to) return arg;
    invariant(!hasAxis(axes, to), () => `rename of ${from} to ${to}, which is there already`);
    const renamed = sortAxes([...axesWithout(axes, [from]), { ...axis, name: to }]);
    return this.intern({ op: 'rename', axes: renamed, arg, from, to });
  }

  stop(arg: NodeId): NodeId {
    return this.intern({ op: 'stop', axes: this.axesOf(arg), arg });
  }

  /** Asks for a node's value under `name`, laid out along `axes` (its own, unless given). */
  output(name: string, node: NodeId, axes: readonly Axis[] = this.axesOf(node)): void {
    if (this.#outputs.some(output => output.name === name))
      throw new CompilerBug(`two outputs named ${name}`);
    this.#outputs.push({ name, node, axes });
  }

  build(): Graph {
    return { name: this.name, nodes: [...this.#nodes], outputs: [...this.#outputs] };
  }

  /** The value of a constant node, else null. */
  constantValue(id: NodeId): number | null {
    const node = this.node(id);
    return node.op === 'constant' ? node.value : null;
  }

  /** Every node passes here: the one that is already there, or a new one. */
  protected intern(node: Node): NodeId {
    const key = keyOf(node);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const id = this.#nodes.push(node) - 1;
    this.#byKey.set(key, id);
    return id;
  }
}

/** Leaves say the layout of memory, so a list in another order is a mistake and not a wish. */
function canonical(axes: readonly Axis[]): readonly Axis[] {
  for (let i = 1; i < axes.length; i++) {
    invariant(
      compareAxes(axes[i - 1]!, axes[i]!) < 0,
      () => `axes [${axisNames(axes).join(', ')}] are not in canonical order`,
    );
  }
  return axes.map(({ name, kind, size }) => ({ name, kind, size }));
}
