import { EOF, type IToken, isRecognitionException, type TokenType } from 'chevrotain';
import { type Diagnostic, diagnose } from '../diagnostics/index.js';
import type { SourceFile, Span } from '../support/source.js';
import { described } from './expected.js';
import { limits } from './limits.js';
import { type BlockContent, LookaheadParser } from './lookahead.js';
import {
  Identifier,
  LeftBrace,
  LeftParen,
  LeftSquare,
  RightBrace,
  RightParen,
  RightSquare,
  reserved,
  Stray,
} from './tokens.js';

/** Ends parsing early; what was parsed before stays. */
export class StopParsing extends Error {
  override readonly name = 'StopParsing';
}

const partners = new Map<TokenType, TokenType>([
  [LeftParen, RightParen],
  [LeftSquare, RightSquare],
  [LeftBrace, RightBrace],
]);
const closers: ReadonlySet<TokenType> = new Set(partners.values());

/**
 * Error recovery. Chevrotain's own works on token types alone; here what matters is the line: a statement, member or
 * declaration starts its line, so that is where reading goes on. An error inside brackets is mended inside them
 * where the closing bracket can be found.
 */
export abstract class RecoveringParser extends LookaheadParser {
  protected problems: Diagnostic[] = [];
  protected depth = 0;
  private readonly reported = new Set<number>();
  private unreadable: readonly number[] = [];
  private readonly openers: IToken[] = [];
  /** Braces whose partner is indented less than their line: where another `}` may be missing. */
  private readonly suspects: IToken[] = [];

  /** `unreadable`: offsets of what the lexer left out and reported, in order. */
  protected begin(source: SourceFile, tokens: IToken[], unreadable: readonly number[]): void {
    this.input = tokens;
    this.source = source;
    this.problems = [];
    this.depth = 0;
    this.reported.clear();
    this.unreadable = unreadable;
    this.openers.length = 0;
    this.suspects.length = 0;
  }

  // --- reports ------------------------------------------------------------------------------------------------

  protected report(diagnostic: Diagnostic): void {
    this.problems.push(diagnostic);
    if (this.problems.length >= limits.errors) throw new StopParsing();
  }

  /** Where a missing thing is missed: after the last token, if the next one is on another line. */
  private missingSpan(actual: IToken, previousEnd: number): Span {
    if (actual.tokenType !== EOF && !this.breaksBetween(previousEnd, actual.startOffset))
      return this.spanOf(actual);
    return { file: this.source, start: previousEnd, end: previousEnd };
  }

  private foundPhrase(actual: IToken, previousEnd: number): string {
    const later = actual.tokenType !== EOF && this.breaksBetween(previousEnd, actual.startOffset);
    return later ? `${described(actual)} on a later line` : described(actual);
  }

  /** Reports that something is missing before the next token. */
  protected unexpected(expected: string, hint: string | null = null): void {
    this.unexpectedAt(this.LA(1), this.previousEnd(), expected, hint);
  }

  private unexpectedAt(actual: IToken, previousEnd: number, expected: string, hint: string | null): void {
    if (this.alreadyReported(actual, previousEnd)) return;
    const span = this.missingSpan(actual, previousEnd);
    const found = this.foundPhrase(actual, previousEnd);
    this.report(diagnose('unexpected-token', span, { found, expected, hint }));
  }

  /** At most one report for each place, and none where text was left out: what follows from an error is no news. */
  private alreadyReported(actual: IToken, previousEnd: number): boolean {
    const place = actual.tokenType === EOF ? this.source.text.length : actual.startOffset;
    if (this.reported.has(place)) return true;
    this.reported.add(place);
    return this.unreadable.some(offset => previousEnd <= offset && offset < place);
  }

  // --- skipping -----------------------------------------------------------------------------------------------

  /** Consumes whatever comes. Only inside ACTION or a catch: it is no part of the grammar. */
  protected skip(): void {
    if (this.typeAt(1) !== EOF) this.consume(0, this.LA(1).tokenType);
  }

  /** `enclosed`: inside parentheses, where a line may start with any name. */
  private atBoundary(content: BlockContent, enclosed: boolean): boolean {
    if (!this.startsLine(1)) return false;
    if (this.declarationHead(1)) return true;
    if (content === 'declarations') return false;
    const starts = this.isAt(1, Identifier) || this.typeAt(1) === reserved.data;
    return this.statementHead(1) || this.modelMemberHead(1) || (!enclosed && starts);
  }

  /** Skips to where a block of this content can go on: a line that starts something, or the block's `}`. */
  protected skipToBoundary(content: BlockContent, enclosed = false): void {
    let braces = 0;
    let brackets = enclosed ? 1 : 0;
    for (;;) {
      const type = this.typeAt(1);
      if (type === EOF || (this.startsLine(1) && this.declarationHead(1))) return;
      if (braces === 0 && this.atBoundary(content, brackets > 0)) return;
      if (type === RightBrace && braces === 0 && content !== 'declarations') return;
      if (type === LeftBrace) braces++;
      else if (type === RightBrace) braces = Math.max(0, braces - 1);
      else if (partners.has(type)) brackets++;
      else if (closers.has(type)) brackets = Math.max(0, brackets - 1);
      this.skip();
    }
  }

