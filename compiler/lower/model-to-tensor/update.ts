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
  const { optimizer } = training;
  const lower = updateLowering(builder, axis, training);
  const outputs = [
    { name: 'parameters', node: lower(optimizer.parameter) },
    ...optimizer.states.map(state => ({ name: stateName(state.name), node: lower(state.next) })),
  ];
  for (const { name, node } of outputs) builder.output(name, node, [axis]);
  return builder.build();
}

function updateLowering(
  builder: GraphBuilder,
  axis: Axis,
  { schedule: { rate }, clipping }: Training,
): (expr: UpdateExpr) => NodeId {
  const operands = {
    parameter: () => builder.input('parameters', [axis]),
    gradient: () => clipped(builder, axis, clipping, builder.input('gradients', [axis])),
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

/**
 * g becomes g c / max(size, c). By value, size is |g| of each element, so that none exceeds c; by norm, it is that of the
 * whole gradient, and the direction stays: Pascanu et al. (2013), algorithm 1. The product carries a NaN of the gradient
 * on, where `min` and `max` of WGSL may swallow it.
 *
 * In f32 the square of an element above 1.8e19 is infinite. So everything is divided by s = max(max_i |g_i|, c) first, as
 * in Blue (1978), A portable Fortran program to find the Euclidean norm of a vector: https://doi.org/10.1145/355769.355771.
 * With r = norm(g / s), at most sqrt(size of g), and q = c / s, the factor is q / max(r, q); it is 1 where g is short.
 */
function clipped(
  builder: GraphBuilder,
  axis: Axis,
  clipping: Training['clipping'],
  gradient: NodeId,
): NodeId {
  if (clipping === null) return gradient;
  const limit = builder.constant(clipping.limit);
  const sizes = builder.apply('abs', gradient);
  const shorten = (size: NodeId, most: NodeId) =>
    builder.apply('multiply', gradient, builder.apply('divide', most, builder.apply('maximum', size, most)));
  if (clipping.by === 'value') return shorten(sizes, limit);
  const scale = builder.apply('maximum', builder.reduce('max', sizes, [axis]), limit);
  const scaled = builder.apply('divide', gradient, scale);
  return shorten(norm(builder, axis, scaled), builder.apply('divide', limit, scale));
}

function norm(builder: GraphBuilder, axis: Axis, vector: NodeId): NodeId {
  const squares = builder.apply('multiply', vector, vector);
  return builder.apply('sqrt', builder.reduce('sum', squares, [axis]));
}

const hostScalar = (expr: HostExpr): HostScalar =>
  expr.kind === 'scalar' ? { ...expr, args: expr.args.map(hostScalar) } : expr;
