import { CompilerBug } from '../../support/bug.js';

export type ValueType = 'v128' | 'i32' | 'f32';

/**
 * One WebAssembly value. `level` is the depth of the innermost loop it depends on, so that the printer can compute it
 * outside of all deeper ones. Nodes with the same instruction and arguments are the same object.
 */
export interface Node {
  readonly id: number;
  /** Mnemonic with its immediates. */
  readonly instruction: string;
  readonly args: readonly Node[];
  readonly type: ValueType;
  readonly level: number;
  /** A compile-time i32, for address arithmetic. */
  readonly integer: number | null;
}

/** Begins what stands for an instruction where a node is one of several results of a call: its number, and of how many. */
const resultMark = 'result ';

/** The values of one function. */
export class NodeTable {
  readonly #nodes = new Map<string, Node>();

  make(instruction: string, type: ValueType, args: readonly Node[]): Node {
    return this.#intern(instruction, type, args, Math.max(0, ...args.map(arg => arg.level)), null);
  }

  /** A local that holds what the surrounding loop at `level` has set; never moved. */
  local(name: string, type: ValueType, level: number): Node {
    return this.#intern(`local.get ${name}`, type, [], level, null);
  }

  /** The results, all of one type, of a pure function of the module. */
  call(name: string, type: ValueType, count: number, args: readonly Node[]): readonly Node[] {
    const call = this.make(`call ${name}`, type, args);
    return Array.from({ length: count }, (_, i) => this.make(`${resultMark}${i} of ${count}`, type, [call]));
  }

  integer(value: number): Node {
    return this.#intern(`i32.const ${value | 0}`, 'i32', [], 0, value | 0);
  }

  addInteger(a: Node, b: Node): Node {
    if (a.integer !== null && b.integer !== null) return this.integer(a.integer + b.integer);
    if (a.integer === 0) return b;
    if (b.integer === 0) return a;
    return this.make('i32.add', 'i32', [a, b]);
  }

  scaleInteger(a: Node, factor: number): Node {
    if (a.integer !== null) return this.integer(Math.imul(a.integer, factor));
    if (factor === 0) return this.integer(0);
    if (factor === 1) return a;
    const shift = Math.log2(factor);
    return Number.isInteger(shift) && shift > 0
      ? this.make('i32.shl', 'i32', [a, this.integer(shift)])
      : this.make('i32.mul', 'i32', [a, this.integer(factor)]);
  }

  #intern(
    instruction: string,
    type: ValueType,
    args: readonly Node[],
    level: number,
    integer: number | null,
  ): Node {
    const key = `${instruction} ${type} ${level} ${args.map(arg => arg.id).join(' ')}`;
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const node = { id: this.#nodes.size, instruction, args, type, level, integer };
    this.#nodes.set(key, node);
    return node;
  }
}

interface Scope {
  readonly lines: string[];
  /** Local that holds a node's value, for as long as the scope is open. */
  readonly bound: Map<Node, string>;
}

/**
 * Text of one function, written loop by loop. `use` computes a node once, in the outermost open loop that knows all it
 * depends on; V8 neither shares loads nor moves them out of loops by itself.
 */
export class FunctionText {
  readonly nodes = new NodeTable();
  readonly #scopes: Scope[] = [{ lines: [], bound: new Map() }];
  readonly #locals: string[] = [];

  /** Depth of the innermost open loop. */
  get level(): number {
    return this.#scopes.length - 1;
  }

  declare(type: ValueType): string {
    const name = `$v${this.#locals.length}`;
    this.#locals.push(`(local ${name} ${type})`);
    return name;
  }

  line(text: string): void {
    this.#scopes.at(-1)!.lines.push(text);
  }

  /** A new local set here; as a node it belongs to the innermost open loop. */
  set(value: Node): Node {
    const name = this.declare(value.type);
    this.line(`(local.set ${name} ${this.use(value)})`);
    return this.nodes.local(name, value.type, this.level);
  }

  /** Code that reads the node's value here. */
  use(node: Node): string {
    if (node.args.length === 0 && !node.instruction.includes('.load')) return `(${node.instruction})`;
    const scope = this.#scopes[node.level];
    if (scope === undefined)
      throw new CompilerBug(`a WebAssembly value outlived its loop: ${node.instruction}`);
    const name = scope.bound.get(node) ?? this.#bind(node, scope);
    return `(local.get ${name})`;
  }

  #bind(node: Node, scope: Scope): string {
    if (node.instruction.startsWith(resultMark)) return this.#bindResults(node, scope);
    const args = node.args.map(arg => this.use(arg));
    const name = this.declare(node.type);
    scope.lines.push(`(local.set ${name} (${[node.instruction, ...args].join(' ')}))`);
    scope.bound.set(node, name);
    return name;
  }

  /** Binds all results of a call, the last of which lies on top of the stack; the name of this one. */
  #bindResults(result: Node, scope: Scope): string {
    const [call] = result.args as readonly [Node];
    const [wanted, count] = result.instruction.slice(resultMark.length).split(' of ').map(Number);
    const args = call.args.map(arg => this.use(arg));
    const names = Array.from({ length: count! }, () => this.declare(result.type));
    const sets = [...names].reverse().map(name => `local.set ${name}`);
    scope.lines.push(`(${[call.instruction, ...args].join(' ')}) ${sets.join(' ')}`);
    for (const [i, name] of names.entries()) {
      scope.bound.set(this.nodes.make(`${resultMark}${i} of ${count}`, result.type, [call]), name);
    }
    return names[wanted!]!;
  }

  /** Forgets the values computed in the innermost open loop: memory that they were loaded from has changed. */
  forget(): void {
    this.#scopes.at(-1)!.bound.clear();
  }

  /**
   * for (variable = from; variable < to; variable += step) body, at least once. The loop variable is passed as a node of
   * the new loop's level.
   */
  loop(from: Node, to: Node, step: number, body: (variable: Node) => void): void {
    const name = this.declare('i32');
    const start = this.use(from);
    const end = this.use(to);
    const label = `$l${name.slice(2)}`;
    this.#scopes.push({ lines: [], bound: new Map() });
    body(this.nodes.local(name, 'i32', this.level));
    const { lines } = this.#scopes.pop()!;
    const next = `(local.tee ${name} (i32.add (local.get ${name}) (i32.const ${step})))`;
    this.line(`(local.set ${name} ${start})`);
    this.line(`(loop ${label}`);
    for (const line of lines) this.line(` ${line}`);
    this.line(` (br_if ${label} (i32.lt_s ${next} ${end})))`);
  }

  /** Runs body only if the condition holds. What it computes is not known afterwards. */
  when(condition: Node, body: () => void): void {
    const test = this.use(condition);
    this.#scopes.push({ lines: [], bound: new Map() });
    body();
    const { lines } = this.#scopes.pop()!;
    this.line(`(if ${test} (then`);
    for (const line of lines) this.line(` ${line}`);
    this.line('))');
  }

  /** The body in order, with the declarations that it needs. */
  text(): { readonly locals: string; readonly body: string } {
    return { locals: this.#locals.join(' '), body: this.#scopes[0]!.lines.join('\n') };
  }
}
