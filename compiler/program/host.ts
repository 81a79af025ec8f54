import { type ScalarOp, scalars } from '../scalar/registry.js';
import type { ClockName, HostFormula } from './ir.js';

/**
 * Value of a host formula in f64. The runtime rounds it to f32 when it writes the frame, so that formulas which lose
 * digits, such as 1 - beta^step, lose them only once.
 */
export function evaluateHostFormula(
  formula: HostFormula,
  clocks: Readonly<Record<ClockName, number>>,
): number {
  switch (formula.kind) {
    case 'constant':
      return formula.value;
    case 'clock':
      return clocks[formula.clock];
    case 'scalar':
      return evaluateScalar(
        formula.op,
        formula.args.map(arg => evaluateHostFormula(arg, clocks)),
      );
  }
}

const evaluateScalar = (op: ScalarOp, args: readonly number[]): number => scalars[op].evaluate(...args);
