import type { DiagnosticCode, FactsOf, Label } from '../diagnostics/index.js';
import type { Parameter, Role, SampleAxis } from '../model/ir.js';
import type { Span } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import type { NodeMaker } from './arithmetic.js';
import type { AxisBinding } from './axes.js';
import { type Frame, framePath } from './frame.js';
import type { Library } from './library.js';
import type { ModelState } from './model-state.js';
import type { Reporter } from './report.js';
import type { Value } from './value.js';

/** What an expression of the user's own text is worth. */
export interface Observation {
  readonly expression: ast.Expression;
  readonly value: Value;
  /** Those that evaluating it declared. */
  readonly parameters: readonly Parameter[];
}

/** What one check works with, everywhere. */
export interface Session {
  readonly maker: NodeMaker;
  readonly library: Library;
  readonly reporter: Reporter;
  /** Data and parameters of the model at hand. */
  readonly model: ModelState;
  /** How many functions were inlined, and turns of folds taken, so far. */
  readonly inlined: { count: number };
  /** The evaluator itself, for the parts that it is made of. */
  readonly evaluate: (expression: ast.Expression, scope: Scope) => Value;
  /** Told of each expression outside inlined declarations, inner ones first; null: nobody asks. */
  readonly observe: ((observation: Observation) => void) | null;
}

/** Where parameters are declared: they are called `<role>.<statement>.<layer>.<name>`. */
export interface Site {
  readonly role: Role;
  /** The draw or let, or null where it is the network itself. */
  readonly statement: string | null;
  /** The innermost layer with its number within the statement, as `dense2`. */
  readonly layer: string | null;
  /** How often each layer occurred within the statement. */
  readonly counts: Map<string, number>;
}

/** The sample axes that may be named here. */
export type AxisContext =
  /** In a bound: `open` are those of the reductions around; names are parameters of the bound. */
  | { readonly kind: 'bound'; readonly open: readonly SampleAxis[]; readonly clause: Clause }
  /** In a reduction's own body: `name` stands for the axes it was called with. */
  | { readonly kind: 'reduction'; readonly name: string; readonly axes: readonly SampleAxis[] };

export type Clause = 'value' | 'generative' | 'recognition';

/** Names that a place gives beside its own definitions. `lookup` may report why a name cannot be used, and fail. */
export interface Ambient {
  readonly names: readonly string[];
  readonly lookup: (name: string, scope: Scope, span: Span) => Value | null;
  /** The value of `name[indices]`, or null where the place gives no such name. */
  readonly indexed?: (
    name: string,
    indices: readonly ast.Expression[],
    scope: Scope,
    span: Span,
  ) => Value | null;
}

export interface Scope {
  readonly session: Session;
  readonly names: Map<string, Value>;
  readonly ambient: Ambient;
  readonly site: Site | null;
  readonly axes: AxisContext | null;
  readonly frame: Frame | null;
}

export const noAmbient: Ambient = { names: [], lookup: () => null };

/** The scope with some fields replaced, and its own copy of the names. */
export const innerScope = (scope: Scope, changes: Partial<Scope> = {}): Scope => ({
  ...scope,
  names: new Map(scope.names),
  ...changes,
});

/** The scope of a declaration's body: it sees its parameters only. */
export const bodyScope = (
  scope: Scope,
  frame: Frame,
  names: Map<string, Value>,
  changes: Partial<Scope> = {},
): Scope => ({
  ...scope,
  ambient: noAmbient,
  axes: null,
  ...changes,
  names,
  frame,
});

/** Reports at `span`, or, where that lies in the standard library, at the user's call that led there. */
export function report<Code extends DiagnosticCode>(
  scope: Scope,
  code: Code,
  span: Span,
  facts: FactsOf<Code>,
  labels: readonly Label[] = [],
): void {
  scope.session.reporter.report(code, span, facts, scope.frame, labels);
}

export const evaluate = (expression: ast.Expression, scope: Scope): Value =>
  scope.session.evaluate(expression, scope);

/** An argument that may become a sample axis. */
export const bindAxis = (scope: Scope, frame: Frame, name: string, size: number, span: Span): AxisBinding =>
  scope.session.maker.axes.bind(`${framePath(frame)}.${name}`, { name, size, span });
