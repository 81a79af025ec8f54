import type { Expr, Parameter } from '../model/ir.js';
import { quoted } from '../support/words.js';
import type * as ast from '../syntax/ast.js';
import { tensorExpr } from './arithmetic.js';
import { drawSample } from './distribution.js';
import { someNode } from './expression.js';
import { evaluate, report, type Scope, type Site } from './scope.js';
import { evaluateShape } from './types.js';
import { describe, failed, isScalar, sameShape, shapeText, tensorValue, type Value } from './value.js';

/** Declares a learned array and gives its value. Its initial value is a number, a statistic of the data, or a draw. */
export function declareParameter(scope: Scope, statement: ast.ParameterDeclaration): Value {
  const { site } = scope;
  if (site === null) {
    const facts = { statement: 'parameter', name: statement.name.name } as const;
    report(scope, 'misplaced-statement', statement.name.span, facts);
    return failed;
  }
  if (statement.type.name.name !== 'real') {
    const facts = { name: statement.name.name, found: statement.type.name.name };
    report(scope, 'parameter-type', statement.type.name.span, facts);
    return failed;
  }
  const shape = evaluateShape(scope, statement.type.dimensions ?? []);
  if (shape === null) return failed;
  const name = parameterName(site, statement.name.name);
  const initial = initialValue(scope, statement, name, shape);
  if (initial === null) return failed;
  const parameter: Parameter = { name, role: site.role, shape, initial, span: statement.span };
  scope.session.model.parameters.set(name, parameter);
  return tensorValue(scope.session.maker.intern<Expr>({ kind: 'parameter', shape, name }));
}

const parameterName = ({ role, statement, layer }: Site, name: string): string =>
  [role, statement, layer, name].filter(part => part !== null).join('.');

function initialValue(
  scope: Scope,
  { name, initialiser, value: written }: ast.ParameterDeclaration,
  site: string,
  shape: readonly number[],
): Expr | null {
  const given = evaluate(written, scope);
  const value = initialiser === 'draw' ? drawInitial(scope, name.name, given, written, site, shape) : given;
  if (value.kind === 'failed') return null;
  if (!isScalar(value) || (value.kind !== 'number' && value.kind !== 'tensor')) {
    const hint =
      value.kind === 'distribution' ? `draw from it: ${quoted(`param ${name.name}: … ~ …`)}` : null;
    const facts = {
      what: `the initial value of ${quoted(name.name)}`,
      found: describe(value),
      expected: 'a number or an array',
      hint,
    };
    report(scope, 'type-mismatch', written.span, facts);
    return null;
  }
  const expr = tensorExpr(scope.session.maker, value);
  if (expr.shape.length > 0 && !sameShape(expr.shape, shape)) {
    const what = `the initial value of ${quoted(name.name)}`;
    const facts = {
      what,
      found: describe(value),
      expected: `real${shapeText(shape)}`,
      rank: expr.shape.length,
      wantedRank: shape.length,
    };
    report(scope, 'argument-shape', written.span, facts);
    return null;
  }
  const varying = someNode(expr, node => node.kind === 'variable' || node.kind === 'parameter');
  if (!varying) return expr;
  report(scope, 'varying-initial-value', written.span, { name: name.name });
  return null;
}

function drawInitial(
  scope: Scope,
  name: string,
  value: Value,
  written: ast.Expression,
  site: string,
  shape: readonly number[],
): Value {
  if (value.kind === 'failed') return failed;
  if (value.kind !== 'distribution') {
    report(scope, 'not-a-distribution', written.span, { name, found: describe(value), parameter: true });
    return failed;
  }
  const fits = value.shape.length === 0 || sameShape(value.shape, shape);
  // A shape that does not fit is reported with those of initial values that are not drawn.
  return drawSample(scope, fits ? { ...value, shape } : value, site);
}
