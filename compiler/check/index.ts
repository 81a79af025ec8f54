import { type Diagnostic, type DiagnosticCode, hasErrors, suggest } from '../diagnostics/index.js';
import type { TypedModel } from '../model/ir.js';
import type { SourceFile } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import { parse } from '../syntax/index.js';
import { makeAxisTable } from './axes.js';
import { builtins } from './builtins.js';
import { evaluate } from './evaluate.js';
import { loadFiles, type ReadImport } from './imports.js';
import { makeExpressionStore } from './intern.js';
import { type BuiltinNames, type Library, makeLibrary } from './library.js';
import { elaborateModel, type Overrides } from './model.js';
import { makeModelState } from './model-state.js';
import { checkDeclaration } from './names.js';
import { type Replacements, readOverrides, withOverrides } from './override.js';
import { primitiveNames } from './reductions.js';
import { inSourceOrder, makeReporter, type Reporter } from './report.js';
import type { Observation, Session } from './scope.js';

export { builtins } from './builtins.js';
export type { Callable, Library } from './library.js';
export { type Family, familyNoun } from './library.js';
export type { Overrides } from './model.js';
export { elementRanges } from './range.js';
export { primitiveNames } from './reductions.js';
export type { Observation } from './scope.js';
export { settingNames } from './training.js';
export { describe as describeValue } from './value.js';

export interface CheckRequest {
  readonly source: SourceFile;
  /** The standard library: path and text of each file. */
  readonly stdlib: Readonly<Record<string, string>>;
  /** Resolves an `import`; null where there is no such file. */
  readonly readImport: ReadImport;
  /** The model to elaborate; needed where the file declares several. */
  readonly model?: string;
  readonly overrides?: Overrides;
  /** Told what the expressions of the request's own text are worth. */
  readonly observe?: (observation: Observation) => void;
}

export interface CheckResult {
  /** Errors and warnings, file by file in source order. */
  readonly diagnostics: readonly Diagnostic[];
  /** null where there is an error, and for a file that declares no model. */
  readonly model: TypedModel | null;
  /** The user's files: imported ones first, the request's own last. */
  readonly files: readonly ast.File[];
  /** Every declaration in scope. */
  readonly library: Library;
}

/** Checks a file with everything it imports, and elaborates its model. */
export function check(request: CheckRequest): CheckResult {
  const { files, diagnostics: reading } = loadFiles(request.source, request.readImport);
  const standard = standardLibrary(request.stdlib);
  const isStandard = (file: SourceFile) => standard.sources.has(file);
  const reporter = makeReporter(isStandard);
  const library = makeLibrary([...standard.files, ...files], isStandard, builtinNames, reporter);
  const session = () => makeSession(library, reporter, request.observe ?? null);
  for (const item of files.flatMap(file => file.items)) {
    if (item.kind !== 'import' && item.kind !== 'model') checkDeclaration(session(), item);
  }
  const replacements = readOverrides(request.overrides ?? {});
  const model = elaborateChosen(request, files, replacements, session, reporter);
  const found = reporter.diagnostics();
  const kept = hasErrors(reading) ? found.filter(isCertain) : found;
  const diagnostics = inSourceOrder([
    ...standard.diagnostics,
    ...reading,
    ...replacements.diagnostics,
    ...kept,
  ]);
  return { diagnostics, model: hasErrors(diagnostics) ? null : model, files, library };
}

/** Mistakes that may only be the lack of something that could not be read. */
const lacks: ReadonlySet<DiagnosticCode> = new Set([
  'axis-missing',
  'missing-argument',
  'missing-likelihood',
  'missing-member',
  'missing-prior',
  'missing-recognition',
  'missing-return',
  'unknown-data',
  'unused-definition',
  'unused-latent',
]);

/** Whether a mistake is one for sure, where parts of the text could not be read. */
const isCertain = ({ code, help }: Diagnostic): boolean =>
  !lacks.has(code) && (code !== 'unknown-name' || help !== null);

const makeSession = (library: Library, reporter: Reporter, observe: Session['observe']): Session => ({
  maker: { ...makeExpressionStore(), axes: makeAxisTable() },
  library,
  reporter,
  model: makeModelState(),
  inlined: { count: 0 },
  evaluate,
  observe,
});

const builtinNames: BuiltinNames = {
  functions: new Set(Object.keys(builtins)),
  bounds: new Set(),
  reductions: new Set(primitiveNames),
  optimizers: new Set(),
  schedules: new Set(),
};

interface Standard {
  readonly files: readonly ast.File[];
  readonly sources: ReadonlySet<SourceFile>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parsed libraries by their texts, so that one that does not change is parsed once. */
const parsedLibraries = new WeakMap<Readonly<Record<string, string>>, Standard>();

function standardLibrary(texts: Readonly<Record<string, string>>): Standard {
  const known = parsedLibraries.get(texts);
  if (known !== undefined) return known;
  const results = Object.entries(texts).map(([path, text]) => parse({ path, text }));
  const files = results.map(result => result.file);
  const sources = new Set(files.map(file => file.source));
  const parsed = { files, sources, diagnostics: results.flatMap(result => result.diagnostics) };
  parsedLibraries.set(texts, parsed);
  return parsed;
}

/** Elaborates the model that is asked for, or the only one; where there is a choice to make, every one for its mistakes. */
function elaborateChosen(
  { model: wanted, overrides = {} }: CheckRequest,
  files: readonly ast.File[],
  replacements: Replacements,
  session: () => Session,
  reporter: Reporter,
): TypedModel | null {
  const own = files[files.length - 1];
  const models = (own?.items ?? []).filter(item => item.kind === 'model');
  for (const [index, model] of models.entries()) {
    const first = models.findIndex(({ name }) => name.name === model.name.name);
    const labels = [{ span: models[first]!.name.span, text: 'first declared here' }];
    const facts = { name: model.name.name, kind: 'model', where: 'file' } as const;
    if (first < index) reporter.report('already-declared', model.name.span, facts, null, labels);
  }
  const names = models.map(model => model.name.name);
  const chosen = wanted === undefined ? models[0] : models.find(({ name }) => name.name === wanted);
  if (own !== undefined && wanted !== undefined && models.length > 0 && chosen === undefined) {
    const start = { file: own.source, start: 0, end: 0 };
    reporter.report('unknown-model', start, {
      name: wanted,
      suggestion: suggest(wanted, names),
      known: names,
    });
    return null;
  }
  const elaborated = models.map(model => ({
    model,
    typed:
      model === chosen
        ? elaborateModel(session(), withOverrides(model, replacements), overrides)
        : elaborateModel(session(), model, {}),
  }));
  if (wanted === undefined && models.length > 1) {
    const labels = models.slice(1).map(({ name }) => ({ span: name.span, text: 'another one' }));
    reporter.report('several-models', models[0]!.name.span, { names }, null, labels);
    return null;
  }
  return elaborated.find(({ model }) => model === chosen)?.typed ?? null;
}
