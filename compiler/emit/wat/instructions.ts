import { CompilerBug } from '../../support/bug.js';
import type { Bytes } from './bytes.js';
import { ends, noResult, type Opcode, opcodes, structured } from './opcodes.js';
import type { Reader } from './reader.js';

/** The instructions of one function: arguments first, as on the stack. */
export class FunctionBody {
  readonly #reader: Reader;
  readonly #bytes: Bytes;
  readonly #locals: ReadonlyMap<string, number>;
  readonly #functions: ReadonlyMap<string, number>;
  /** Of the blocks, loops and conditions around, outermost first. */
  readonly #labels: string[] = [];

  constructor(
    reader: Reader,
    bytes: Bytes,
    { locals, functions }: Readonly<Record<'locals' | 'functions', ReadonlyMap<string, number>>>,
  ) {
    this.#reader = reader;
    this.#bytes = bytes;
    this.#locals = locals;
    this.#functions = functions;
  }

  /** Up to the closing parenthesis of what they stand in. */
  instructions(): void {
    const reader = this.#reader;
    while (!reader.isClosed) {
      if (reader.isOpen) this.#folded();
      else this.#one(reader.word(), false);
    }
  }

  #folded(): void {
    const reader = this.#reader;
    reader.open();
    const name = reader.word();
    if (name === 'block' || name === 'loop') this.#nested(structured[name]);
    else if (name === 'if') this.#condition();
    else this.#one(name, true);
    reader.close();
  }

  #nested(code: number): void {
    const [reader, bytes] = [this.#reader, this.#bytes];
    this.#labels.push(reader.word());
    bytes.byte(code);
    bytes.byte(noResult);
    this.instructions();
    bytes.byte(ends);
    this.#labels.pop();
  }

  #condition(): void {
    const [reader, bytes] = [this.#reader, this.#bytes];
    this.#folded();
    bytes.byte(structured.if);
    bytes.byte(noResult);
    if (!reader.tryOpen('then')) throw reader.problem('what is done then');
    this.#labels.push('');
    this.instructions();
    this.#labels.pop();
    reader.close();
    bytes.byte(ends);
  }

  /** An instruction. What a folded one takes stands behind its immediates in the text, and before it in the binary. */
  #one(name: string, isFolded: boolean): void {
    const reader = this.#reader;
    const opcode = opcodes.get(name);
    if (opcode === undefined) throw reader.problem(`another instruction than ${name}`);
    const words: string[] = [];
    const count = immediateCounts[opcode.immediates];
    while (words.length < count && reader.isWord) words.push(reader.word());
    if (words.length < count && opcode.immediates !== 'address') throw reader.problem(`more for ${name}`);
    while (isFolded && reader.isOpen) this.#folded();
    this.#bytes.all(opcode.code);
    this.#immediates(opcode, words);
  }

  #immediates({ immediates, alignment }: Opcode, words: readonly string[]): void {
    const bytes = this.#bytes;
    const [first = ''] = words;
    switch (immediates) {
      case 'none':
        return;
      case 'local':
        bytes.unsigned(known(this.#locals, first));
        return;
      case 'function':
        bytes.unsigned(known(this.#functions, first));
        return;
      case 'label':
        bytes.unsigned(this.#depth(first));
        return;
      case 'integer':
        bytes.signed(integer(first));
        return;
      case 'vector':
        for (const word of words.slice(1)) {
          if (first === 'f32x4') bytes.float(number(word));
          else bytes.word(integer(word));
        }
        return;
      case 'lane':
      case 'lanes':
        bytes.all(words.map(integer));
        return;
      case 'address':
        this.#address(words, alignment);
    }
  }

  /** `offset=16`, where it is not 0, and the lane, where there is one. */
  #address(words: readonly string[], alignment: number): void {
    const bytes = this.#bytes;
    const offset = words[0]?.startsWith(offsetMark) ? integer(words[0].slice(offsetMark.length)) : null;
    bytes.unsigned(alignment);
    bytes.unsigned(offset ?? 0);
    bytes.all(words.slice(offset === null ? 0 : 1).map(integer));
  }

  /** How many blocks, loops and conditions a branch leaves before it comes to its own. */
  #depth(label: string): number {
    const at = this.#labels.lastIndexOf(label);
    if (at < 0) throw this.#reader.problem(`no branch to ${label}`);
    return this.#labels.length - 1 - at;
  }
}

const offsetMark = 'offset=';

/** Words of each kind; an address has as many as there are. */
const immediateCounts: Readonly<Record<Opcode['immediates'], number>> = {
  none: 0,
  local: 1,
  label: 1,
  function: 1,
  integer: 1,
  vector: 5,
  lane: 1,
  lanes: 16,
  address: 2,
};

function known(indices: ReadonlyMap<string, number>, name: string): number {
  const index = indices.get(name);
  if (index === undefined) throw new CompilerBug(`the WebAssembly text has nothing of the name '${name}'`);
  return index;
}

function number(word: string): number {
  const value = Number(word);
  if (Number.isNaN(value))
    throw new CompilerBug(`the WebAssembly text has '${word}' where a number should be`);
  return value;
}

function integer(word: string): number {
  const value = number(word);
  if (!Number.isInteger(value))
    throw new CompilerBug(`the WebAssembly text has ${word} where an integer should be`);
  return value;
}
