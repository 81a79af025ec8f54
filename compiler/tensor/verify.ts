import { isScalarOp, scalars } from '../scalar/registry.js';
import { CompilerBug, invariant } from '../support/bug.js';
import {
  axesWithout,
  axisNames,
  compareAxes,
  hasAxis,
  isSubset,
  sameAxes,
  sortAxes,
  unionAxes,
} from './axes.js';
import type { Axis, Graph, Node, Output } from './ir.js';
import { nodeArguments } from './nodes.js';
import { printGraph, printNode } from './print.js';

type AxesOf = (id: number) => readonly Axis[];

/** The axes that a node must have, from its arguments' axes; leaves say their own. */
function expectedAxes(node: Node, axesOf: AxesOf): readonly Axis[] {
  switch (node.op) {
    case 'constant':
    case 'host':
      return [];
    case 'input':
    case 'dataset':
    case 'noise':
      return node.axes;
    case 'index':
      invariant(node.axes.length === 1 && node.axes[0]!.name === node.axis, 'index has exactly its own axis');
      return node.axes;
    case 'map':
      return unionAxes(node.args.map(axesOf));
    case 'contract':
      return axesWithout(unionAxes([axesOf(node.left), axesOf(node.right)]), node.over);
    case 'reduce':
      return axesWithout(axesOf(node.arg), node.over);
    case 'rename':
      return sortAxes(
        axesOf(node.arg).map(axis => (axis.name === node.from ? { ...axis, name: node.to } : axis)),
      );
    case 'stop':
      return axesOf(node.arg);
  }
}

/** What an operation asks of its fields beyond its axes. */
function checkFacts(node: Node, axesOf: AxesOf): void {
  if (node.op === 'constant') invariant(Number.isFinite(node.value), 'a constant is finite');
  if (node.op === 'dataset') invariant(node.axes[0]?.kind === 'datum', 'a data set has a datum axis');
  if (node.op === 'noise' && node.sample !== null) {
    const own = node.axes.filter(axis => axis.kind === 'datum');
    invariant(!node.axes.some(axis => axis.kind === 'sample'), 'noise of one sample has no sample axis');
    invariant(isSubset(axesOf(node.sample), own), 'the number of a sample has the datum axis or none');
  }
  if (node.op === 'map') {
    invariant(isScalarOp(node.scalar), () => `unknown scalar operation ${node.scalar}`);
    invariant(
      node.args.length === scalars[node.scalar].arity,
      () => `wrong number of arguments of ${node.scalar}`,
    );
  }
  if (node.op === 'contract' || node.op === 'reduce') {
    invariant(node.over.length > 0, 'something to reduce over');
    invariant(new Set(node.over).size === node.over.length, 'each axis reduced once');
    for (const arg of nodeArguments(node)) {
      for (const name of node.over)
        invariant(hasAxis(axesOf(arg), name), () => `%${arg} has no axis ${name}`);
    }
  }
  if (node.op === 'rename') {
    invariant(hasAxis(axesOf(node.arg), node.from), () => `%${node.arg} has no axis ${node.from}`);
    invariant(!hasAxis(axesOf(node.arg), node.to), () => `%${node.arg} has an axis ${node.to} already`);
  }
}

function checkAxes(axes: readonly Axis[]): void {
  axes.forEach((axis, i) => {
    invariant(
      Number.isSafeInteger(axis.size) && axis.size > 0,
      () => `axis ${axis.name} has size ${axis.size}`,
    );
    const next = axes[i + 1];
    invariant(
      !next || compareAxes(axis, next) < 0,
      () => `axes out of order or twice: ${axisNames(axes).join(' ')}`,
    );
  });
}

function checkOutput(output: Output, nodes: readonly Node[]): void {
  const node = nodes[output.node];
  invariant(node, () => `output ${output.name} names a node that does not exist`);
  invariant(
    new Set(axisNames(output.axes)).size === output.axes.length,
    () => `output ${output.name} has an axis twice`,
  );
  for (const axis of node.axes) {
    const stored = output.axes.find(candidate => candidate.name === axis.name);
    invariant(
      stored?.size === axis.size,
      () => `output ${output.name} does not store axis ${axis.name}:${axis.size}`,
    );
  }
}

/**
 * Checks every invariant of `ir.ts`: arguments before users, axes as inferred and in canonical order, one layout for each
 * input name, outputs that hold their node's axes. Throws CompilerBug with the graph's text and the node at fault.
 */
export function verifyGraph(graph: Graph): void {
  const axesOf: AxesOf = id => graph.nodes[id]!.axes;
  const inputs = new Map<string, readonly Axis[]>();
  const check = (node: Node, id: number) => {
    for (const arg of nodeArguments(node)) {
      invariant(Number.isInteger(arg) && arg >= 0 && arg < id, () => `argument ${arg} does not come first`);
    }
    checkFacts(node, axesOf);
    checkAxes(node.axes);
    invariant(sameAxes(node.axes, expectedAxes(node, axesOf)), 'axes are not those of the arguments');
    if (node.op !== 'input') return;
    const known = inputs.get(node.name) ?? node.axes;
    invariant(sameAxes(known, node.axes), () => `input ${node.name} has two layouts`);
    inputs.set(node.name, known);
  };
  const guarded = (place: string, run: () => void) => {
    try {
      run();
    } catch (error) {
      if (!(error instanceof CompilerBug)) throw error;
      throw new CompilerBug(`graph ${graph.name}, ${place}: ${error.message}`, printGraph(graph));
    }
  };
  graph.nodes.forEach((node, id) => {
    guarded(printNode(node, id), () => check(node, id));
  });
  const names = new Set<string>();
  for (const output of graph.outputs) {
    guarded(`output ${output.name}`, () => {
      invariant(!names.has(output.name), 'two outputs of one name');
      names.add(output.name);
      checkOutput(output, graph.nodes);
    });
  }
}
