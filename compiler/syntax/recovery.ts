import {
  EmbeddedActionsParser,
  EOF,
  type IToken,
  isRecognitionException,
  type TokenType,
  tokenMatcher,
} from 'chevrotain';
import { type Diagnostic, diagnose } from '../diagnostics/index.js';
import type { SourceFile, Span } from '../support/source.js';
import { described, expectedPhrases } from './expected.js';
import { endOf } from './lexer.js';
import {
  allTokens,
  Colon,
  contextual,
  Equals,
  Identifier,
  LeftBrace,
  LeftParen,
  LeftSquare,
  RightBrace,
  RightParen,
  RightSquare,
  reserved,
  Stray,
  StringToken,
  Tilde,
} from './tokens.js';
import { declarationWords } from './words.js';

export const limits = {
  /** UTF-16 units of a source text. */
  fileLength: 1 << 20,
  nesting: 200,
  errors: 50,
} as const;

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
const networkWords: ReadonlySet<TokenType> = new Set([
  contextual.recognition,
  contextual.generative,
  contextual.train,
]);
const declarationTokens: ReadonlySet<TokenType> = new Set(declarationWords.map(text => contextual[text]));
/** Declarations whose word also starts a member of a model or of a `train` block. */
const ambiguousDeclarations: ReadonlySet<TokenType> = new Set([
  contextual.bound,
  contextual.optimizer,
  contextual.schedule,
]);
const statementWords: ReadonlySet<TokenType> = new Set([reserved.let, reserved.param, reserved.return]);

/** What a block holds; decides where skipping after an error may stop. */
export type BlockContent = 'statements' | 'settings' | 'members' | 'declarations';

/**
 * Error recovery. Chevrotain's own works on token types alone; here what matters is the line: a statement, member or
 * declaration starts its line, so that is where reading goes on. An error inside brackets is mended inside them
 * where the closing bracket can be found.
 */
export abstract class RecoveringParser extends EmbeddedActionsParser {
  protected source: SourceFile = { path: '', text: '' };
  protected problems: Diagnostic[] = [];
  protected depth = 0;
  private readonly reported = new Set<number>();
  private readonly openers: IToken[] = [];

  protected constructor() {
    super([...allTokens], {
      recoveryEnabled: false,
      maxLookahead: 1,
      errorMessageProvider: expectedPhrases,
      // The grammar is validated by a test, not at each start.
      skipValidations: true,
    });
  }

  protected begin(source: SourceFile, tokens: IToken[]): void {
    this.input = tokens;
    this.source = source;
    this.problems = [];
    this.depth = 0;
    this.reported.clear();
    this.openers.length = 0;
  }

  // --- places -------------------------------------------------------------------------------------------------

  protected spanOf(token: IToken): Span {
    return { file: this.source, start: token.startOffset, end: endOf(token) };
  }

  /** From the start of a node or token to the end of what was read last. */
  protected spanFrom(start: number): Span {
    return { file: this.source, start, end: Math.max(start, this.previousEnd()) };
  }

  protected previousEnd(): number {
    const previous = this.LA(0);
    return previous.tokenType === EOF ? 0 : endOf(previous);
  }

  private breaksBetween(start: number, end: number): boolean {
    for (let offset = start; offset < end; offset++) {
      const unit = this.source.text[offset];
      if (unit === '\n' || unit === '\r') return true;
    }
    return false;
  }

  /**
   * Line breaks mean nothing, with this exception: a bracket that starts on a later line than the end of what it
   * would apply to does not apply to it. Otherwise `let y = f` would swallow a next line that starts with `(`.
   */
  protected onSameLine(): boolean {
    return !this.breaksBetween(this.previousEnd(), this.LA(1).startOffset);
  }

  private startsLine(k: number): boolean {
    const token = this.LA(k);
    const before = this.LA(k - 1);
    if (before.tokenType === EOF) return true;
    return this.breaksBetween(endOf(before), token.startOffset);
  }

  // --- what comes next ----------------------------------------------------------------------------------------

  protected typeAt(k: number): TokenType {
    return this.LA(k).tokenType;
  }

  protected isAt(k: number, type: TokenType): boolean {
    return tokenMatcher(this.LA(k), type);
  }

  /** `let`, `param`, `return`, or `name ~`. */
  protected statementHead(k: number): boolean {
    return statementWords.has(this.typeAt(k)) || (this.isAt(k, Identifier) && this.typeAt(k + 1) === Tilde);
  }

