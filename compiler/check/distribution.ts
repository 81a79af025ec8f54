import { suggest } from '../diagnostics/index.js';
import type { ElementType, Expr, NoiseLaw } from '../model/ir.js';
import { invariant } from '../support/bug.js';
import type * as ast from '../syntax/ast.js';
import { elementRanges, isElementType, makeRange } from './range.js';
import { bodyScope, evaluate, report, type Scope } from './scope.js';
import { type DistributionValue, failed, sameShape, shapeText, tensorValue, type Value } from './value.js';

/** The formulas of a distribution, and what each may be called with. */
export const formulaNames = ['sample', 'log_prob', 'mean', 'kl'] as const;
type FormulaName = (typeof formulaNames)[number];

const noiseRanges: Readonly<Record<NoiseLaw, ReturnType<typeof makeRange>>> = {
  normal: elementRanges.real,
  uniform: makeRange(0, 1, true, true),
};
const noiseLaws = Object.keys(noiseRanges) as readonly NoiseLaw[];
export const isNoiseLaw = (name: string): name is NoiseLaw => Object.hasOwn(noiseRanges, name);

/** What is wrong with a distribution's members, whatever its arguments; reported at the declaration. */
export function checkDistribution(scope: Scope, declaration: ast.Distribution): void {
  const what = `the distribution \`${declaration.name.name}\``;
  const seen = new Set<string>();
  for (const member of declaration.members) {
    const name = member.kind === 'support' ? 'support' : member.name.name;
    if (member.kind !== 'support') checkMember(scope, member, declaration, what);
    if (member.kind === 'support') checkSupport(scope, member.type);
    if (seen.has(name)) report(scope, 'duplicate-member', member.span, { member: name, of: what });
    seen.add(name);
  }
  for (const member of ['support', 'sample', 'log_prob']) {
    if (!seen.has(member)) report(scope, 'missing-member', declaration.name.span, { member, of: what });
  }
}

function checkMember(
  scope: Scope,
  member: Exclude<ast.DistributionMember, { kind: 'support' }>,
  declaration: ast.Distribution,
  what: string,
): void {
  if (member.kind === 'noise') {
    const { name, span } = member.law;
    if (isNoiseLaw(name)) return;
    report(scope, 'unknown-noise', span, {
      name,
      suggestion: suggest(name, noiseLaws),
      known: [...noiseLaws],
    });
    return;
  }
  const { name, span } = member.name;
  if (!(formulaNames as readonly string[]).includes(name)) {
    const known = ['support', 'noise', ...formulaNames];
    report(scope, 'unknown-member', span, { name, of: what, suggestion: suggest(name, known), known });
    return;
  }
  const expected = name === 'log_prob' ? 1 : name === 'kl' ? declaration.parameters.length : 0;
  if (member.parameters.length !== expected) {
    report(scope, 'formula-parameters', span, { name, found: member.parameters.length, expected });
  }
}

function checkSupport(scope: Scope, type: ast.TypeExpression): void {
  const { name, span } = type.name;
  if (isElementType(name)) return;
  const known = Object.keys(elementRanges);
  report(scope, 'unknown-type', span, { name, suggestion: suggest(name, known), known });
}

export function supportOf(declaration: ast.Distribution): ElementType | null {
  const member = declaration.members.find(candidate => candidate.kind === 'support');
  const name = member?.kind === 'support' ? member.type.name.name : '';
  return isElementType(name) ? name : null;
}

const formulaOf = (declaration: ast.Distribution, name: FormulaName) => {
  const member = declaration.members.find(
    candidate => candidate.kind === 'formula' && candidate.name.name === name,
  );
  return member?.kind === 'formula' ? member : null;
};

const memberScope = (scope: Scope, value: DistributionValue): Scope => {
  invariant(value.frame, 'a distribution without a call');
  return bodyScope(scope, value.frame, new Map(value.arguments));
};

/** One draw, from noise that is called `site`. */
export function drawSample(scope: Scope, value: DistributionValue, site: string): Value {
  const formula = formulaOf(value.declaration, 'sample');
  if (formula === null) return failed;
  const inner = memberScope(scope, value);
  const noises = value.declaration.members.filter(member => member.kind === 'noise');
  for (const [index, { name, law }] of noises.entries()) {
    const own = index === 0 ? site : `${site}.${name.name}`;
    inner.names.set(name.name, isNoiseLaw(law.name) ? noiseValue(scope, law.name, own, value.shape) : failed);
  }
  const sample = evaluate(formula.value, inner);
  return checkShape(inner, value, 'sample', formula.value, sample, true);
}

const noiseValue = (scope: Scope, law: NoiseLaw, site: string, shape: readonly number[]): Value =>
  tensorValue(scope.session.maker.intern<Expr>({ kind: 'noise', shape, law, site }), noiseRanges[law]);

/** log p of `variable`, elementwise. */
export function logDensity(scope: Scope, value: DistributionValue, variable: Value): Value {
  const formula = formulaOf(value.declaration, 'log_prob');
  if (formula === null) return failed;
  const inner = memberScope(scope, value);
  const parameter = formula.parameters[0];
  if (parameter !== undefined) inner.names.set(parameter.name, variable);
  return checkShape(inner, value, 'log_prob', formula.value, evaluate(formula.value, inner), true);
}

/** The distribution's mean, or null where it gives none. */
export function meanOf(scope: Scope, value: DistributionValue): Value | null {
  const formula = formulaOf(value.declaration, 'mean');
  if (formula === null) return null;
  const inner = memberScope(scope, value);
  return checkShape(inner, value, 'mean', formula.value, evaluate(formula.value, inner), false);
}

export const hasDivergence = (declaration: ast.Distribution): boolean =>
  formulaOf(declaration, 'kl') !== null;

/** KL(value ‖ other) of two of one distribution, elementwise: its formula names the other's arguments, in order. */
export function divergenceOf(scope: Scope, value: DistributionValue, other: DistributionValue): Value {
  const formula = formulaOf(value.declaration, 'kl');
  if (formula === null) return failed;
  const inner = memberScope(scope, value);
  for (const [index, { name }] of formula.parameters.entries()) {
    const parameter = other.declaration.parameters[index]?.name.name;
    inner.names.set(name, (parameter === undefined ? undefined : other.arguments.get(parameter)) ?? failed);
  }
  return checkShape(inner, value, 'kl', formula.value, evaluate(formula.value, inner), false);
}

/** Formulas are elementwise; only a mean or a divergence may be one number for all elements. */
function checkShape(
  scope: Scope,
  distribution: DistributionValue,
  name: FormulaName,
  written: ast.Expression,
  value: Value,
  exact: boolean,
): Value {
  if (value.kind === 'failed') return failed;
  if (value.kind === 'number' && !exact) return value;
  const shape = value.kind === 'tensor' ? value.expr.shape : null;
  const fits = shape !== null && (sameShape(shape, distribution.shape) || (!exact && shape.length === 0));
  if (fits) return value;
  const found = shape === null || shape.length === 0 ? 'one number' : shapeText(shape);
  const expected = shapeText(distribution.shape) || 'one number';
  report(scope, 'formula-shape', written.span, {
    name,
    distribution: distribution.declaration.name.name,
    found,
    expected,
  });
  return failed;
}
