import { type Line, type Op, setLines } from './lines.js';
import type { Comment, Gap, TokenStream } from './stream.js';

/**
 * What stands between two tokens if no comment does. `line` and `soft` may break; `member` and `item` always do and
 * keep one empty line. `documented`: how many of the comments above are the declaration's documentation.
 */
export type Separator =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'line'; readonly flat: string }
  | { readonly kind: 'member'; readonly first: boolean; readonly documented: number };

export const none: Separator = { kind: 'text', text: '' };
export const space: Separator = { kind: 'text', text: ' ' };
export const line: Separator = { kind: 'line', flat: ' ' };
export const soft: Separator = { kind: 'line', flat: '' };
export const member = (first: boolean, documented = 0): Separator => ({ kind: 'member', first, documented });

const isDoc = (text: string): boolean => /^\/\/\/(?!\/)/.test(text);

/** Writes the tokens of a text in a layout, each with the comments before it. */
export class Writer {
  private readonly stream: TokenStream;
  private readonly ops: Op[] = [];
  private separator: Separator = none;
  /** Groups and indentations that start behind the separator. */
  private waiting: Op[] = [];
  private isWaiting = false;
  /** Comments before tokens that must stay on the line of what they follow; they stand behind those instead. */
  private carried: Comment[] = [];

  constructor(stream: TokenStream) {
    this.stream = stream;
  }

  separate(separator: Separator): void {
    this.separator = separator;
    this.isWaiting = true;
  }

  open(): void {
    this.push({ kind: 'open' });
  }

  close(): void {
    this.push({ kind: 'close' });
  }

  indent(by: number): void {
    this.push({ kind: 'indent', by });
  }

  comes(text: string): boolean {
    return this.stream.comes(text);
  }

  token(text: string): void {
    this.settle(this.gap(text));
    this.ops.push({ kind: 'text', text });
  }

  /** A token on the line of the one before: a comma, or a bracket that applies to what stands before it. */
  glued(text: string): void {
    this.carried = [...this.gap(text).comments];
    this.raw(text);
  }

  /** Text that is no token of the source. */
  raw(text: string): void {
    this.settle({ comments: [], blank: false });
    this.ops.push({ kind: 'text', text });
  }

  /** Takes a token and leaves it out; the comments before it stay. */
  skip(text: string): void {
    this.carried = [...this.gap(text).comments];
  }

  /** A closing bracket. The comments before it are indented as what it closes; `aboveFirst` as for `comments`. */
  closing(text: string, separator: Separator, aboveFirst: boolean | null): void {
    const { comments } = this.gap(text);
    this.comments(comments, 0, aboveFirst, 0);
    this.indent(-2);
    if (comments.length > 0 || separator.kind === 'member') this.lineBreak(false, 0);
    else this.ops.push(separator);
    this.ops.push({ kind: 'text', text });
  }

  /** The comments at the end of the text, and then all lines. */
  finish(): readonly Line[] {
    this.comments([...this.carried, ...this.stream.rest()], 0, this.ops.length > 0, 0);
    return setLines(this.ops);
  }

  private push(op: Op): void {
    if (this.isWaiting) this.waiting.push(op);
    else this.ops.push(op);
  }

  private gap(text: string): Gap {
    const { comments, blank } = this.stream.take(text);
    const all = [...this.carried, ...comments];
    this.carried = [];
    return { comments: all, blank };
  }

  private lineBreak(blank: boolean, extra: number): void {
    this.ops.push({ kind: 'break', blank, extra });
  }

  /** Writes the separator, or the comments and a line break in its place. */
  private settle({ comments, blank }: Gap): void {
    const { separator } = this;
    const extra = separator.kind === 'text' ? 2 : 0;
    if (separator.kind === 'member') {
      const { first, documented } = separator;
      this.comments(comments, 0, !first, documented);
      const follows = !first || comments.some((comment, place) => !isTrailing(comment, place));
      const undocumented = documented === 0 && endsInDoc(comments);
      this.lineBreak(follows && (blank || undocumented), 0);
    } else if (comments.length > 0) {
      this.comments(comments, extra, null, 0);
      this.lineBreak(false, extra);
    } else if (separator.kind === 'line' || separator.text !== '') this.ops.push(separator);
    this.ops.push(...this.waiting);
    this.waiting = [];
    this.separator = none;
    this.isWaiting = false;
  }

  /** `aboveFirst`: whether empty lines are kept above the first; null: none are anywhere. */
  private comments(
    comments: readonly Comment[],
    extra: number,
    aboveFirst: boolean | null,
    documented: number,
  ): void {
    let above = aboveFirst;
    comments.forEach((comment, place) => {
      if (isTrailing(comment, place)) {
        this.ops.push({ kind: 'comment', text: comment.text });
        return;
      }
      // A text in the style of documentation that documents nothing must not come to stand right above a declaration.
      const startsDoc = documented > 0 && place === comments.length - documented;
      const apart = startsDoc && endsInDoc(comments.slice(0, place));
      this.lineBreak(above === true && (comment.blank || apart), extra);
      this.ops.push({ kind: 'text', text: comment.text });
      if (above === false) above = true;
    });
  }
}

const isTrailing = (comment: Comment, place: number): boolean => comment.trailing && place === 0;

function endsInDoc(comments: readonly Comment[]): boolean {
  const last = comments[comments.length - 1];
  return last !== undefined && isDoc(last.text) && !isTrailing(last, comments.length - 1);
}

type Writers<Node extends { readonly kind: string }> = {
  readonly [Kind in Node['kind']]: (writer: Writer, node: Extract<Node, { readonly kind: Kind }>) => void;
};

/** Writes a node by the row of its kind. */
export const byKind =
  <Node extends { readonly kind: string }>(rows: Writers<Node>) =>
  (writer: Writer, node: Node): void => {
    const write = rows[node.kind as Node['kind']] as (writer: Writer, node: Node) => void;
    write(writer, node);
  };
