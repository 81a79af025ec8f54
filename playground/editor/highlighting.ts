import { HighlightStyle, StreamLanguage, type StreamParser, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { type Tag, tags } from '@lezer/highlight';
import type { HighlightKind, HighlightRule } from 'iwaec';

const tagOf: Readonly<Record<HighlightKind, Tag>> = {
  comment: tags.lineComment,
  keyword: tags.keyword,
  'member-word': tags.keyword,
  name: tags.variableName,
  number: tags.number,
  string: tags.string,
  operator: tags.operator,
  bracket: tags.bracket,
  separator: tags.separator,
  invalid: tags.invalid,
};

const style = HighlightStyle.define([
  { tag: tags.lineComment, class: 'token-comment' },
  { tag: tags.keyword, class: 'token-keyword' },
  { tag: tags.number, class: 'token-number' },
  { tag: tags.string, class: 'token-string' },
  { tag: tags.operator, class: 'token-operator' },
  { tag: tags.bracket, class: 'token-bracket' },
  { tag: tags.separator, class: 'token-bracket' },
  { tag: tags.invalid, class: 'token-invalid' },
  { tag: tags.function(tags.variableName), class: 'token-call' },
]);

/** The lexer's own rules, tried in the lexer's order at each place of a line. */
function parserOf(rules: readonly HighlightRule[]): StreamParser<null> {
  const compiled = rules.map(({ kind, pattern }) => ({ kind, pattern: new RegExp(pattern, 'y') }));
  return {
    name: 'iwae',
    languageData: { commentTokens: { line: '//' }, closeBrackets: { brackets: ['(', '[', '{', '"'] } },
    tokenTable: { call: tags.function(tags.variableName), ...tagOf },
    token(stream) {
      if (stream.eatSpace()) return null;
      const startsLine = stream.string.slice(0, stream.pos).trim() === '';
      for (const { kind, pattern } of compiled) {
        pattern.lastIndex = stream.pos;
        const length = pattern.exec(stream.string)?.[0].length ?? 0;
        if (length === 0) continue;
        stream.pos += length;
        if (kind === 'member-word' && !startsLine) return 'name';
        return kind === 'name' && stream.peek() === '(' ? 'call' : kind;
      }
      stream.next();
      return 'invalid';
    },
  };
}

export const highlighting = (rules: readonly HighlightRule[]): Extension => [
  StreamLanguage.define(parserOf(rules)),
  syntaxHighlighting(style),
];
