import type { Import, SourceFile } from './sources.js';

/** A rule on what the files of one part may import. Its name is what a violation says. */
export interface ImportRule {
  readonly name: string;
  readonly applies: (path: string) => boolean;
  readonly allows: (imported: Import, path: string) => boolean;
}

const below =
  (...folders: readonly string[]) =>
  (path: string): boolean =>
    folders.some(folder => path.startsWith(`${folder}/`));

const is =
  (...paths: readonly string[]) =>
  (path: string): boolean =>
    paths.includes(path);

const representations = ['syntax', 'model', 'tensor', 'kernel', 'program'] as const;
type Representation = (typeof representations)[number];

/** Which programs each part of the compiler sees. Those left out (`lower/`, the driver) may see all. */
const seen: Readonly<Record<string, readonly Representation[]>> = {
  support: [],
  diagnostics: [],
  scalar: [],
  syntax: ['syntax'],
  check: ['syntax', 'model'],
  model: ['model'],
  tensor: ['tensor'],
  kernel: ['kernel'],
  emit: ['kernel', 'program'],
  program: ['program'],
};

const partOf = (path: string): string => path.split('/')[1] ?? '';
/** What a run is told and how noise is addressed: facts of every stage that has noise, not the form of a program. */
const runContract = is('compiler/program/frame.ts', 'compiler/program/noise.ts');

const representationOf = (path: string): Representation | null =>
  path.startsWith('compiler/') && !runContract(path)
    ? (representations.find(name => name === partOf(path)) ?? null)
    : null;

const builderOfPlayground = (path: string): boolean =>
  below('playground/build')(path) || path === 'playground/vite.config.ts';

const isNodeBuiltin = (specifier: string): boolean => specifier.startsWith('node:');

/** Imports of the project stay inside `folders`; packages are another rule's business. */
const only =
  (...folders: readonly string[]) =>
  ({ target }: Import): boolean =>
    target === null || below(...folders)(target);

export const importRules: readonly ImportRule[] = [
  {
    name: 'compiler imports neither the runtime nor the command line',
    applies: below('compiler'),
    allows: only('compiler', 'stdlib'),
  },
  {
    name: 'compiler imports no module of Node',
    applies: below('compiler'),
    allows: ({ specifier }) => !isNodeBuiltin(specifier),
  },
  {
    name: 'only lower/ and the driver see programs of several stages',
    applies: path => below('compiler')(path) && seen[partOf(path)] !== undefined,
    allows: ({ target }, path) => {
      const other = target === null ? null : representationOf(target);
      return other === null || seen[partOf(path)]!.includes(other);
    },
  },
  {
    name: 'support imports nothing of the project',
    applies: below('compiler/support'),
    allows: only('compiler/support'),
  },
  {
    name: 'diagnostics import support alone',
    applies: below('compiler/diagnostics'),
    allows: only('compiler/diagnostics', 'compiler/support'),
  },
  {
    name: 'scalar imports support alone',
    applies: below('compiler/scalar'),
    allows: only('compiler/scalar', 'compiler/support'),
  },
  {
    name: 'only compiler/syntax knows chevrotain',
    applies: path => below('compiler', 'runtime', 'cli')(path) && !below('compiler/syntax')(path),
    allows: ({ specifier }) => specifier !== 'chevrotain',
  },
  {
    name: 'of the compiler, the runtime imports the door of compiler/program alone',
    applies: below('runtime'),
    allows: ({ target }) =>
      target === null || below('runtime')(target) || target === 'compiler/program/index.ts',
  },
  {
    name: 'the playground goes through the exports of the package',
    applies: below('playground'),
    allows: only('playground'),
  },
  {
    name: 'only what builds the playground runs in Node',
    applies: path => below('playground')(path) && !builderOfPlayground(path),
    allows: ({ specifier }) => !isNodeBuiltin(specifier) && specifier !== 'iwaec/runtime/node',
  },
  {
    name: 'the command line goes through the public doors',
    applies: below('cli'),
    allows: ({ target }) =>
      target === null ||
      below('cli')(target) ||
      is('compiler/index.ts', 'runtime/index.ts', 'runtime/node.ts')(target),
  },
];

/** `path: imports x, but <rule>` for every import that a rule forbids. */
export const importViolations = (files: readonly SourceFile[], rules = importRules): readonly string[] =>
  files.flatMap(({ path, imports }) =>
    rules
      .filter(rule => rule.applies(path))
      .flatMap(rule =>
        imports
          .filter(imported => !rule.allows(imported, path))
          .map(({ specifier }) => `${path} imports ${specifier}, but ${rule.name}`),
      ),
  );
