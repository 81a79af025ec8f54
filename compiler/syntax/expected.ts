import { EOF, type IParserErrorMessageProvider, type IToken } from 'chevrotain';
import { quoted } from '../support/words.js';
import { Identifier, MalformedNumber, NumberToken, Reserved, StringToken } from './tokens.js';

/**
 * The parser's own messages are never shown: each says only what was expected, in the user's words, and the report
 * adds what was found and where.
 */
export const expectedPhrases: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => expected.LABEL ?? expected.name,
  buildNotAllInputParsedMessage: () => 'a declaration',
  buildNoViableAltMessage: ({ customUserDescription }) => customUserDescription ?? 'something else',
  buildEarlyExitMessage: ({ customUserDescription }) => customUserDescription ?? 'something else',
};

const isOf = (token: IToken, ...types: readonly { readonly name: string }[]): boolean =>
  types.some(type => token.tokenType === type || token.tokenType.CATEGORIES?.some(parent => parent === type));

/** What a token is called in a message. */
export function described(token: IToken): string {
  if (token.tokenType === EOF) return 'the end of the file';
  const image = token.image.length > 40 ? `${token.image.slice(0, 40)}…` : token.image;
  if (isOf(token, Reserved)) return `the word ${quoted(image)}`;
  if (isOf(token, NumberToken, MalformedNumber)) return `the number ${quoted(image)}`;
  if (isOf(token, StringToken)) return `the string ${image}`;
  if (isOf(token, Identifier) || token.tokenType === Identifier) return `the name ${quoted(image)}`;
  return quoted(image);
}
