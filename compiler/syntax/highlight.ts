import { Lexer, type TokenType } from 'chevrotain';
import {
  allTokens,
  contextual,
  Identifier,
  Infix,
  infix,
  MalformedNumber,
  NumberToken,
  StarStar,
  StringToken,
  UnterminatedString,
  WrongQuotes,
} from './tokens.js';

/** What an editor shows a piece of text as. `member-word` is a keyword at the start of a line and a name elsewhere. */
export const highlightKinds = [
  'comment',
  'keyword',
  'member-word',
  'name',
  'number',
  'string',
  'operator',
  'bracket',
  'separator',
  'invalid',
] as const;
export type HighlightKind = (typeof highlightKinds)[number];

/** Plain data, so that an editor on another thread may have it. */
export interface HighlightRule {
  readonly kind: HighlightKind;
  /** Source of a regular expression. */
  readonly pattern: string;
}

const special = new Map<TokenType, HighlightKind>([
  [Identifier, 'name'],
  [NumberToken, 'number'],
  [MalformedNumber, 'invalid'],
  [StringToken, 'string'],
  [UnterminatedString, 'invalid'],
  [WrongQuotes, 'invalid'],
  [StarStar, 'invalid'],
]);

const memberWords: ReadonlySet<TokenType> = new Set(Object.values(contextual));
const operators: ReadonlySet<TokenType> = new Set(Object.values(infix));

function kindOf(type: TokenType): HighlightKind {
  const own = special.get(type);
  if (own !== undefined) return own;
  if (type.GROUP === 'comments') return 'comment';
  if (type.GROUP === 'mistakes') return 'invalid';
  if (memberWords.has(type)) return 'member-word';
  if (
    operators.has(type) ||
    type.CATEGORIES?.includes(Infix) ||
    type.name === 'Tilde' ||
    type.name === 'Equals'
  )
    return 'operator';
  if (type.LONGER_ALT !== undefined) return 'keyword';
  return /^(?:Left|Right)/.test(type.name) ? 'bracket' : 'separator';
}

function sourceOf({ PATTERN: pattern, LONGER_ALT: longer }: TokenType): string {
  if (pattern instanceof RegExp) return pattern.source;
  const literal = String(pattern).replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return longer === undefined ? literal : `${literal}(?![A-Za-z0-9_])`;
}

/** How to colour a text, in the order the lexer tries its tokens: the first rule that matches at a place is right. */
export const highlightRules: readonly HighlightRule[] = allTokens
  .filter(type => type.PATTERN !== Lexer.NA && type.GROUP !== Lexer.SKIPPED)
  .map(type => ({ kind: kindOf(type), pattern: sourceOf(type) }));
