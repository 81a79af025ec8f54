import type { Span } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import { callBuiltin } from './builtins.js';
import { bindArguments, type GivenArgument } from './calls.js';
import { type Frame, frameDepth, isInlining, namesFrom, outermostCall } from './frame.js';
import { declareParameter } from './parameter.js';
import { bodyScope, evaluate, report, type Scope, type Site } from './scope.js';
import { evaluateShape } from './types.js';
import {
  type DistributionValue,
  describe,
  type FunctionValue,
  failed,
  sameShape,
  shapeOf,
  type Value,
} from './value.js';

export function callFunction(
  scope: Scope,
  target: FunctionValue,
  given: readonly GivenArgument[],
  call: Span,
): Value {
  if (target.declaration === null) return callBuiltin(scope, target.name, given, call);
  const { declaration, name } = target;
  const frame: Frame = { what: `the ${declaration.kind}`, name, declaration, call, parent: scope.frame };
  if (isInlining(scope.frame, declaration))
    return reportRecursion(scope, declaration.name, [...namesFrom(scope.frame, declaration), name], call);
  if (isTooLarge(scope) || frameDepth(scope.frame) > limits.nested) return reportTooLarge(scope, call);
  const site = declaration.kind === 'layer' ? layerSite(scope.site, name) : scope.site;
  const inner = bodyScope(scope, frame, new Map(), { site });
  bindArguments(scope, { name, parameters: declaration.parameters }, given, call, inner);
  return declaration.kind === 'distribution'
    ? instantiate(inner, declaration)
    : runBody(inner, declaration.body);
}

/**
 * Far above any model's needs. What is larger is a slip, such as functions that each call the next one twice; every later
 * stage walks the formulas recursively, so deeper ones would fill the stack.
 */
export const limits = { inlined: 5000, nested: 100, depth: 2000 } as const;

/** Counts one more function, or turn of a `fold`. */
export const isTooLarge = ({ session }: Scope): boolean => ++session.inlined.count > limits.inlined;

/** Once is enough: everything after it is too large as well. */
export function reportTooLarge(scope: Scope, call: Span): Value {
  if (scope.session.inlined.count !== Number.POSITIVE_INFINITY) {
    report({ ...scope, frame: null }, 'model-too-large', outermostCall(scope.frame) ?? call, { limits });
    scope.session.inlined.count = Number.POSITIVE_INFINITY;
  }
  return failed;
}

/** Inlining it would never end. */
export function reportRecursion(
  scope: Scope,
  name: ast.Identifier,
  path: readonly string[],
  call: Span,
): Value {
  report(scope, 'cyclic-definition', call, { path, what: 'calls itself' }, [
    { span: name.span, text: 'declared here' },
  ]);
  return failed;
}

function layerSite(site: Site | null, name: string): Site | null {
  if (site === null) return null;
  const count = (site.counts.get(name) ?? 0) + 1;
  site.counts.set(name, count);
  return { ...site, layer: `${name}${count}` };
}

/** The value that a block returns. Its statements see the names before them. */
export function runBody(scope: Scope, body: readonly ast.Statement[]): Value {
  let result: Value = failed;
  for (const statement of body) {
    switch (statement.kind) {
      case 'let':
        scope.names.set(statement.name.name, evaluate(statement.value, scope));
        break;
      case 'parameter':
        scope.names.set(statement.name.name, declareParameter(scope, statement));
        break;
      case 'return':
        result = evaluate(statement.value, scope);
        break;
      case 'draw':
        // Reported with the declaration, as is a body that returns nothing.
        scope.names.set(statement.name.name, failed);
        break;
    }
  }
  return result;
}

/** A distribution with its arguments, which have one shape beside scalars. */
function instantiate(scope: Scope, declaration: ast.Distribution): Value {
  const values = [...scope.names.values()];
  if (values.some(value => value.kind === 'failed')) return failed;
  const arrays = [...scope.names].filter(([, value]) => shapeOf(value).length > 0);
  const [first, ...others] = arrays;
  const other = others.find(([, value]) => !sameShape(shapeOf(value), shapeOf(first![1])));
  if (first !== undefined && other !== undefined) {
    const [left, right] = [first, other].map(([name, value]) => `\`${name}\` is ${describe(value)}`);
    const facts = { name: declaration.name.name, left: left!, right: right! };
    report(callerScope(scope), 'distribution-shapes', scope.frame?.call ?? declaration.name.span, facts);
    return failed;
  }
  const shape = first === undefined ? [] : shapeOf(first[1]);
  return { kind: 'distribution', declaration, arguments: scope.names, shape, frame: scope.frame };
}

const callerScope = (scope: Scope): Scope => ({ ...scope, frame: scope.frame?.parent ?? null });

/** `normal(0, 1)[50]`: independent copies of a distribution of scalars. */
export function replicate(
  scope: Scope,
  value: DistributionValue,
  indices: readonly ast.Expression[],
  span: Span,
): Value {
  const shape = evaluateShape(scope, indices);
  if (shape === null) return failed;
  if (value.shape.length === 0 || sameShape(value.shape, shape)) return { ...value, shape };
  const facts = { name: value.declaration.name.name, found: value.shape, wanted: shape };
  report(scope, 'already-has-shape', span, facts);
  return failed;
}
