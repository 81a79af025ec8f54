import type { Kernel, KernelBuffer } from '../../kernel/ir.js';
import { kernelBuffers } from '../../kernel/scalar.js';
import { frameHostStart, frameWords } from '../../program/frame.js';
import { type ScalarOp, scalars } from '../../scalar/registry.js';
import { invariant } from '../../support/bug.js';
import { type PreludeFunction, preludeText } from './prelude.js';
import { identifier, Text, unsigned } from './text.js';

/** A kernel's storage buffer as it is bound: group 0, binding 1 + its position. */
export interface Binding {
  readonly buffer: string;
  readonly access: 'read' | 'read_write';
}

export interface KernelText {
  readonly text: string;
  readonly bindings: readonly Binding[];
  readonly workgroups: readonly [number, number, number];
}

/** Workgroups in one row of a dispatch: WebGPU's default `maxComputeWorkgroupsPerDimension`. More spill into y. */
const widest = 65535;

/** A dispatch of `count` workgroups in a line, folded where the line is too long. */
export const dispatch = (count: number): readonly [number, number, number] =>
  count <= widest ? [count, 1, 1] : [widest, Math.ceil(count / widest), 1];

/** The number of a workgroup in such a dispatch. */
export const groupNumber = (count: number): string =>
  count <= widest ? 'group.x' : `group.x + group.y * ${unsigned(widest)}`;

/** Everything of a module outside of its entry function: bindings, the frame, and functions on demand. */
export class ModuleText {
  readonly bindings: readonly Binding[];
  readonly #buffers: ReadonlyMap<string, KernelBuffer>;
  readonly #prelude = new Set<PreludeFunction>();
  readonly #scalarPrelude = new Set<string>();
  readonly #declarations: string[] = [];
  #frameVectors = 0;
  #names = 0;

  constructor(
    kernel: Pick<Kernel, 'reductions' | 'stores'> | readonly Binding[],
    buffers: ReadonlyMap<string, KernelBuffer>,
  ) {
    this.#buffers = buffers;
    this.bindings = 'stores' in kernel ? bindingsOf(kernel) : kernel;
  }

  fresh(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  /** Functions and workgroup variables, before the entry function. */
  declare(text: string): void {
    this.#declarations.push(text);
  }

  use(part: PreludeFunction): void {
    this.#prelude.add(part);
  }

  scalar(op: ScalarOp, args: readonly string[]): string {
    const { wgsl, wgslPrelude } = scalars[op];
    if (wgslPrelude !== undefined) this.#scalarPrelude.add(wgslPrelude);
    return wgsl(...args);
  }

  frameWord(word: number): string {
    // Bindings of at least 256 bytes, in steps of it: the runtime's frames are no smaller.
    this.#frameVectors = Math.max(this.#frameVectors, 16 * Math.ceil((word + 1) / 64));
    return `frame[${word >> 2}u].${'xyzw'[word & 3]}`;
  }

  host(slot: number): string {
    return `bitcast<f32>(${this.frameWord(frameHostStart + slot)})`;
  }

  /** An element of a buffer; of a slotted one, of this run's part. */
  element(buffer: string, index: string): string {
    const facts = this.#buffers.get(buffer);
    invariant(facts, () => `no buffer ${buffer}`);
    const offset = facts.slotted ? `${this.frameWord(frameWords.slot)} * ${unsigned(facts.length)} + ` : '';
    return `${this.#bufferName(buffer)}[${offset}${index}]`;
  }

  /** Numbered, because two names may differ only in what an identifier cannot hold. */
  #bufferName(buffer: string): string {
    const position = this.bindings.findIndex(binding => binding.buffer === buffer);
    return identifier(`buffer${position + 1}`, buffer);
  }

  text(entry: { readonly workgroup: number; readonly body: Text }): string {
    const head = new Text();
    const vectors = Math.max(16, this.#frameVectors);
    head.line(`@group(0) @binding(0) var<uniform> frame: array<vec4<u32>, ${vectors}>;`);
    this.bindings.forEach(({ buffer, access }, i) => {
      const { element } = this.#buffers.get(buffer)!;
      const name = this.#bufferName(buffer);
      head.line(`@group(0) @binding(${i + 1}) var<storage, ${access}> ${name}: array<${element}>;`);
    });
    const functions = [...preludeText(this.#prelude), ...this.#scalarPrelude, ...this.#declarations];
    const main = new Text();
    const builtins = '@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32';
    main.line(`@compute @workgroup_size(${entry.workgroup})`);
    main.block(`fn main(${builtins})`, () => main.append(entry.body));
    return [head.toString(), ...functions.map(text => `${text.trimEnd()}\n`), main.toString()].join('\n');
  }
}

function bindingsOf(kernel: Pick<Kernel, 'reductions' | 'stores'>): readonly Binding[] {
  const { read, written } = kernelBuffers(kernel);
  const reads = read.filter(buffer => !written.includes(buffer));
  return [
    ...reads.map(buffer => ({ buffer, access: 'read' as const })),
    ...written.map(buffer => ({ buffer, access: 'read_write' as const })),
  ];
}
