import type { Scalar } from '../../kernel/ir.js';
import { expOfMinusAbs, log } from '../../scalar/lanes.js';
import { accumulate, maskLanes } from './fold.js';
import type { Node } from './nodes.js';
import type { Evaluator } from './scalar.js';

/**
 * A value whose sum is taken: `rest`, and as often as there are arguments ± log(1 + e^-|u|). In the sum these make one
 * logarithm of a product, ± log Π (1 + e^-|u|), where softplus by itself needs one for every term.
 */
export interface LogTerms {
  readonly rest: Scalar;
  readonly sign: 1 | -1;
  readonly arguments: readonly Scalar[];
}

const zero: Scalar = { kind: 'constant', value: 0 };

/** Factors lie in [1, 2]: no product of so many of them overflows. */
const mostFactors = 120;

/** softplus u = max(u, 0) + log(1 + e^-|u|) taken apart where `terms` values are added; null where it is not a summand. */
export function splitLogTerms(value: Scalar, terms: number): LogTerms | null {
  const found: { readonly sign: 1 | -1; readonly argument: Scalar }[] = [];
  const split = (scalar: Scalar, sign: 1 | -1): Scalar => {
    if (scalar.kind !== 'apply') return scalar;
    const { op, args } = scalar;
    if (op === 'softplus') {
      found.push({ sign, argument: args[0]! });
      return { kind: 'apply', op: 'maximum', args: [args[0]!, zero] };
    }
    if (op === 'add') return { ...scalar, args: args.map(arg => split(arg, sign)) };
    if (op === 'subtract') {
      const opposite = sign === 1 ? -1 : 1;
      return { ...scalar, args: [split(args[0]!, sign), split(args[1]!, opposite)] };
    }
    return scalar;
  };
  const rest = split(value, 1);
  const [first, ...others] = found;
  if (first === undefined || others.some(({ sign }) => sign !== first.sign)) return null;
  if (found.length * terms > mostFactors) return null;
  return { rest, sign: first.sign, arguments: found.map(({ argument }) => argument) };
}

/** Π (1 + e^-|u|), factor by factor. */
export interface LogProduct {
  readonly multiply: (argument: Node, lanes: number) => void;
  /** The logarithm of what has been multiplied up to here. */
  readonly log: () => Node;
}

export function logProduct(evaluator: Evaluator): LogProduct {
  const { lanes: algebra } = evaluator;
  const product = accumulate(evaluator, 1, (total, t) => `(f32x4.relaxed_madd ${total} ${t} ${total})`);
  return {
    multiply: (argument, lanes) =>
      product.add(maskLanes(evaluator, expOfMinusAbs(algebra, argument), lanes, 0)),
    log: () => log(algebra, product.value()),
  };
}
