import type { Expr, Factor, Role } from '../model/ir.js';
import type { Span } from '../support/source.js';
import { quoted } from '../support/words.js';
import type * as ast from '../syntax/ast.js';
import { makeFactor } from './factor.js';
import { mentions, unusedDefinitions } from './mentions.js';
import { declareParameter } from './parameter.js';
import { elementRanges } from './range.js';
import { type Ambient, evaluate, report, type Scope, type Session, type Site } from './scope.js';
import { type DistributionValue, describe, failed, tensorValue, type Value } from './value.js';

/** A factor of one network, or where one was to be: then `factor` is null, and why is reported. */
export interface DrawnFactor {
  readonly name: string;
  readonly span: Span;
  /** What it is drawn from. */
  readonly written: Span;
  readonly factor: Factor | null;
  readonly distribution: DistributionValue | null;
}

/** What a network can tell of the model around it. */
export interface Surroundings {
  readonly own: ast.Network;
  /** Names that the other network draws. */
  readonly drawnElsewhere: ReadonlySet<string>;
  /** Definitions that turned out to need themselves: reported once, not for each name of the circle. */
  readonly circular: Set<string>;
}

/** Elaborates the statements of a network in order, each seeing the ones before it. */
export function elaborateNetwork(session: Session, surroundings: Surroundings): readonly DrawnFactor[] {
  const { own } = surroundings;
  const factors: DrawnFactor[] = [];
  const seen = new Map<string, Span>();
  const places = lastPlaces(own.statements);
  const base: Scope = {
    session,
    names: new Map(own.role === 'recognition' ? dataValues(session) : []),
    ambient: noAmbientYet,
    site: null,
    axes: null,
    frame: null,
  };
  for (const [position, statement] of own.statements.entries()) {
    const ambient = laterNames(surroundings, places, position);
    const scope = { ...base, ambient, site: siteOf(own.role, statement) };
    if (statement.kind === 'return') {
      report(scope, 'misplaced-statement', statement.span, { statement: 'return', name: '' });
      continue;
    }
    const { name, span } = statement.name;
    if (statement.kind === 'draw') {
      const drawn = elaborateDraw(scope, statement, own.role, factors);
      if (drawn !== null) factors.push(drawn);
    } else if (isTaken(scope, surroundings, name)) {
      const first = seen.get(name) ?? session.model.dataSpans.get(name);
      const label = first === undefined ? [] : [{ span: first, text: 'first declared here' }];
      report(scope, 'already-declared', span, { name, kind: statement.kind, where: 'network' }, label);
    } else {
      base.names.set(
        name,
        statement.kind === 'let' ? evaluate(statement.value, scope) : declareParameter(scope, statement),
      );
    }
    if (!seen.has(name)) seen.set(name, span);
  }
  for (const { name, span } of unusedDefinitions(own.statements))
    report(base, 'unused-definition', span, { name });
  return factors;
}

const noAmbientYet: Ambient = { names: [], lookup: () => null };

const isTaken = (scope: Scope, { drawnElsewhere }: Surroundings, name: string) =>
  scope.names.has(name) || scope.session.model.dataSpans.has(name) || drawnElsewhere.has(name);

const siteOf = (role: Role, statement: ast.Statement): Site => ({
  role,
  statement: statement.kind === 'let' || statement.kind === 'draw' ? statement.name.name : null,
  layer: null,
  counts: new Map(),
});

const dataValues = (session: Session): readonly [string, Value][] =>
  [...session.model.dataSpans.keys()].map(name => [name, dataValue(session, name)]);

function dataValue({ maker, model }: Session, name: string): Value {
  const variable = model.data.get(name);
  if (variable === undefined) return failed;
  const { shape, element } = variable;
  return tensorValue(maker.intern<Expr>({ kind: 'variable', shape, name }), elementRanges[element]);
}

