import { createToken, type ITokenConfig, Lexer, type TokenType } from 'chevrotain';
import type { BinaryOperator } from './ast.js';
import { binaryOperators } from './operators.js';
import {
  type ContextualWord,
  declarationWords,
  memberWords,
  type ReservedWord,
  reservedWords,
} from './words.js';

/**
 * Any token at all. Every block offers it as its last alternative, so that what fits nothing is reported and skipped
 * there and not further up.
 */
export const Stray = createToken({ name: 'Stray', pattern: Lexer.NA });

const category = (name: string): TokenType => createToken({ name, pattern: Lexer.NA, categories: [Stray] });

export const Reserved = category('Reserved');
export const Infix = category('Infix');

const token = (config: ITokenConfig, ...categories: readonly TokenType[]): TokenType =>
  createToken({ ...config, categories: [Stray, ...categories] });

export const Identifier = token({ name: 'Identifier', pattern: /[A-Za-z_][A-Za-z0-9_]*/, label: 'a name' });

const word = (text: string, parent: TokenType): TokenType =>
  createToken({
    name: `word ${text}`,
    pattern: text,
    label: `\`${text}\``,
    longer_alt: Identifier,
    categories: [parent],
  });

const wordTable = <Word extends string>(words: readonly Word[], parent: TokenType): Record<Word, TokenType> =>
  Object.fromEntries(words.map(text => [text, word(text, parent)])) as Record<Word, TokenType>;

export const reserved: Readonly<Record<ReservedWord, TokenType>> = wordTable(reservedWords, Reserved);

/** Contextual words are identifiers too: the category makes them fit wherever a name does. */
export const contextual: Readonly<Record<ContextualWord, TokenType>> = wordTable<ContextualWord>(
  [...declarationWords, ...memberWords],
  Identifier,
);

// The lookahead refuses `1.5.2`, `12abc` and `1e`, which MalformedNumber then takes whole.
export const NumberToken = token({
  name: 'Number',
  pattern: /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/,
  label: 'a number',
});
export const MalformedNumber = token({ name: 'MalformedNumber', pattern: /\.?\d[\w.]*/ }, NumberToken);

export const StringToken = token({
  name: 'String',
  pattern: /"[^"\r\n]*"/,
  label: 'a string in double quotes',
});
export const UnterminatedString = token({ name: 'UnterminatedString', pattern: /"[^"\r\n]*/ }, StringToken);
export const WrongQuotes = token(
  {
    name: 'WrongQuotes',
    pattern: /'[^'\r\n]*'|[“”„][^“”"\r\n]*[“”"]|‘[^‘’\r\n]*’|`[^`\r\n]*`/,
    line_breaks: false,
  },
  StringToken,
);

const symbol = (name: string, pattern: string, ...categories: readonly TokenType[]): TokenType =>
  token({ name, pattern, label: `\`${pattern}\`` }, ...categories);

export const LeftParen = symbol('LeftParen', '(');
export const RightParen = symbol('RightParen', ')');
export const LeftSquare = symbol('LeftSquare', '[');
export const RightSquare = symbol('RightSquare', ']');
export const LeftBrace = symbol('LeftBrace', '{');
export const RightBrace = symbol('RightBrace', '}');
export const Comma = symbol('Comma', ',');
export const Colon = symbol('Colon', ':');
export const Tilde = symbol('Tilde', '~');
export const Equals = symbol('Equals', '=');

export const infix: Readonly<Record<BinaryOperator, TokenType>> = Object.fromEntries(
  Object.keys(binaryOperators).map(text => [text, symbol(text, text, Infix)]),
) as Record<BinaryOperator, TokenType>;
export const Minus = infix['-'];
/** Not an operator of the language: read as `^`, and reported. */
export const StarStar = symbol('StarStar', '**', Infix);

const skipped = (name: string, pattern: RegExp, group: string, breaks = false): TokenType =>
  createToken({ name, pattern, group, line_breaks: breaks });

/** What is not part of the token stream: `mistake` tokens are reported, then treated like a comment. */
const spaces = skipped('Space', /[ \t\r\n\f\v\u00a0\ufeff]+/, Lexer.SKIPPED, true);
const comment = skipped('Comment', /\/\/[^\r\n]*/, 'comments');
const hashComment = skipped('HashComment', /#[^\r\n]*/, 'mistakes');
const blockComment = skipped('BlockComment', /\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?/, 'mistakes', true);
const semicolon = skipped('Semicolon', /;/, 'mistakes');

/** In the order the lexer tries them: longer operators before their prefixes. */
export const allTokens: readonly TokenType[] = [
  spaces,
  comment,
  blockComment,
  hashComment,
  semicolon,
  ...Object.values(reserved),
  ...Object.values(contextual),
  Identifier,
  NumberToken,
  MalformedNumber,
  StringToken,
  UnterminatedString,
  WrongQuotes,
  ...[...Object.values(infix), StarStar, Equals].sort(
    (a, b) => String(b.PATTERN).length - String(a.PATTERN).length,
  ),
  LeftParen,
  RightParen,
  LeftSquare,
  RightSquare,
  LeftBrace,
  RightBrace,
  Comma,
  Colon,
  Tilde,
  Reserved,
  Infix,
  Stray,
];
