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

function operationText(node: Node): string {
  switch (node.op) {
    case 'constant':
      return String(node.value);
    case 'input':
    case 'dataset':
      return `${node.op} ${node.name}`;
    case 'host':
      return `host ${printHostScalar(node.value)}`;
    case 'noise':
      return [
        `noise ${node.law} ${node.stream} (${node.clock} clock)`,
        ...(node.sample === null ? [] : [`of sample ${reference(node.sample)}`]),
      ].join(' ');
    case 'index':
      return `index ${node.axis}`;
    case 'map':
      return [node.scalar, ...node.args.map(reference)].join(' ');
    case 'contract':
      return `contract ${reference(node.left)} ${reference(node.right)} over ${node.over.join(' ')}`;
    case 'reduce':
      return `${node.combine} ${reference(node.arg)} over ${node.over.join(' ')}`;
    case 'rename':
      return `rename ${reference(node.arg)} ${node.from} -> ${node.to}`;
    case 'stop':
      return `stop ${reference(node.arg)}`;
  }
}

/** One line: `%12 [b:20 k:5 f0:200] tanh %11`. */
export const printNode = (node: Node, id: NodeId): string =>
  `${reference(id)} ${axesText(node.axes)} ${operationText(node)}`;

/** The graph as text, one node a line, then its outputs. */
export function printGraph(graph: Graph): string {
  const nodes = graph.nodes.map((node, id) => `  ${printNode(node, id)}`);
  const outputs = graph.outputs.map(
    output => `  output ${output.name} ${axesText(output.axes)} = ${reference(output.node)}`,
  );
  return [`graph ${graph.name}`, ...nodes, ...outputs, ''].join('\n');
}
