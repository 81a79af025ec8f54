import { invariant } from '../../support/bug.js';

/** Lines of WGSL, indented by the blocks they stand in. */
export class Text {
  readonly #lines: string[] = [];
  #depth = 0;

  line(text: string): void {
    this.#lines.push(text === '' ? '' : '  '.repeat(this.#depth) + text);
  }

  /** `head { body }`; no head: a scope of its own. */
  block(head: string, body: () => void): void {
    this.line(head === '' ? '{' : `${head} {`);
    this.#depth++;
    body();
    this.#depth--;
    this.line('}');
  }

  /** The lines of another text, inside the block that is open here. */
  append(other: Text): void {
    for (const line of other.#lines) this.line(line);
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

/** An identifier from any name, in a family of its own: no keyword and no other family's name. */
export const identifier = (family: string, name: string): string =>
  `${family}_${name.replaceAll(/[^A-Za-z0-9]/g, '_')}`;

const largest = 3.4028234663852886e38;

/**
 * A number as a literal of exactly the f32 nearest to it. WGSL has no infinity; what exceeds the largest f32 becomes
 * that.
 */
export function literal(value: number): string {
  invariant(!Number.isNaN(value), 'a constant is not a number');
  const rounded = Math.fround(Math.min(largest, Math.max(-largest, value)));
  const text = Object.is(rounded, -0) ? '-0' : String(rounded);
  const number = /[.e]/.test(text) ? text : `${text}.0`;
  return rounded < 0 || Object.is(rounded, -0) ? `(${number}f)` : `${number}f`;
}

export const unsigned = (value: number): string => `${value}u`;
