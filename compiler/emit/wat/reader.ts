import { CompilerBug } from '../../support/bug.js';

const [space, quote, open, close] = [0x20, 0x22, 0x28, 0x29] as const;

/** Walks the parentheses and words of WebAssembly text. There are no comments in it. */
export class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The character code of what comes next, spaces aside. */
  #next(): number {
    while (this.#text.charCodeAt(this.#at) <= space) this.#at++;
    return this.#text.charCodeAt(this.#at);
  }

  get isOpen(): boolean {
    return this.#next() === open;
  }

  get isClosed(): boolean {
    return this.#next() === close;
  }

  /** Neither parenthesis. */
  get isWord(): boolean {
    const next = this.#next();
    return next !== open && next !== close;
  }

  open(): void {
    if (!this.isOpen) throw this.problem('an opening parenthesis');
    this.#at++;
  }

  close(): void {
    if (!this.isClosed) throw this.problem('a closing parenthesis');
    this.#at++;
  }

  word(): string {
    if (!this.isWord) throw this.problem('a word');
    const start = this.#at;
    if (this.#text.charCodeAt(start) === quote) {
      this.#at = this.#text.indexOf('"', start + 1) + 1;
      return this.#text.slice(start + 1, this.#at - 1);
    }
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      // The comparison fails for NaN too, at the end of the text.
      if (!(code > space) || code === open || code === close) break;
      this.#at++;
    }
    if (this.#at === start) throw this.problem('a word, and ends');
    return this.#text.slice(start, this.#at);
  }

  /** Begins a form of this kind, if it is one: `(kind`. */
  tryOpen(kind: string): boolean {
    if (!this.isOpen || !this.#text.startsWith(kind, this.#at + 1)) return false;
    const after = this.#text.charCodeAt(this.#at + 1 + kind.length);
    if (after > space && after !== open && after !== close) return false;
    this.#at += 1 + kind.length;
    return true;
  }

  problem(expected: string): CompilerBug {
    const found = this.#text.slice(this.#at, this.#at + 200);
    return new CompilerBug(`the WebAssembly text should have ${expected} at: ${found}`);
  }
}
