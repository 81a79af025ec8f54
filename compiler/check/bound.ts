import { suggest } from '../diagnostics/index.js';
import { type BoundExpr, type QuantityName, quantityNames } from '../model/ir.js';
import type { Span } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import { bindArguments, type GivenArgument } from './calls.js';
import { type Frame, isInlining, namesFrom } from './frame.js';
import { reportRecursion } from './functions.js';
import { anyReal, makeRange } from './range.js';
import { type Ambient, bodyScope, type Clause, evaluate, report, type Scope } from './scope.js';
import { describe, failed, isScalar, type Value } from './value.js';

/** Scalars of the run that formulas may depend on: `epoch` from 0, `step` from 1. */
export const clockRanges = {
  epoch: makeRange(0, Infinity, false, false, true),
  step: makeRange(1, Infinity, false, false, true),
} as const;
export type Clock = keyof typeof clockRanges;
export const clockNames = Object.keys(clockRanges) as readonly Clock[];
export const isClock = (name: string): name is Clock => Object.hasOwn(clockRanges, name);

const isQuantity = (name: string): name is QuantityName =>
  (quantityNames as readonly string[]).includes(name);

/** Quantities that have a value for each layer, and which factors those are. */
const layered: Partial<Record<QuantityName, 'latent' | 'data'>> = {
  log_lik: 'data',
  log_prior: 'latent',
  log_q: 'latent',
  kl: 'latent',
};

/** The layers that a bound can name. */
export interface Layers {
  readonly latent: readonly string[];
  readonly data: readonly string[];
}

/** What a bound's formula sees: quantities, each with exactly the sample axes of the reductions around it, and clocks. */
export function boundAmbient(layers: Layers | null): Ambient {
  return {
    names: [...quantityNames, ...clockNames],
    lookup: (name, scope, span) => {
      if (isClock(name)) return clockValue(scope, name);
      return isQuantity(name) ? quantityValue(scope, name, null, span) : null;
    },
    indexed: (name, indices, scope, span) => {
      if (!isQuantity(name)) return null;
      const kind = layered[name];
      const [index] = indices;
      if (kind === undefined || index === undefined || indices.length > 1 || index.kind !== 'name') {
        report(scope, 'not-per-layer', span, { quantity: name, layered: Object.keys(layered) });
        return failed;
      }
      const known = layers?.[kind];
      if (known === undefined || known.includes(index.name))
        return quantityValue(scope, name, index.name, span);
      const facts = { quantity: name, layer: index.name, suggestion: suggest(index.name, known), known };
      report(scope, 'unknown-layer', index.span, facts);
      return failed;
    },
  };
}

/** What the arguments of a model's bound see beside numbers: `bound beta(k=1, beta=ramp(epoch, 0, 50))`. */
export const clocksOnly: Ambient = {
  names: clockNames,
  lookup: (name, scope) => (isClock(name) ? clockValue(scope, name) : null),
};

export function clockValue({ session }: Scope, clock: Clock): Extract<Value, { kind: 'bound' }> {
  const expr = session.maker.intern<BoundExpr>({ kind: 'clock', axes: [], clock });
  return { kind: 'bound', expr, range: clockRanges[clock] };
}

function quantityValue(scope: Scope, name: QuantityName, layer: string | null, span: Span): Value {
  const open = scope.axes?.kind === 'bound' ? scope.axes.open : [];
  if (open.length === 0) {
    report(scope, 'quantity-not-reduced', span, { quantity: name });
    return failed;
  }
  const { maker } = scope.session;
  const axes = maker.axes.join(open.map(axis => axis.id));
  return {
    kind: 'bound',
    expr: maker.intern<BoundExpr>({ kind: 'quantity', axes, name, layer }),
    range: anyReal,
  };
}

/** One clause of a bound, inlined for these arguments. The axes of the reductions around the call stay open inside. */
export function callBound(
  scope: Scope,
  declaration: ast.Bound,
  given: readonly GivenArgument[],
  call: Span,
): Value {
  const { name } = declaration.name;
  const frame: Frame = { what: 'the bound', name, declaration, call, parent: scope.frame };
  if (isInlining(scope.frame, declaration)) {
    return reportRecursion(scope, declaration.name, [...namesFrom(scope.frame, declaration), name], call);
  }
  const inner = bodyScope(scope, frame, new Map(), { ambient: scope.ambient, axes: scope.axes });
  bindArguments(scope, { name, parameters: declaration.parameters }, given, call, inner, frame);
  const wanted: Clause = scope.axes?.kind === 'bound' ? scope.axes.clause : 'value';
  const clause = declaration.clauses.find(({ role }) => role === wanted || role === 'all');
  // A clause that is missing is reported with the declaration.
  if (clause === undefined) return failed;
  return asFormula(inner, evaluate(clause.value, inner), clause.value.span);
}

function asFormula(scope: Scope, value: Value, span: Span): Value {
  if (value.kind === 'failed' || isScalar(value)) return value;
  report(scope, 'type-mismatch', span, {
    what: 'the formula of a bound',
    found: describe(value),
    expected: 'one number for each datum',
    hint: null,
  });
  return failed;
}

/** A bound gives one formula, or one for each clause. */
export function checkClauses(scope: Scope, declaration: ast.Bound): void {
  const roles = declaration.clauses.map(clause => clause.role);
  const of = `the bound \`${declaration.name.name}\``;
  for (const [index, clause] of declaration.clauses.entries()) {
    if (roles.indexOf(clause.role) < index)
      report(scope, 'duplicate-member', clause.span, { member: clause.role, of });
  }
  if (roles.includes('all')) return;
  for (const member of ['value', 'generative', 'recognition'] as const) {
    if (!roles.includes(member)) report(scope, 'missing-member', declaration.name.span, { member, of });
  }
}
