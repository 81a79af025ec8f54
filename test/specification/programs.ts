import { type Checked, check, format, type SourceFile } from '../../compiler/index.js';
import type { Role } from '../../compiler/model/index.js';
import { positionAt } from '../../compiler/support/position.js';
import { parse } from '../../compiler/syntax/index.js';
import type { Example } from './blocks.js';

/** Files that the program can import, by name. */
export type Files = ReadonlyMap<string, SourceFile>;

/** A file made of an example, and how many lines of it stand before the example's first. */
export interface Program {
  readonly source: SourceFile;
  readonly before: number;
}

/** What stands in for the members that an example does not give. */
const members = {
  data: '  data x: real[3]',
  recognition: '  recognition { h ~ gaussian_mlp(x, hidden=[4], size=2) }',
  generative: '  generative { h ~ normal(0, 1)[2]  x ~ normal(mean = dense(h, 3), scale = 1) }',
  bound: '  bound iwae(k=5)',
};

/** The example as a whole file. Lines keep their columns. */
export function programOf({ context, text }: Example): Program {
  const file = (content: string, before: number) => ({
    source: { path: 'example.iwae', text: content },
    before,
  });
  if (context === 'file') return file(text, 0);
  const model = (content: string) => {
    const given = (name: string) => new RegExp(`^ *${name}\\b`, 'm').test(content);
    const others = Object.entries(members).flatMap(([name, member]) => (given(name) ? [] : [member]));
    return `model example {\n${content}${others.join('\n')}\n}\n`;
  };
  if (context === 'model') return file(model(text), 1);
  const draw = '    h ~ normal(mean = dense(x, 2), scale = 1)\n';
  return file(model(`  recognition {\n${text}${/^ *h [~=]/m.test(text) ? '' : draw}  }\n`), 2);
}

/** The program with further statements at the ends of its networks; its first model is meant. */
export function withStatements(program: Program, added: Readonly<Partial<Record<Role, string>>>): Program {
  const { source } = program;
  const model = parse(source).file.items.find(item => item.kind === 'model');
  if (model === undefined) throw new Error('the example has no model');
  const ends = model.members.flatMap(member =>
    member.kind === 'network' ? [{ at: member.span.end - 1, text: added[member.role] ?? '' }] : [],
  );
  const text = ends
    .sort((a, b) => b.at - a.at)
    .reduce((whole, { at, text: part }) => `${whole.slice(0, at)}\n${part}\n${whole.slice(at)}`, source.text);
  return { ...program, source: { ...source, text } };
}

/** Declarations without a model, and a model that trains with this bound. */
export function withBound({ source }: Program, bound: string): Program {
  const { bound: _, ...others } = members;
  const model = `model example {\n${Object.values(others).join('\n')}\n  bound ${bound}\n}\n`;
  return { source: { ...source, text: `${source.text}\n${model}` }, before: 0 };
}

/** What the compiler says of a program; imports are the files of the same page. */
export const checkProgram = ({ source }: Program, files: Files): Checked =>
  check({ source, readImport: path => files.get(path) ?? null });

/** The files that the examples of a page are given as. */
export const filesOf = (examples: readonly Example[]): Files =>
  new Map(
    examples.flatMap(({ file, text }): [string, SourceFile][] =>
      file === null ? [] : [[file, { path: file, text }]],
    ),
  );

/** `line:column severity[code]: message` for each diagnostic, as the example's own lines are counted. */
export function reported(program: Program, files: Files, { context, file }: Example): readonly string[] {
  const own = file === null ? program : { ...program, source: { ...program.source, path: file } };
  const { diagnostics } = checkProgram(own, files);
  // What a statement defines is often not used in an example of so few lines.
  const left =
    context === 'network' ? diagnostics.filter(({ code }) => code !== 'unused-definition') : diagnostics;
  return left.map(({ span, severity, code, message }) => {
    const { line, column } = positionAt(span.file, span.start);
    const place = span.file.path === own.source.path ? '' : `${span.file.path}:`;
    return `${place}${line - program.before}:${column} ${severity}[${code}]: ${message}`;
  });
}

/** What `iwaec fmt` makes of a program. */
export function formatted({ source }: Program): string {
  return format(source).text ?? '';
}
