import { CompilerBug } from '../../support/bug.js';
import { Bytes } from './bytes.js';
import { FunctionBody } from './instructions.js';
import { ends, valueTypes } from './opcodes.js';
import { Reader } from './reader.js';

/*
 * The part of the WebAssembly text format that the printer uses, as the binary format: one memory that is imported,
 * functions, folded instructions. https://webassembly.github.io/spec/core/binary/modules.html
 */

const sections = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;

/** WebAssembly text to a module. What it refuses is a bug of the printer. */
export const assemble = (text: string): Uint8Array => new Assembler(text).module();

class Assembler {
  readonly #reader: Reader;
  /** Types of functions by what they are, and by name. */
  readonly #types = new Map<string, number>();
  readonly #namedTypes = new Map<string, number>();
  readonly #functions = new Map<string, number>();
  readonly #functionTypes: number[] = [];
  #imports: Bytes | null = null;
  readonly #exports = new Bytes();
  #exportCount = 0;
  readonly #code = new Bytes();

  constructor(text: string) {
    this.#reader = new Reader(text);
  }

  module(): Uint8Array {
    const reader = this.#reader;
    if (!reader.tryOpen('module')) throw reader.problem('a module');
    while (!reader.isClosed) this.#field();
    reader.close();
    const types = new Bytes();
    types.unsigned(this.#types.size);
    for (const key of this.#types.keys()) writeType(types, key);
    const functions = new Bytes();
    functions.unsigned(this.#functionTypes.length);
    for (const type of this.#functionTypes) functions.unsigned(type);
    const exported = this.#exportCount === 0 ? null : counted(this.#exportCount, this.#exports);
    const code = counted(this.#functionTypes.length, this.#code);
    const binary = new Bytes();
    binary.all([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    const parts = { type: types, import: this.#imports, function: functions, export: exported, code };
    for (const [name, part] of Object.entries(parts)) {
      if (part === null) continue;
      binary.byte(sections[name as keyof typeof sections]);
      binary.block(part);
    }
    return binary.content();
  }

  #field(): void {
    const reader = this.#reader;
    if (reader.tryOpen('func')) this.#function();
    else if (reader.tryOpen('import')) this.#import();
    else if (reader.tryOpen('type')) this.#type();
    else throw reader.problem('a function, an import or a type');
    reader.close();
  }

  #type(): void {
    const reader = this.#reader;
    const name = reader.word();
    if (!reader.tryOpen('func')) throw reader.problem('the type of a function');
    this.#namedTypes.set(name, this.#typeIndex(this.#typeList('param'), this.#typeList('result')));
    reader.close();
  }

  #typeIndex(parameters: readonly string[], results: readonly string[]): number {
    const key = `${parameters.join(' ')}>${results.join(' ')}`;
    const known = this.#types.get(key) ?? this.#types.size;
    this.#types.set(key, known);
    return known;
  }

  /** `(param i32 i32)`, `(result v128)`; nothing where there are none. */
  #typeList(kind: string): readonly string[] {
    const reader = this.#reader;
    const found: string[] = [];
    while (reader.tryOpen(kind)) {
      while (reader.isWord) found.push(reader.word());
      reader.close();
    }
    return found;
  }

  /** `"env" "memory" (memory 1 65536 shared)` */
  #import(): void {
    const reader = this.#reader;
    const imports = new Bytes();
    imports.unsigned(1);
    imports.name(reader.word());
    imports.name(reader.word());
    if (!reader.tryOpen('memory')) throw reader.problem('a memory');
    const [least, most] = [Number(reader.word()), Number(reader.word())];
    if (reader.word() !== 'shared') throw reader.problem('a shared memory');
    reader.close();
    imports.all([0x02, 0x03]);
    imports.unsigned(least);
    imports.unsigned(most);
    this.#imports = imports;
  }

  #function(): void {
    const reader = this.#reader;
    const index = this.#functionTypes.length;
    if (reader.isWord) this.#functions.set(reader.word(), index);
    while (reader.tryOpen('export')) {
      this.#exports.name(reader.word());
      this.#exports.byte(0x00);
      this.#exports.unsigned(index);
      this.#exportCount++;
      reader.close();
    }
    let type: number | null = null;
    if (reader.tryOpen('type')) {
      type = this.#namedTypes.get(reader.word()) ?? null;
      reader.close();
    }
    const locals = new Map<string, number>();
    const parameters = this.#named('param', locals);
    const results = this.#typeList('result');
    const body = new Bytes();
    writeLocals(body, this.#named('local', locals));
    this.#functionTypes.push(type ?? this.#typeIndex(parameters, results));
    new FunctionBody(reader, body, { locals, functions: this.#functions }).instructions();
    body.byte(ends);
    this.#code.block(body);
  }

  /** `(param $name i32)` or `(local $name v128)`, each of its own; their types. */
  #named(kind: string, locals: Map<string, number>): readonly string[] {
    const reader = this.#reader;
    const types: string[] = [];
    while (reader.tryOpen(kind)) {
      locals.set(reader.word(), locals.size);
      types.push(reader.word());
      reader.close();
    }
    return types;
  }
}

function counted(count: number, part: Bytes): Bytes {
  const whole = new Bytes();
  whole.unsigned(count);
  whole.append(part.content());
  return whole;
}

function typeCode(type: string): number {
  const code = valueTypes[type];
  if (code === undefined) throw new CompilerBug(`the WebAssembly text has a value of the type ${type}`);
  return code;
}

function writeType(bytes: Bytes, key: string): void {
  bytes.byte(0x60);
  for (const list of key.split('>')) {
    const types = list === '' ? [] : list.split(' ');
    bytes.unsigned(types.length);
    bytes.all(types.map(typeCode));
  }
}

/** Runs of locals of one type. */
function writeLocals(bytes: Bytes, types: readonly string[]): void {
  const runs: { readonly type: string; count: number }[] = [];
  for (const type of types) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  bytes.unsigned(runs.length);
  for (const { type, count } of runs) {
    bytes.unsigned(count);
    bytes.byte(typeCode(type));
  }
}
