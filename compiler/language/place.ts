import type { SourceFile } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import { type AnyNode, childrenOf } from '../syntax/index.js';

/** A place in a text as an editor asks about it. */
export interface Place {
  /** The word around the offset, '' where there is none. */
  readonly word: string;
  readonly from: number;
  readonly to: number;
  /** The nodes around the word, from the file inwards. */
  readonly path: readonly AnyNode[];
}

const wordEnd = /[A-Za-z0-9_]*/y;

/** A comment runs to the end of its line; `//` in a string is no comment. */
function inComment(text: string, offset: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return line.replaceAll(/"[^"]*"/g, '').includes('//');
}

/** Null inside a comment. */
export function placeAt(file: ast.File, { text }: SourceFile, offset: number): Place | null {
  if (inComment(text, offset)) return null;
  let from = offset;
  while (from > 0 && /[A-Za-z0-9_]/.test(text[from - 1]!)) from--;
  wordEnd.lastIndex = offset;
  const to = offset + wordEnd.exec(text)![0].length;
  return { word: text.slice(from, to), from, to, path: pathTo(file, from, to) };
}

/** A node's own span need not hold all of its children's: a piped call stands behind what is piped into it. */
function pathTo(file: AnyNode, from: number, to: number): readonly AnyNode[] {
  const path: AnyNode[] = [file];
  for (let inner: AnyNode | undefined = file; inner !== undefined; ) {
    inner = childrenOf(inner).find(({ span }) => span.start <= from && span.end >= to);
    if (inner !== undefined) path.push(inner);
  }
  return path;
}