function elaborateDraw(
  scope: Scope,
  { name: { name, span }, value: written }: ast.Draw,
  role: Role,
  before: readonly DrawnFactor[],
): DrawnFactor | null {
  const { dataSpans } = scope.session.model;
  const first = before.find(factor => factor.name === name);
  const value = evaluate(written, scope);
  if (first !== undefined) {
    report(scope, 'drawn-twice', span, { name, role }, [{ span: first.span, text: 'first drawn here' }]);
    return null;
  }
  if (role === 'recognition' && dataSpans.has(name)) {
    report(scope, 'data-drawn-in-recognition', span, { name });
    return null;
  }
  if (scope.names.has(name)) {
    report(scope, 'already-declared', span, { name, kind: 'draw', where: 'network' });
    return null;
  }
  if (value.kind !== 'distribution') {
    scope.names.set(name, failed);
    if (value.kind !== 'failed') {
      report(scope, 'not-a-distribution', written.span, { name, found: describe(value), parameter: false });
    }
    return { name, span, written: written.span, factor: null, distribution: null };
  }
  const made = makeFactor(scope, { name, span, written: written.span }, role, value);
  scope.names.set(name, made?.variable ?? failed);
  return { name, span, written: written.span, factor: made?.factor ?? null, distribution: value };
}

/** Where each name is given a meaning for the last time. */
const lastPlaces = (statements: readonly ast.Statement[]): ReadonlyMap<string, number> =>
  new Map(
    statements.flatMap((statement, place) =>
      statement.kind === 'return' ? [] : [[statement.name.name, place]],
    ),
  );

/** Names that a statement may not use yet, or not here: why is reported where they are used. */
function laterNames(
  { own, drawnElsewhere, circular }: Surroundings,
  places: ReadonlyMap<string, number>,
  position: number,
): Ambient {
  const lookup: Ambient['lookup'] = (name, scope, span) => {
    const isLater = (places.get(name) ?? -1) >= position;
    const later = isLater ? own.statements.slice(position) : [];
    const statement = later.find(candidate => candidate.kind !== 'return' && candidate.name.name === name);
    const { dataSpans } = scope.session.model;
    if (statement === undefined || statement.kind === 'return') {
      // Missing in this network altogether: that is reported for the model, unless it is only data.
      if (own.role === 'generative' && dataSpans.has(name)) {
        report(scope, 'used-before-draw', span, { name, role: own.role, data: true });
        return failed;
      }
      return drawnElsewhere.has(name) ? failed : null;
    }
    const labels = [
      {
        span: statement.name.span,
        text: `${quoted(name)} is ${statement.kind === 'draw' ? 'drawn' : 'defined'} here`,
      },
    ];
    if (statement.kind === 'draw') {
      report(scope, 'used-before-draw', span, { name, role: own.role, data: dataSpans.has(name) }, labels);
      return failed;
    }
    if (circular.has(name)) return failed;
    const path = cycleFrom(later, nameOf(later[0]), name);
    for (const each of path ?? []) circular.add(each);
    if (path !== null)
      report(scope, 'cyclic-definition', span, { path, what: 'is defined by itself' }, labels);
    else report(scope, 'used-before-definition', span, { name }, labels);
    return failed;
  };
  return { names: [], lookup };
}

const nameOf = (statement: ast.Statement | undefined) =>
  statement === undefined || statement.kind === 'return' ? null : statement.name.name;

/** From `start` through definitions back to `start`, by way of `next`; or null. */
function cycleFrom(
  statements: readonly ast.Statement[],
  start: string | null,
  next: string,
): readonly string[] | null {
  if (start === null) return null;
  const visited = new Set<string>();
  const visit = (name: string): readonly string[] | null => {
    if (name === start) return [start];
    if (visited.has(name)) return null;
    visited.add(name);
    const definition = statements.find(candidate => candidate.kind === 'let' && candidate.name.name === name);
    if (definition?.kind !== 'let') return null;
    for (const mention of mentions(definition.value)) {
      const rest = visit(mention.name);
      if (rest !== null) return [name, ...rest];
    }
    return null;
  };
  const rest = visit(next);
  return rest === null ? null : [start, ...rest];
}
