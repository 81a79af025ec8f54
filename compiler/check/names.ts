import { suggest } from '../diagnostics/index.js';
import type * as ast from '../syntax/ast.js';
import { boundAmbient, checkClauses } from './bound.js';
import { checkDistribution } from './distribution.js';
import { findFunction, functionNames, reportUnknown } from './lookup.js';
import { type Mention, mentions, unusedDefinitions } from './mentions.js';
import { checkOptimizer, clockAmbient, optimizerAmbient } from './optimizer.js';
import { probeBound, probeReduction } from './probe.js';
import { isPrimitive, primitiveNames } from './reductions.js';
import { checkSchedule } from './schedule.js';
import { type Ambient, noAmbient, report, type Scope, type Session } from './scope.js';
import { typeNames } from './types.js';

type Declaration = Exclude<ast.Item, ast.Import | ast.Model>;

/**
 * Reports what is wrong with a declaration whoever uses it: names that mean nothing and members that are missing. What
 * depends on its arguments shows where it is used.
 */
export function checkDeclaration(session: Session, declaration: Declaration): void {
  const scope: Scope = { session, names: new Map(), ambient: noAmbient, site: null, axes: null, frame: null };
  const locals = new Set('parameters' in declaration ? declareParameters(scope, declaration) : []);
  const check = (expression: ast.Expression, ambient: Ambient = noAmbient, extra: readonly string[] = []) =>
    checkNames(
      { ...scope, ambient },
      expression,
      new Set([...locals, ...extra]),
      declaration.kind === 'bound',
    );
  switch (declaration.kind) {
    case 'function':
    case 'layer':
      for (const { type } of declaration.parameters) for (const name of freeSizes(type)) locals.add(name);
      checkBody(scope, declaration, locals);
      break;
    case 'reduction':
    case 'weights':
      locals.add(declaration.parameter.name);
      checkBody(
        { ...scope, axes: { kind: 'reduction', name: declaration.axis.name, axes: [] } },
        declaration,
        locals,
      );
      probeReduction(scope, declaration);
      break;
    case 'distribution':
      checkDistribution(scope, declaration);
      checkFormulas(declaration, check);
      break;
    case 'bound':
      checkClauses(scope, declaration);
      for (const { value } of declaration.clauses) check(value, boundAmbient(null));
      probeBound(scope, declaration);
      break;
    case 'optimizer':
      checkOptimizer(scope, declaration);
      for (const { kind, name, value } of declaration.members) {
        check(value, optimizerAmbient);
        if (kind !== 'next') locals.add(name.name);
      }
      break;
    case 'schedule':
      checkSchedule(scope, declaration);
      for (const { value } of declaration.settings) check(value, clockAmbient);
      break;
  }
}

type Check = (expression: ast.Expression, ambient?: Ambient, extra?: readonly string[]) => void;

function checkFormulas(declaration: ast.Distribution, check: Check): void {
  const noises = declaration.members.flatMap(member => (member.kind === 'noise' ? [member.name.name] : []));
  for (const member of declaration.members) {
    if (member.kind !== 'formula') continue;
    const own = member.parameters.map(({ name }) => name);
    check(member.value, noAmbient, member.name.name === 'sample' ? [...own, ...noises] : own);
  }
}

/** Names of the parameters; each once, of known types, defaults seeing the ones before and their sizes. */
function declareParameters(
  scope: Scope,
  { parameters }: { readonly parameters: readonly ast.FormalParameter[] },
): readonly string[] {
  const names: string[] = [];
  const sizes = new Set<string>();
  for (const {
    name: { name, span },
    type,
    defaultValue,
  } of parameters) {
    const typeName = type.name.name;
    if (!typeNames.includes(typeName)) {
      const facts = { name: typeName, suggestion: suggest(typeName, typeNames), known: typeNames };
      report(scope, 'unknown-type', type.name.span, facts);
    }
    if (names.includes(name))
      report(scope, 'already-declared', span, { name, kind: 'parameter', where: 'network' });
    for (const size of freeSizes(type)) sizes.add(size);
    if (defaultValue !== null) checkNames(scope, defaultValue, new Set([...names, ...sizes]), false);
    names.push(name);
  }
  return names;
}

const freeSizes = (type: ast.TypeExpression): readonly string[] =>
  (type.dimensions ?? []).flatMap(dimension => (dimension.kind === 'name' ? [dimension.name] : []));

type WithBody = ast.FunctionDeclaration | ast.Reduction;

function checkBody(scope: Scope, declaration: WithBody, parameters: ReadonlySet<string>): void {
  const locals = new Set(parameters);
  const own = new Set<string>();
  for (const statement of declaration.body) {
    checkNames(scope, statement.value, locals, false);
    if (statement.kind === 'return') continue;
    checkStatement(scope, declaration, statement, locals);
    const { name, span } = statement.name;
    // A parameter may take over the name of the argument that it starts from.
    const taken = own.has(name) || (parameters.has(name) && statement.kind !== 'parameter');
    if (taken) report(scope, 'already-declared', span, { name, kind: statement.kind, where: 'network' });
    own.add(name);
    locals.add(name);
  }
  for (const { name, span } of unusedDefinitions(declaration.body))
    report(scope, 'unused-definition', span, { name });
  if (declaration.body.some(({ kind }) => kind === 'return')) return;
  const what = `the ${declaration.kind} \`${declaration.name.name}\``;
  report(scope, 'missing-return', declaration.name.span, { what });
}

function checkStatement(
  scope: Scope,
  { kind }: WithBody,
  statement: Exclude<ast.Statement, ast.Return>,
  locals: ReadonlySet<string>,
): void {
  const { name, span } = statement.name;
  if (statement.kind === 'draw') report(scope, 'misplaced-statement', span, { statement: 'draw', name });
  if (statement.kind !== 'parameter') return;
  if (kind !== 'layer') report(scope, 'misplaced-statement', span, { statement: 'parameter', name });
  for (const dimension of statement.type.dimensions ?? []) checkNames(scope, dimension, locals, false);
}

function checkNames(
  scope: Scope,
  expression: ast.Expression,
  locals: ReadonlySet<string>,
  inBound: boolean,
): void {
  for (const mention of mentions(expression)) {
    if (!isKnown(scope, mention, locals, inBound)) {
      reportUnknown(mention.name, mention.span, scope, candidatesFor(scope, mention, locals, inBound));
    }
  }
}

function isKnown(
  scope: Scope,
  { name, use }: Mention,
  locals: ReadonlySet<string>,
  inBound: boolean,
): boolean {
  const { library } = scope.session;
  if (use === 'reduction') return library.reductions.has(name) || isPrimitive(name);
  if (locals.has(name) || findFunction(name, scope) !== null) return true;
  if (use === 'callee') return inBound && library.bounds.has(name);
  if (use === 'indexed' && name === 'size') return inBound || scope.axes !== null;
  return name === 'pi' || scope.ambient.names.includes(name);
}

function candidatesFor(
  scope: Scope,
  { use }: Mention,
  locals: ReadonlySet<string>,
  inBound: boolean,
): readonly string[] {
  const { library } = scope.session;
  if (use === 'reduction') return [...library.reductions.keys(), ...primitiveNames];
  const bounds = inBound ? [...library.bounds.keys()] : [];
  if (use === 'callee') return [...locals, ...functionNames(scope), ...bounds];
  return [...locals, ...scope.ambient.names, 'pi', ...functionNames(scope)];
}
