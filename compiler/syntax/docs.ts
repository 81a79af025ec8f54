import type { IToken } from 'chevrotain';
import { endOf } from './lexer.js';

const isDoc = /^\/\/\/(?!\/)/;

function startsLine(text: string, offset: number): boolean {
  let before = offset - 1;
  while (text[before] === ' ' || text[before] === '\t') before--;
  return before < 0 || text[before] === '\n' || text[before] === '\r' || text[before] === '\ufeff';
}

/** Finds the `///` lines right above a declaration. `////` and more is an ordinary comment. */
export class DocComments {
  private readonly text: string;
  private readonly comments: readonly IToken[];

  constructor(text: string, comments: readonly IToken[]) {
    this.text = text;
    this.comments = comments.filter(
      ({ image, startOffset }) => isDoc.test(image) && startsLine(text, startOffset),
    );
  }

  /** The text of the lines that end right above `offset`, without slashes, joined by line breaks; or null. */
  above(offset: number): string | null {
    const lines: string[] = [];
    let below = offset;
    for (let index = this.lastBefore(offset); index >= 0; index--) {
      const comment = this.comments[index]!;
      if (!/^[ \t]*(?:\r\n|\r|\n)[ \t]*$/.test(this.text.slice(endOf(comment), below))) break;
      lines.push(comment.image.replace(/^\/\/\/ ?/, '').trimEnd());
      below = comment.startOffset;
    }
    return lines.length === 0 ? null : lines.reverse().join('\n');
  }

  private lastBefore(offset: number): number {
    let low = -1;
    let high = this.comments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.comments[middle]!.startOffset < offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
