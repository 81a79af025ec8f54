/** Bytes one after another, as many as come. */
export class Bytes {
  #content = new Uint8Array(1024);
  #length = 0;
  readonly #numbers = new DataView(new ArrayBuffer(4));

  get length(): number {
    return this.#length;
  }

  content(): Uint8Array {
    return this.#content.slice(0, this.#length);
  }

  byte(value: number): void {
    if (this.#length === this.#content.length) this.#reserve(1);
    this.#content[this.#length++] = value;
  }

  all(values: readonly number[]): void {
    for (const value of values) this.byte(value);
  }

  append(content: Uint8Array): void {
    this.#reserve(content.length);
    this.#content.set(content, this.#length);
    this.#length += content.length;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#content.length) return;
    const larger = new Uint8Array(2 * (this.#length + more));
    larger.set(this.#content);
    this.#content = larger;
  }

  /** LEB128: seven bits a byte, the lowest first. */
  unsigned(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest & 0x7f) | 0x80);
    this.byte(rest);
  }

  /** LEB128 of an i32: it ends where the rest is nothing but the sign. */
  signed(value: number): void {
    let rest = value | 0;
    for (; rest < -0x40 || rest >= 0x40; rest >>= 7) this.byte((rest & 0x7f) | 0x80);
    this.byte(rest & 0x7f);
  }

  /** Four bytes, the lowest first. */
  word(value: number): void {
    this.#numbers.setInt32(0, value | 0, true);
    this.#four();
  }

  float(value: number): void {
    this.#numbers.setFloat32(0, value, true);
    this.#four();
  }

  #four(): void {
    for (let i = 0; i < 4; i++) this.byte(this.#numbers.getUint8(i));
  }

  /** With its length before it. */
  block(part: Bytes): void {
    this.unsigned(part.length);
    this.append(part.content());
  }

  name(text: string): void {
    const encoded = new TextEncoder().encode(text);
    this.unsigned(encoded.length);
    this.append(encoded);
  }
}
