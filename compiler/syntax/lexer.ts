import { type ILexingError, type IToken, Lexer, type TokenType } from 'chevrotain';
import { type Diagnostic, diagnose } from '../diagnostics/index.js';
import type { SourceFile, Span } from '../support/source.js';
import { limits } from './limits.js';
import { allTokens, MalformedNumber, UnterminatedString, WrongQuotes } from './tokens.js';

export interface LexedFile {
  readonly tokens: IToken[];
  /** `//` and `///` comments in order, each to the end of its line. */
  readonly comments: readonly IToken[];
  readonly diagnostics: readonly Diagnostic[];
}

let sharedLexer: Lexer | null = null;

/** Built on first use: a command that reads no source should not pay for it. */
function lexerInstance(): Lexer {
  sharedLexer ??= new Lexer([...allTokens], {
    positionTracking: 'onlyOffset',
    ensureOptimizations: true,
    skipValidations: true,
  });
  return sharedLexer;
}

export const endOf = (token: IToken): number => token.startOffset + token.image.length;

/** Splits a text into tokens; what is no token is reported and left out. */
export function lex(file: SourceFile): LexedFile {
  const result = lexerInstance().tokenize(file.text);
  const spanOf = (token: IToken): Span => ({ file, start: token.startOffset, end: endOf(token) });
  // One more than are shown, so that it is seen that some are not.
  const most = limits.errors + 1;
  const diagnostics = [
    ...result.errors.slice(0, most).map(error => unexpectedCharacter(file, error)),
    ...mistakes(result.groups.mistakes ?? [], spanOf).slice(0, most),
    ...malformedTokens(result.tokens, most).map(token => malformed(token, spanOf(token))),
  ];
  return { tokens: result.tokens, comments: result.groups.comments ?? [], diagnostics };
}

function mistakes(tokens: readonly IToken[], spanOf: (token: IToken) => Span): readonly Diagnostic[] {
  const firstSemicolon = tokens.find(token => token.image === ';');
  return tokens.flatMap(token => {
    if (token.image !== ';') {
      const opener = token.image.startsWith('#') ? '#' : '/*';
      return [diagnose('wrong-comment', spanOf(token), { opener })];
    }
    return token === firstSemicolon ? [diagnose('semicolon', spanOf(token), {})] : [];
  });
}

const malformedTypes: ReadonlySet<TokenType> = new Set([MalformedNumber, UnterminatedString, WrongQuotes]);

const malformedTokens = (tokens: readonly IToken[], most: number): readonly IToken[] =>
  tokens.filter(token => malformedTypes.has(token.tokenType)).slice(0, most);

function malformed(token: IToken, span: Span): Diagnostic {
  if (token.tokenType === UnterminatedString) return diagnose('unterminated-string', span, {});
  if (token.tokenType === WrongQuotes) return diagnose('wrong-quotes', span, {});
  return diagnose('invalid-number', span, { text: token.image, hint: numberHint(token.image) });
}

function numberHint(text: string): string | null {
  if (/^\d[\d_]*$/.test(text)) return `write \`${text.replaceAll('_', '')}\`: digits are not grouped`;
  if (/^\.\d+$/.test(text)) return `write \`0${text}\``;
  if (/^\d+\.$/.test(text)) return `write \`${text}0\``;
  if (/^\d+[eE]$/.test(text)) return 'digits are missing after the exponent sign';
  const name = /^\d+([A-Za-z_]\w*)$/.exec(text)?.[1];
  return name === undefined ? null : `write \`${text.slice(0, -name.length)} * ${name}\` for a product`;
}

/** Look-alikes and operators of other languages, and what to write. */
const characterHints: Readonly<Record<string, string>> = {
  '−': 'the minus sign is `-`',
  '–': 'the minus sign is `-`',
  '—': 'the minus sign is `-`',
  '×': 'the product is `*`',
  '·': 'the product is `*`',
  '÷': 'the quotient is `/`',
  '∼': 'a draw is written with `~`',
  '～': 'a draw is written with `~`',
  '≤': 'write `<=`',
  '≥': 'write `>=`',
  '²': 'write `^2`',
  '|': 'a pipe is written `|>`',
  '!': 'there is no negation; write `1 - x`',
  '&': 'there is no `and`; multiply the comparisons',
  "'": 'strings are written with `"`',
};

function unexpectedCharacter(file: SourceFile, error: ILexingError): Diagnostic {
  const span = { file, start: error.offset, end: error.offset + error.length };
  const text = file.text.slice(span.start, span.end);
  const first = String.fromCodePoint(text.codePointAt(0) ?? 0);
  const letters = /^\p{Letter}/u.test(text) ? 'names are made of the letters a to z, digits and `_`' : null;
  const shown = text.length > 20 ? `${text.slice(0, 20)}…` : text;
  return diagnose('unexpected-character', span, { text: shown, hint: characterHints[first] ?? letters });
}
