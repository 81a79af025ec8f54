import type { UpdateExpr } from '../../../compiler/model/index.js';
import { scalars } from '../../../compiler/scalar/registry.js';

/** The value of a formula of the run for these clocks, operands and states. */
export function evaluateHost(expr: UpdateExpr, run: Readonly<Record<string, number>>): number {
  switch (expr.kind) {
    case 'constant':
      return expr.value;
    case 'clock':
      return run[expr.clock]!;
    case 'operand':
      return run[expr.operand]!;
    case 'state':
      return run[expr.name]!;
    case 'scalar':
      return scalars[expr.op].evaluate(...expr.args.map(arg => evaluateHost(arg, run)));
  }
}
