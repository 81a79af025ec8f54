import type { IToken } from 'chevrotain';
import { invariant } from '../../support/bug.js';
import { endOf } from '../lexer.js';

export interface Comment {
  readonly text: string;
  /** On the line of the token before it. */
  readonly trailing: boolean;
  /** An empty line stands above it. */
  readonly blank: boolean;
}

/** What stands before a token. */
export interface Gap {
  readonly comments: readonly Comment[];
  /** An empty line stands right above the token. */
  readonly blank: boolean;
}

/** What the one layout may leave out: parentheses that precedence makes needless, and a comma behind the last element. */
const needless: ReadonlySet<string> = new Set(['(', ')', ',']);

/**
 * The tokens of a text with the comments between them, taken in order. The layout writes the tokens that the text has
 * and in its order, so whatever stands between two of them is met on the way and cannot be lost.
 */
export class TokenStream {
  private readonly text: string;
  private readonly tokens: readonly IToken[];
  private readonly comments: readonly IToken[];
  private next = 0;
  private nextComment = 0;
  /** Where the last token or comment ended. */
  private end = 0;

  constructor(text: string, tokens: readonly IToken[], comments: readonly IToken[]) {
    this.text = text;
    this.tokens = tokens;
    this.comments = comments;
  }

  /** Takes the next token of this text, and what was left out before it. */
  take(text: string): Gap {
    const comments: Comment[] = [];
    for (;;) {
      const token = this.tokens[this.next++];
      invariant(token, () => `the text ends before \`${text}\``);
      this.collect(token.startOffset, comments);
      const blank = this.breaksBefore(token.startOffset) > 1;
      this.end = endOf(token);
      if (token.image === text) return { comments, blank };
      this.checkNeedless(token, text);
    }
  }

  /** Whether this token comes next, but for what may be left out. */
  comes(text: string): boolean {
    let index = this.next;
    while (needless.has(this.tokens[index]?.image ?? '')) index++;
    return this.tokens[index]?.image === text;
  }

  /** The comments behind the last token. */
  rest(): readonly Comment[] {
    const comments: Comment[] = [];
    for (let token = this.tokens[this.next]; token; token = this.tokens[++this.next]) {
      this.checkNeedless(token, 'the end');
      this.collect(token.startOffset, comments);
      this.end = endOf(token);
    }
    this.collect(this.text.length, comments);
    return comments;
  }

  private checkNeedless(token: IToken, wanted: string): void {
    invariant(
      needless.has(token.image),
      () => `the layout has \`${wanted}\` where the text has \`${token.image}\``,
    );
  }

  private collect(before: number, into: Comment[]): void {
    for (;;) {
      const comment = this.comments[this.nextComment];
      if (!comment || comment.startOffset >= before) return;
      const breaks = this.breaksBefore(comment.startOffset);
      const trailing = breaks === 0 && this.next > 0 && into.length === 0 && this.end > 0;
      into.push({ text: comment.image.trimEnd(), trailing, blank: breaks > 1 });
      this.end = endOf(comment);
      this.nextComment++;
    }
  }

  private breaksBefore(offset: number): number {
    return this.text.slice(this.end, offset).match(/\r\n|\r|\n/g)?.length ?? 0;
  }
}
