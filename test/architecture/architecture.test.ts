import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cycles } from './cycles.js';
import { importRules, importViolations } from './rules.js';
import { importsOf, root, type SourceFile, sourcesOf } from './sources.js';

const sources = sourcesOf('compiler', 'runtime', 'cli', 'playground');
const tests = sourcesOf('test');
const lineLimit = 400;

/** Files that Git keeps or would keep. */
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter(path => path !== '');

const isText = /\.(ts|mjs|js|json|md|iwae|yml|yaml|html|css|txt)$|^\.ci\/run$/;

describe('imports', () => {
  it('are found in every form', () => {
    const text = [
      "import { a } from './a.js';",
      "import type { b } from '../b.js';",
      "export * from './c.js';",
      "const d = await import('./d.js');",
      "import 'e';",
      "// import { f } from './f.js';",
      "const g = \"see '// no comment'\"; export { h } from './h.js';",
    ].join('\n');
    expect(importsOf(text, 'x/y/z.ts').map(({ target, specifier }) => target ?? specifier)).toEqual([
      'x/y/a.ts',
      'x/b.ts',
      'x/y/c.ts',
      'x/y/d.ts',
      'e',
      'x/y/h.ts',
    ]);
  });

  it('lead to files that exist', () => {
    const known = new Set([...sources, ...tests].map(({ path }) => path));
    const missing = sources.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => target !== null && target !== 'stdlib/sources.ts' && !known.has(target))
        .map(({ specifier }) => `${path} imports ${specifier}`),
    );
    expect(missing).toEqual([]);
  });

  it.each(importRules.map(rule => [rule.name, rule] as const))('%s', (_, rule) => {
    expect(sources.some(({ path }) => rule.applies(path))).toBe(true);
    expect(importViolations(sources, [rule])).toEqual([]);
  });

  it('are refused where a rule forbids them', () => {
    const wrong = (path: string, text: string): SourceFile => ({
      path,
      text,
      code: text,
      imports: importsOf(text, path),
    });
    const examples = [
      wrong('compiler/tensor/eval.ts', "import { openSession } from '../../runtime/session.js';"),
      wrong('compiler/check/names.ts', "import { readFileSync } from 'node:fs';"),
      wrong('compiler/tensor/ir.ts', "import type { Kernel } from '../kernel/ir.js';"),
      wrong('runtime/session.ts', "import { compile } from '../compiler/index.js';"),
      wrong('cli/spec.ts', "import { parse } from '../compiler/syntax/parser.js';"),
      wrong('compiler/support/span.ts', "import { diagnose } from '../diagnostics/index.js';"),
    ];
    for (const example of examples) expect(importViolations([example]), example.path).not.toEqual([]);
  });

  it('form no cycle', () => {
    const graph = new Map(
      sources.map(({ path, imports }) => [path, imports.flatMap(({ target }) => target ?? [])] as const),
    );
    expect(
      cycles(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['a', 'd']],
          ['d', []],
        ]),
      ),
    ).toEqual([['c', 'b', 'a']]);
    expect(cycles(graph)).toEqual([]);
  });
});

describe('sources', () => {
  it(`have at most ${lineLimit} lines`, () => {
    const long = [...sources, ...tests]
      .map(({ path, text }) => ({ path, lines: text.split('\n').length }))
      .filter(({ lines }) => lines > lineLimit)
      .map(({ path, lines }) => `${path}: ${lines}`);
    expect(long).toEqual([]);
  });

  it('say neither any nor ts-ignore', () => {
    const untyped = /(?::|\bas|<|,|\|)\s*any\b(?!\s*\()/;
    const found = [...sources, ...tests].filter(
      ({ code, text }) =>
        untyped.test(code) || /@ts-(?:ignore|nocheck)/.test(text.replace(/\/@ts-.*\//g, '')),
    );
    expect(found.map(({ path }) => path).filter(path => !path.startsWith('test/architecture/'))).toEqual([]);
  });

  it('leave no file called utils or helpers', () => {
    expect(tracked.filter(path => /(^|\/)(utils?|helpers?)\.(ts|js|mjs)$/.test(path))).toEqual([]);
  });

  it('keep the compiler free of process and of the types of WebGPU', () => {
    const found = sources
      .filter(({ path }) => path.startsWith('compiler/'))
      .filter(({ code }) => /\bprocess\.|\bGPU[A-Z]\w*/.test(code));
    expect(found.map(({ path }) => path)).toEqual([]);
  });
});

describe('the repository', () => {
  it('names no folder of a machine', () => {
    const home = /(?:^|[\s"'`(=])\/(?:home|Users|root|work|mnt)\/[\w.-]+/m;
    const found = tracked
      .filter(
        path => isText.test(path) && path !== 'package-lock.json' && !path.startsWith('test/architecture/'),
      )
      .filter(path => home.test(read(path)));
    expect(found).toEqual([]);
  });

  it('keeps nothing that is built or trained', () => {
    expect(
      tracked.filter(path => /^(dist|build|runs|node_modules)\/|\.(safetensors|log|tgz)$/.test(path)),
    ).toEqual([]);
  });
});

function read(path: string): string {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    // Deleted here and not yet in Git.
    return '';
  }
}
