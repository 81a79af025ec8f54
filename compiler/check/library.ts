import type { SourceFile } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import type { Reporter } from './report.js';

/** What can be called in an expression; the two kinds that make a value of one. */
export type Callable = ast.FunctionDeclaration | ast.Distribution;

/** Every declaration in scope. Names of one family are unique; the same name may stand in several families. */
export interface Library {
  readonly functions: ReadonlyMap<string, Callable>;
  readonly bounds: ReadonlyMap<string, ast.Bound>;
  readonly reductions: ReadonlyMap<string, ast.Reduction>;
  readonly optimizers: ReadonlyMap<string, ast.Optimizer>;
  readonly schedules: ReadonlyMap<string, ast.Schedule>;
  readonly isStandard: (file: SourceFile) => boolean;
}

type Declaration = Exclude<ast.Item, ast.Import | ast.Model>;
export type Family = 'functions' | 'bounds' | 'reductions' | 'optimizers' | 'schedules';

const familyOf: Readonly<Record<Declaration['kind'], Family>> = {
  function: 'functions',
  layer: 'functions',
  distribution: 'functions',
  bound: 'bounds',
  reduction: 'reductions',
  weights: 'reductions',
  optimizer: 'optimizers',
  schedule: 'schedules',
};

/** What a user calls a member of the family. */
export const familyNoun: Readonly<Record<Family, string>> = {
  functions: 'function',
  bounds: 'bound',
  reductions: 'reduction over a sample axis',
  optimizers: 'optimizer',
  schedules: 'schedule',
};

/** Builtin operations, by family: they cannot be declared again. */
export type BuiltinNames = Readonly<Record<Family, ReadonlySet<string>>>;

/** The declarations of `files`, the standard library first. A name declared twice is reported; the first one stays. */
export function makeLibrary(
  files: readonly ast.File[],
  isStandard: (file: SourceFile) => boolean,
  builtins: BuiltinNames,
  reporter: Reporter,
): Library {
  const families: Record<Family, Map<string, Declaration>> = {
    functions: new Map(),
    bounds: new Map(),
    reductions: new Map(),
    optimizers: new Map(),
    schedules: new Map(),
  };
  const declare = (item: Declaration) => {
    const family = familyOf[item.kind];
    const { name, span } = item.name;
    const first = families[family].get(name);
    if (first === undefined && !builtins[family].has(name)) {
      families[family].set(name, item);
      return;
    }
    const where = first === undefined ? 'builtin' : isStandard(first.span.file) ? 'library' : 'file';
    const labels = first === undefined ? [] : [{ span: first.name.span, text: 'first declared here' }];
    reporter.report('already-declared', span, { name, kind: item.kind, where }, null, labels);
  };
  for (const item of files.flatMap(file => file.items)) {
    if (item.kind !== 'import' && item.kind !== 'model') declare(item);
  }
  return { ...families, isStandard } as Library;
}
