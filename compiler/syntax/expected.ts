import { EOF, type IParserErrorMessageProvider, type IToken, tokenMatcher } from 'chevrotain';
import { quoted } from '../support/words.js';
import { Identifier, NumberToken, Reserved, StringToken } from './tokens.js';

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

/** What a token is called in a message. */
export function described(token: IToken): string {
  if (token.tokenType === EOF) return 'the end of the file';
  const image = token.image.length > 40 ? `${token.image.slice(0, 40)}…` : token.image;
  if (token.tokenType === Identifier) return `the name ${quoted(image)}`;
  if (tokenMatcher(token, Reserved)) return `the word ${quoted(image)}`;
  if (tokenMatcher(token, NumberToken)) return `the number ${quoted(image)}`;
  if (tokenMatcher(token, StringToken)) return `the string ${image}`;
  return quoted(image);
}
