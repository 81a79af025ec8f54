import type { BoundExpr, Objective } from '../model/ir.js';
import type { Span } from '../support/source.js';
import { spanText } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import { boundExpr } from './arithmetic.js';
import { boundAmbient, callBound, clocksOnly, type Layers } from './bound.js';
import type { GivenArgument } from './calls.js';
import { chooseEstimator } from './estimator.js';
import { reportUnknown } from './lookup.js';
import { lintObjective } from './objective-lints.js';
import { type Clause, evaluate, noAmbient, report, type Scope, type Session } from './scope.js';
import { isScalar, numberValue } from './value.js';

const clauses = ['value', 'generative', 'recognition'] as const;

/** The objective that `bound iwae(k=50)` chooses, or null where something is wrong, and reported. `k` replaces the argument `k`. */
export function elaborateObjective(
  session: Session,
  choice: ast.BoundStage,
  layers: Layers,
  k: number | undefined,
): Objective | null {
  const call = asCall(choice.value);
  const scope: Scope = { session, names: new Map(), ambient: noAmbient, site: null, axes: null, frame: null };
  if (call === null) {
    if (choice.value.kind !== 'hole')
      report(scope, 'not-a-bound', choice.value.span, { found: spanText(choice.value.span) });
    return null;
  }
  const declaration = session.library.bounds.get(call.callee.name);
  if (declaration === undefined) {
    const { name, span } = call.callee;
    reportUnknownBound(scope, name, span);
    return null;
  }
  const given = overrideK(scope, declaration, evaluateGiven(scope, call), k, call.span);
  const exprs = clauses.map(clause => elaborateClause(scope, declaration, given, call.span, clause, layers));
  const [value, generative, recognition] = exprs;
  if (!value || !generative || !recognition) return null;
  const text = objectiveText(declaration, given, call);
  lintObjective(scope, { value, generative, recognition }, choice.span);
  const formulas = { value, generative, recognition };
  const estimator = choice.estimator && chooseEstimator(scope, choice.estimator, formulas);
  const using = estimator === null ? '' : ` using ${estimator}`;
  return { text: text + using, axes: session.maker.axes.used(), ...formulas, estimator };
}

const evaluateGiven = (scope: Scope, call: ast.Call): readonly GivenArgument[] =>
  call.arguments.map(({ name, value }) => ({
    name,
    value: evaluate(value, { ...scope, ambient: clocksOnly }),
    span: value.span,
  }));

function asCall(value: ast.Expression): ast.Call | null {
  if (value.kind === 'call' && value.axes === null) return value;
  if (value.kind !== 'name') return null;
  const callee = { name: value.name, span: value.span };
  return { kind: 'call', callee, axes: null, arguments: [], span: value.span };
}

function reportUnknownBound(scope: Scope, name: string, span: Span): void {
  reportUnknown(name, span, scope, scope.session.library.bounds.keys());
}

function elaborateClause(
  scope: Scope,
  declaration: ast.Bound,
  given: readonly GivenArgument[],
  call: Span,
  clause: Clause,
  layers: Layers,
): BoundExpr | null {
  const place: Scope = { ...scope, ambient: boundAmbient(layers), axes: { kind: 'bound', open: [], clause } };
  const value = callBound(place, declaration, given, call);
  if (!isScalar(value)) return null;
  const expr = boundExpr(scope.session.maker, value);
  // Every quantity stands inside the reductions whose axes it carries, so nothing is left to carry one.
  return expr.axes.length === 0 ? expr : null;
}

/** The arguments with `k` replaced, for a bound that has a parameter of that name. */
function overrideK(
  scope: Scope,
  declaration: ast.Bound,
  given: readonly GivenArgument[],
  k: number | undefined,
  call: Span,
): readonly GivenArgument[] {
  if (k === undefined) return given;
  const position = declaration.parameters.findIndex(({ name }) => name.name === 'k');
  if (position < 0) {
    const parameters = declaration.parameters.map(({ name }) => name.name);
    report(scope, 'no-such-override', call, { override: 'k', bound: declaration.name.name, parameters });
    return given;
  }
  const isK = ({ name }: GivenArgument, index: number) =>
    name === null ? index === position : name.name === 'k';
  const old = given.findIndex(isK);
  const argument = {
    name: declaration.parameters[position]!.name,
    value: numberValue(k),
    span: given[old]?.span ?? call,
  };
  return old < 0
    ? [...given, argument]
    : given.map((item, index) => (index === old ? { ...argument, name: item.name } : item));
}

/** `iwae(k=50)`: the bound with every argument by name, as it is in effect. */
function objectiveText(declaration: ast.Bound, given: readonly GivenArgument[], call: ast.Call): string {
  const parameters = declaration.parameters.flatMap(({ name, defaultValue }, index) => {
    const argument = given.find(item => item.name?.name === name.name) ?? positional(given, index);
    const text =
      argument?.value.kind === 'number' ? String(argument.value.value) : argument && spanText(argument.span);
    const shown = text ?? (defaultValue === null ? null : spanText(defaultValue.span));
    return shown === null ? [] : [`${name.name}=${shown}`];
  });
  return `${call.callee.name}(${parameters.join(', ')})`;
}

const positional = (given: readonly GivenArgument[], index: number) =>
  given[index]?.name === null ? given[index] : undefined;
