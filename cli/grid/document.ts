import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml';
import type { Finding, SourceFile } from '../../compiler/index.js';
import { compiler } from '../doors.js';

/** After this many the rest is hardly news. */
const mostFindings = 50;

/** Mistakes in a grid file. */
export class Findings {
  readonly list: Finding[] = [];
  readonly #file: SourceFile;

  constructor(file: SourceFile) {
    this.#file = file;
  }

  report(
    node: Node | null | undefined,
    code: string,
    message: string,
    more: {
      readonly expected?: string;
      readonly help?: string | null;
      readonly range?: readonly number[];
    } = {},
  ): void {
    if (this.list.length >= mostFindings) return;
    const [start = 0, end = start] = more.range ?? node?.range ?? [0, 0];
    this.list.push({
      code,
      severity: 'error',
      span: { file: this.#file, start, end: Math.max(start, Math.min(end, this.#lineEnd(start))) },
      message,
      found: null,
      expected: more.expected ?? null,
      help: more.help ?? null,
      labels: [],
      notes: [],
    });
  }

  /** Tells whether anything was found since it was asked for: what follows from a mistake is none of its own. */
  quietSoFar(): () => boolean {
    const before = this.list.length;
    return () => this.list.length === before;
  }

  /** A mistake is shown on one line, however long its part is. */
  #lineEnd(start: number): number {
    const end = this.#file.text.indexOf('\n', start);
    return end < 0 ? this.#file.text.length : end;
  }
}

/** A key with its value. */
export interface Entry {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: Node | null;
}

/** A list of this many entries is no grid. */
const mostEntries = 10_000;

/** The top of a YAML document, or null where it cannot be read, and reported. */
export function readYaml(file: SourceFile, findings: Findings): Node | null {
  // With `silent` the library would not tell of a second document.
  const document = parseDocument(file.text, { uniqueKeys: true, prettyErrors: false, logLevel: 'error' });
  const exhausted = document.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  // The parser goes on without what it had no room for, and stumbles over the rest.
  for (const error of exhausted === undefined ? document.errors : [exhausted])
    findings.report(null, 'yaml-syntax', wordsOf(error), { range: error.pos });
  if (document.errors.length > 0) return null;
  refuseReferences(document, findings);
  return findings.list.length > 0 ? null : (document.contents as Node | null);
}

/** Where the library's own words are not for who wrote the file. */
const words: Readonly<Partial<Record<YAMLParseError['code'], string>>> = {
  MULTIPLE_DOCS: 'a grid is one document, and here another document begins',
  RESOURCE_EXHAUSTION: 'it is nested too deeply',
};

const wordsOf = ({ code, message }: YAMLParseError): string =>
  words[code] ?? message.split('\n')[0] ?? 'it is not YAML';

/** Merge keys, `<<: *name`, are references too. */
function refuseReferences(document: Document, findings: Findings): void {
  visit(document, {
    Alias: (_, alias) =>
      findings.report(alias, 'grid-shape', `references such as \`*${alias.source}\` are not read in a grid`, {
        help: 'write what it stands for once more',
      }),
  });
}

/** The entries of a map; anything else is reported. */
export function entriesOf(node: Node | null, what: string, findings: Findings): readonly Entry[] {
  if (!isMap(node) || node.items.length > mostEntries) {
    findings.report(node, 'grid-shape', `${what} must be names with values`, {
      expected: '`name: value` on each line',
    });
    return [];
  }
  return (node as YAMLMap<Node, Node | null>).items.flatMap(({ key, value }) => {
    const name = textOf(key);
    if (name !== null) return { key: name, keyNode: key, value: value ?? null };
    findings.report(key, 'grid-shape', `a name in ${what} must be a word`);
    return [];
  });
}

/** The items of a list, or of one value by itself. */
export function itemsOf(node: Node | null, what: string, findings: Findings): readonly Node[] {
  if (isScalar(node)) return [node];
  if (isSeq(node) && node.items.length <= mostEntries) return node.items as Node[];
  findings.report(node, 'grid-shape', `${what} must be a list`, {
    expected: '`[a, b]`, or `- a` on each line',
  });
  return [];
}

/** A scalar as it is written, so that `1.0` and `yes` stay what they are; null for anything else. */
export function textOf(node: Node | null): string | null {
  if (!isScalar(node) || node.value === null) return null;
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

/** A scalar; anything else is reported. */
export function requireText(node: Node | null, at: Node, what: string, findings: Findings): string | null {
  const text = textOf(node);
  if (text === null) findings.report(node ?? at, 'grid-shape', `${what} must be a single value`);
  return text;
}

/** Reports a name that is none of those known. */
export async function reportUnknown(
  node: Node,
  name: string,
  what: string,
  known: readonly string[],
  findings: Findings,
): Promise<void> {
  const { suggest } = await compiler();
  const near = suggest(name, known);
  findings.report(node, 'grid-unknown', `there is no ${what} called \`${name}\``, {
    expected: known.map(word => `\`${word}\``).join(', '),
    help: near === null ? null : `did you mean \`${near}\`?`,
  });
}
