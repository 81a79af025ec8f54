import { suggest } from '../diagnostics/index.js';
import type { Span } from '../support/source.js';
import { builtins, isBuiltin } from './builtins.js';
import { type Family, familyNoun } from './library.js';
import { report, type Scope } from './scope.js';
import { type FunctionValue, failed, numberValue, type Value } from './value.js';

/** Definitions of the place, then what the place itself gives, then functions. */
export function lookup(name: string, span: Span, scope: Scope): Value {
  const value = scope.names.get(name) ?? scope.ambient.lookup(name, scope, span) ?? globalValue(name, scope);
  if (value !== null) return value;
  reportUnknown(name, span, scope, [
    ...scope.names.keys(),
    ...scope.ambient.names,
    'pi',
    ...functionNames(scope),
  ]);
  return failed;
}

function globalValue(name: string, scope: Scope): Value | null {
  return name === 'pi' ? numberValue(Math.PI) : findFunction(name, scope);
}

export function findFunction(name: string, { session }: Scope): FunctionValue | null {
  const declaration = session.library.functions.get(name);
  if (declaration !== undefined) return { kind: 'function', name, declaration };
  return isBuiltin(name) ? { kind: 'function', name, declaration: null } : null;
}

export const functionNames = ({ session }: Scope): readonly string[] => [
  ...session.library.functions.keys(),
  ...Object.keys(builtins),
];

export function reportUnknown(name: string, span: Span, scope: Scope, candidates: Iterable<string>): void {
  const { library } = scope.session;
  const families: readonly Family[] = ['bounds', 'reductions', 'optimizers', 'schedules'];
  const family = families.find(candidate => library[candidate].has(name));
  const elsewhere = family === undefined ? null : familyNoun[family];
  report(scope, 'unknown-name', span, { name, suggestion: suggest(name, candidates), elsewhere });
}