  /** Runs a rule of a block; after a syntax error in it, reports, skips to the next boundary and returns null. */
  protected guarded<T>(content: BlockContent, parse: () => T): T | null {
    const first = this.RECORDING_PHASE ? null : this.LA(1);
    const { depth } = this;
    const open = this.openers.length;
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof Error) || !isRecognitionException(error)) throw error;
      this.unexpected(error.message);
      const enclosed = this.openers.slice(open).some(opener => opener.tokenType !== LeftBrace);
      this.depth = depth;
      this.openers.length = open;
      if (this.LA(1) === first) this.skip();
      this.skipToBoundary(content, enclosed);
      return null;
    }
  }

  /** Reports that the next token starts nothing that may stand here, skips it, and goes on. */
  protected readonly stray = this.RULE(
    'stray',
    (content: BlockContent, expected: string, hint: string | null) => {
      if (this.RECORDING_PHASE) this.CONSUME(Stray);
      this.ACTION(() => {
        const actual = this.LA(1);
        if (!this.alreadyReported(actual, this.previousEnd())) {
          const sameLine = this.startsLine(1) ? null : 'is an operator or a comma missing before it?';
          const facts = { found: described(actual), expected, hint: hint ?? sameLine };
          this.report(diagnose('unexpected-token', this.spanOf(actual), facts));
        }
        if (actual.tokenType !== LeftBrace) this.skip();
        this.skipToBoundary(content);
      });
    },
  );

  // --- brackets -----------------------------------------------------------------------------------------------

  protected opened(opener: IToken): void {
    this.openers.push(opener);
  }

  /**
   * Whether the partner of the innermost open bracket comes now and is to be consumed; true while the grammar is
   * recorded. If it does not come, reports that and reads up to where parsing can go on behind the bracket.
   */
  protected closes(closer: TokenType, others: string | null, of: string | null = null): boolean {
    if (this.RECORDING_PHASE) return true;
    const opener = this.openers.pop();
    if (opener === undefined) return true;
    if (this.typeAt(1) === closer) {
      if (closer === RightBrace && this.indentOf(this.LA(1)) < this.indentOf(opener))
        this.suspects.push(opener);
      return true;
    }
    const actual = this.LA(1);
    const previousEnd = this.previousEnd();
    const distance = closer === RightBrace ? null : this.distanceToCloser(closer);
    if (distance !== null) {
      this.unexpectedAt(actual, previousEnd, `${others ?? ''}${closer.LABEL}`, null);
      for (let count = 1; count < distance; count++) this.skip();
      return true;
    }
    this.reportUnclosed(opener, actual, previousEnd, closer, of);
    if (closers.has(actual.tokenType)) this.skipWrongCloser();
    else if (closer !== RightBrace) this.skipRestOfLine();
    return false;
  }

  private reportUnclosed(
    opener: IToken,
    actual: IToken,
    end: number,
    closer: TokenType,
    of: string | null,
  ): void {
    const atEnd = actual.tokenType === EOF;
    if (this.alreadyReported(actual, end) && !atEnd) return;
    const close = closer.PATTERN as string;
    const found = this.foundPhrase(actual, end);
    const labels = [{ span: this.missingSpan(actual, end), text: `\`${close}\` was expected here` }];
    const suspect = this.suspects.find(brace => brace.startOffset > opener.startOffset);
    if (suspect && closer === RightBrace) {
      labels.push({
        span: this.spanOf(suspect),
        text: 'or this one is not closed: the next `}` is indented less',
      });
    }
    const facts = { open: opener.image, close, found, of };
    this.report(diagnose('unclosed-bracket', this.spanOf(opener), facts, { labels }));
  }

  /** How many tokens ahead the partner of the innermost bracket stands, or null if the statement ends before. */
  private distanceToCloser(closer: TokenType): number | null {
    let depth = 0;
    for (let k = 1; ; k++) {
      const type = this.typeAt(k);
      if (type === EOF || (this.startsLine(k) && (this.statementHead(k) || this.declarationHead(k))))
        return null;
      if (partners.has(type)) depth++;
      else if (closers.has(type)) {
        if (depth === 0) return type === closer ? k : null;
        depth--;
      }
    }
  }

  /** `f(a]`: the `]` was meant to close the `(`, unless an outer `[` waits for it. */
  private skipWrongCloser(): void {
    const type = this.typeAt(1);
    const awaited = this.openers.some(opener => partners.get(opener.tokenType) === type);
    if (type !== RightBrace && !awaited) this.skip();
  }

  private skipRestOfLine(): void {
    while (!this.startsLine(1) && this.typeAt(1) !== EOF && !closers.has(this.typeAt(1))) this.skip();
  }
}
