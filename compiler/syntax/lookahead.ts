import { EmbeddedActionsParser, EOF, type IToken, type TokenType, tokenMatcher } from 'chevrotain';
import { lineRange, positionAt } from '../support/position.js';
import type { SourceFile, Span } from '../support/source.js';
import { expectedPhrases } from './expected.js';
import { endOf } from './lexer.js';
import {
  allTokens,
  Colon,
  contextual,
  Equals,
  Identifier,
  LeftBrace,
  LeftParen,
  RightBrace,
  reserved,
  StringToken,
  Tilde,
} from './tokens.js';
import { declarationWords } from './words.js';

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

/** Where tokens stand, on which lines, and what the next ones start. */
export abstract class LookaheadParser extends EmbeddedActionsParser {
  protected source: SourceFile = { path: '', text: '' };

  /** `validate`: check the grammar itself, which a test does so that no start has to. */
  protected constructor(validate: boolean) {
    super([...allTokens], {
      recoveryEnabled: false,
      maxLookahead: 1,
      errorMessageProvider: expectedPhrases,
      skipValidations: !validate,
    });
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

  protected breaksBetween(start: number, end: number): boolean {
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

  protected startsLine(k: number): boolean {
    const token = this.LA(k);
    const before = this.LA(k - 1);
    if (before.tokenType === EOF) return true;
    return this.breaksBetween(endOf(before), token.startOffset);
  }

  /** Blanks at the start of the line a token stands on. */
  protected indentOf(token: IToken): number {
    const { line } = positionAt(this.source, token.startOffset);
    const { start } = lineRange(this.source, line);
    let end = start;
    while (this.source.text[end] === ' ' || this.source.text[end] === '\t') end++;
    return end - start;
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
  protected modelMemberHead(k: number): boolean {
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
}
