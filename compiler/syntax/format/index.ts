import { type Diagnostic, hasErrors } from '../../diagnostics/index.js';
import { invariant } from '../../support/bug.js';
import type { SourceFile } from '../../support/source.js';
import { lex } from '../lexer.js';
import { parse } from '../parse.js';
import { file as writeFile } from './declarations.js';
import { printLines } from './lines.js';
import { sameTree } from './same-tree.js';
import { TokenStream } from './stream.js';
import { Writer } from './writer.js';

export interface FormatResult {
  /** The same program in the one layout; null where it cannot be read. */
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Writes a program in the one layout: lines of at most 110 columns, 2 columns an indentation, one statement a line, at
 * most one empty line, no needless parentheses. Every comment stays where it is: above, behind or inside what it was.
 * The layout of a layout is itself.
 * @throws CompilerBug rather than give a text that means something else
 */
export function format(source: SourceFile): FormatResult {
  const { file, diagnostics } = parse(source);
  if (hasErrors(diagnostics)) return { text: null, diagnostics };
  const { tokens, comments } = lex(source);
  const writer = new Writer(new TokenStream(source.text, tokens, comments));
  writeFile(writer, file);
  const text = printLines(writer.finish());
  const again = parse({ path: source.path, text });
  const isSame = !hasErrors(again.diagnostics) && sameTree(file.items, again.file.items);
  invariant(isSame, () => `the layout of ${source.path} means something else:\n${text}`);
  return { text, diagnostics };
}
