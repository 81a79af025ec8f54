import type { Axis, Graph, HostScalar, Node, NodeId } from './ir.js';

const axesText = (axes: readonly Axis[]) => `[${axes.map(axis => `${axis.name}:${axis.size}`).join(' ')}]`;

const reference = (id: NodeId) => `%${id}`;

export function printHostScalar(value: HostScalar): string {
  switch (value.kind) {
    case 'constant':
      return String(value.value);
    case 'clock':
      return value.clock;
    case 'scalar':
      return `${value.op}(${value.args.map(printHostScalar).join(', ')})`;
  }
}

/** What a node computes; `show` says how its arguments are written, null: not at all. */
export function operationText(node: Node, show: (id: NodeId) => string | null): string {
  const words = (...parts: readonly (string | null)[]) => parts.filter(part => part !== null).join(' ');
  switch (node.op) {
    case 'constant':
      return String(node.value);
    case 'input':
    case 'dataset':
      return `${node.op} ${node.name}`;
    case 'host':
      return `host ${printHostScalar(node.value)}`;
    case 'noise': {
      const sample = node.sample === null ? null : show(node.sample);
      const of = sample === null ? null : `of sample ${sample}`;
      return words(`noise ${node.law} ${node.stream} (${node.clock} clock)`, of);
    }
    case 'index':
      return `index ${node.axis}`;
    case 'map':
      return words(node.scalar, ...node.args.map(show));
    case 'contract':
      return words('contract', show(node.left), show(node.right), 'over', ...node.over);
    case 'reduce':
      return words(node.combine, show(node.arg), 'over', ...node.over);
    case 'rename':
      return words('rename', show(node.arg), `${node.from} -> ${node.to}`);
    case 'stop':
      return words('stop', show(node.arg));
  }
}

/** One line: `%12 [b:20 k:5 f0:200] tanh %11`. */
export const printNode = (node: Node, id: NodeId): string =>
  `${reference(id)} ${axesText(node.axes)} ${operationText(node, reference)}`;

/** The graph as text, one node a line, then its outputs. */
export function printGraph(graph: Graph): string {
  const nodes = graph.nodes.map((node, id) => `  ${printNode(node, id)}`);
  const outputs = graph.outputs.map(
    output => `  output ${output.name} ${axesText(output.axes)} = ${reference(output.node)}`,
  );
  return [`graph ${graph.name}`, ...nodes, ...outputs, ''].join('\n');
}