  /** `recognition {` and its like: what can only stand directly in a model. */
  private modelMemberHead(k: number): boolean {
    if (networkWords.has(this.typeAt(k))) return this.typeAt(k + 1) === LeftBrace;
    if (this.typeAt(k) === reserved.data) return this.isAt(k + 1, Identifier) && this.typeAt(k + 2) === Colon;
    return this.typeAt(k) === contextual.bound && this.isAt(k + 1, Identifier) && this.startsLine(k);
  }

  /** `model name`, `import "…"`: what can only stand at the top of a file. */
  protected declarationHead(k: number): boolean {
    const type = this.typeAt(k);
    if (type === reserved.import) return tokenMatcher(this.LA(k + 1), StringToken);
    if (!declarationTokens.has(type) || !this.isAt(k + 1, Identifier)) return false;
    if (!ambiguousDeclarations.has(type)) return this.startsLine(k);
    const after = this.typeAt(k + 2);
    if (after === Equals || after === LeftBrace) return true;
    return (
      after === LeftParen &&
      this.isAt(k + 3, Identifier) &&
      this.typeAt(k + 4) === Colon &&
      this.isAt(k + 5, Identifier)
    );
  }

  /** A block of this content cannot go on here: its `}` was forgotten, or comes now. */
  protected blockEnds(content: BlockContent): boolean {
    if (content === 'declarations') return this.typeAt(1) === EOF;
    const type = this.typeAt(1);
    if (type === RightBrace || type === EOF || this.declarationHead(1)) return true;
    return content !== 'members' && this.modelMemberHead(1);
  }

  private atBoundary(k: number, content: BlockContent): boolean {
    if (!this.startsLine(k)) return false;
    if (this.declarationHead(k)) return true;
    if (content === 'declarations') return false;
    if (this.statementHead(k) || this.modelMemberHead(k)) return true;
    return content !== 'statements' && this.isAt(k, Identifier);
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

  /** At most one report for each place: what follows from a reported error is not news. */
  protected unexpected(expected: string, hint: string | null = null): void {
    this.unexpectedAt(this.LA(1), this.previousEnd(), expected, hint);
  }

  private unexpectedAt(actual: IToken, previousEnd: number, expected: string, hint: string | null): void {
    if (this.alreadyReported(actual)) return;
    const span = this.missingSpan(actual, previousEnd);
    this.report(
      diagnose('unexpected-token', span, { found: this.foundPhrase(actual, previousEnd), expected, hint }),
    );
  }

  private alreadyReported(actual: IToken): boolean {
    const place = actual.tokenType === EOF ? -1 : actual.startOffset;
    if (this.reported.has(place)) return true;
    this.reported.add(place);
    return false;
  }

  // --- skipping -----------------------------------------------------------------------------------------------

  /** Consumes whatever comes. Only inside ACTION or a catch: it is no part of the grammar. */
  protected skip(): void {
    if (this.typeAt(1) !== EOF) this.consume(0, this.LA(1).tokenType);
  }

  /** Skips to where a block of this content can go on: a line that starts something, or the block's `}`. */
  protected skipToBoundary(content: BlockContent): void {
    let depth = 0;
    for (;;) {
      const type = this.typeAt(1);
      if (type === EOF) return;
      if (this.startsLine(1) && this.declarationHead(1)) return;
      if (depth === 0 && this.atBoundary(1, content)) return;
      if (type === RightBrace && depth === 0 && content !== 'declarations') return;
      if (type === LeftBrace) depth++;
      if (type === RightBrace) depth = Math.max(0, depth - 1);
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
      this.depth = depth;
      this.openers.length = open;
      this.unexpected(error.message);
      if (this.LA(1) === first) this.skip();
      this.skipToBoundary(content);
      return null;
    }
  }

  /** Reports that nothing fits here, skips it, and goes on. */
  protected readonly stray = this.RULE(
    'stray',
    (content: BlockContent, expected: string, hint: string | null) => {
      if (this.RECORDING_PHASE) this.CONSUME(Stray);
      this.ACTION(() => {
        this.unexpected(expected, hint);
        const opens = this.typeAt(1) === LeftBrace;
        if (!opens) this.skip();
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
    if (this.typeAt(1) === closer || opener === undefined) return true;
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
    if (this.alreadyReported(actual) && actual.tokenType !== EOF) return;
    const close = closer.PATTERN as string;
    const found = this.foundPhrase(actual, end);
    const labels = [{ span: this.missingSpan(actual, end), text: `\`${close}\` was expected here` }];
    this.report(
      diagnose('unclosed-bracket', this.spanOf(opener), { open: opener.image, close, found, of }, { labels }),
    );
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
