import type { DataVariable, ElementType, Expr, Factor, Role } from '../model/ir.js';
import type { ScalarOp } from '../scalar/registry.js';
import type { Span } from '../support/source.js';
import { tensorExpr } from './arithmetic.js';
import { drawSample, logDensity, meanOf, supportOf } from './distribution.js';
import { someNode } from './expression.js';
import { contains, elementRanges, isDiscrete } from './range.js';
import { report, type Scope } from './scope.js';
import { type DistributionValue, isScalar, sameShape, tensorValue, type Value } from './value.js';

interface Draw {
  readonly name: string;
  readonly span: Span;
  /** The distribution's text. */
  readonly written: Span;
}

/** Step functions: where noise goes through one, the draw does not change smoothly with the parameters. */
const steps: ReadonlySet<ScalarOp> = new Set(['less', 'less_equal', 'equal', 'floor', 'sign']);

/** The factor of `draw`, and the variable that it gives to later statements; null where something is wrong, and reported. */
export function makeFactor(
  scope: Scope,
  draw: Draw,
  role: Role,
  distribution: DistributionValue,
): { readonly factor: Factor | null; readonly variable: Value } | null {
  const data = scope.session.model.data.get(draw.name);
  const support = supportOf(distribution.declaration);
  const unknownData = data === undefined && scope.session.model.dataSpans.has(draw.name);
  if (support === null || unknownData) return null;
  const fits = data === undefined || checkLikelihood(scope, draw, data, distribution, support);
  const { name } = draw;
  const shape = data?.shape ?? distribution.shape;
  const element = data?.element ?? support;
  const variable = tensorValue(
    scope.session.maker.intern<Expr>({ kind: 'variable', shape, name }),
    elementRanges[element],
  );
  const factor = fits
    ? elaborateFactor(scope, draw, role, { ...distribution, shape }, support, variable)
    : null;
  return { factor, variable };
}

function elaborateFactor(
  scope: Scope,
  { name, span, written }: Draw,
  role: Role,
  distribution: DistributionValue,
  support: ElementType,
  variable: Value,
): Factor | null {
  const site = `${role === 'recognition' ? 'q' : 'p'}.${name}`;
  const sample = exprOf(scope, drawSample(scope, distribution, site));
  const logProb = exprOf(scope, logDensity(scope, distribution, variable));
  const meanValue = meanOf(scope, distribution);
  const mean = meanValue === null ? null : exprOf(scope, meanValue);
  if (sample === null || logProb === null || (mean === null && meanValue !== null)) return null;
  if (hasStatistic(sample) || hasStatistic(logProb)) {
    report(scope, 'statistic-outside-initialiser', written, { name });
    return null;
  }
  const reparameterised = !isDiscrete(support) && !throughStep(sample, site);
  return {
    variable: name,
    kind: scope.session.model.data.has(name) ? 'data' : 'latent',
    role,
    distribution: distribution.declaration.name.name,
    shape: distribution.shape,
    support,
    reparameterised,
    sample,
    logProb,
    mean,
    kl: null,
    span,
  };
}

const exprOf = (scope: Scope, value: Value): Expr | null =>
  isScalar(value) ? tensorExpr(scope.session.maker, value) : null;

const hasStatistic = (expr: Expr) => someNode(expr, node => node.kind === 'statistic');

const throughStep = (sample: Expr, site: string): boolean => {
  const isOwnNoise = (node: Expr) =>
    node.kind === 'noise' && (node.site === site || node.site.startsWith(`${site}.`));
  return someNode(sample, node => node.kind === 'scalar' && steps.has(node.op) && someNode(node, isOwnNoise));
};

/** A likelihood is a density of data of just this shape and type. */
function checkLikelihood(
  scope: Scope,
  { name, written }: Draw,
  data: DataVariable,
  { shape, declaration }: DistributionValue,
  support: ElementType,
): boolean {
  if (!sameShape(shape, data.shape)) {
    report(scope, 'likelihood-shape', written, {
      name,
      distribution: declaration.name.name,
      found: shape,
      expected: data.shape,
    });
    return false;
  }
  const holds = contains(elementRanges[support], elementRanges[data.element]);
  if (holds && isDiscrete(support) === isDiscrete(data.element)) return true;
  const facts = {
    name,
    distribution: declaration.name.name,
    support,
    element: data.element,
    shape: data.shape,
  };
  report(scope, 'likelihood-support', written, facts);
  return false;
}
