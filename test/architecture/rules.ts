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

/** The folders of `compiler` that stand for one program each, and the files that define them. */
const representations = ['syntax', 'model', 'tensor', 'kernel', 'program'] as const;
const definition = (name: string): string =>
  name === 'syntax' ? 'compiler/syntax/ast.ts' : `compiler/${name}/ir.ts`;
const representationOf = (path: string): string | null =>
  representations.find(name => path.startsWith(`compiler/${name}/`)) ?? null;

const seesSeveral = (path: string): boolean =>
  below('compiler/lower')(path) ||
  is('compiler/driver.ts', 'compiler/index.ts', 'compiler/overrides.ts', 'compiler/pipeline.ts')(path);

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
    name: 'a representation is defined without another one',
    applies: is(...representations.map(definition)),
    allows: ({ target }) => {
      const other = target === null ? null : representationOf(target);
      return other === null;
    },
  },
  {
    name: 'only lower/ and the driver see two representations',
    applies: path => representationOf(path) !== null && !seesSeveral(path),
    allows: ({ target }, path) => {
      const other = target === null ? null : representationOf(target);
      return other === null || other === representationOf(path);
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
