import type { HostExpr, Training, UpdateExpr } from '../../model/ir.js';
import { unreachable } from '../../support/bug.js';
import { GraphBuilder } from '../../tensor/build.js';
import type { Axis, Graph, HostScalar, NodeId } from '../../tensor/ir.js';

export const stateName = (name: string) => `state.${name}`;

/**
 * One optimizer step for all parameters at once: they lie in one flat array, and so do gradients and states. Every
 * output has the name of the array it replaces.
 */
export function updateGraph(training: Training, parameterCount: number): Graph {
  const builder = new GraphBuilder('update');
  const axis: Axis = { name: 'f0', kind: 'feature', size: parameterCount };
  const { optimizer, schedule } = training;
  const lower = updateLowering(builder, axis, schedule.rate);
  const outputs = [
    { name: 'parameters', node: lower(optimizer.parameter) },
    ...optimizer.states.map(state => ({ name: stateName(state.name), node: lower(state.next) })),
  ];
  for (const { name, node } of outputs) builder.output(name, node, [axis]);
  return builder.build();
}

function updateLowering(builder: GraphBuilder, axis: Axis, rate: HostExpr): (expr: UpdateExpr) => NodeId {
  const operands = {
    parameter: () => builder.input('parameters', [axis]),
    gradient: () => builder.input('gradients', [axis]),
    rate: () => builder.host(hostScalar(rate)),
  };
  const lowered = new Map<UpdateExpr, NodeId>();
  const lower = (expr: UpdateExpr): NodeId => {
    const known = lowered.get(expr);
    if (known !== undefined) return known;
    const node = lowerNode(expr);
    lowered.set(expr, node);
    return node;
  };
  const lowerNode = (expr: UpdateExpr): NodeId => {
    switch (expr.kind) {
      case 'constant':
        return builder.constant(expr.value);
      case 'clock':
        return builder.host(expr);
      case 'operand':
        return operands[expr.operand]();
      case 'state':
        return builder.input(stateName(expr.name), [axis]);
      case 'scalar':
        return builder.apply(expr.op, ...expr.args.map(lower));
      default:
        return unreachable(expr, 'update expression');
    }
  };
  return lower;
}

const hostScalar = (expr: HostExpr): HostScalar =>
  expr.kind === 'scalar' ? { ...expr, args: expr.args.map(hostScalar) } : expr;
