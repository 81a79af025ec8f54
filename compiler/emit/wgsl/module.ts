import type { KernelBuffer, Launch } from '../../kernel/ir.js';
import { kernelArrays } from '../../kernel/scalar.js';
import { type DispatchSchedule, hasBarriers, scratchElements } from '../../kernel/schedule.js';
import { frameHostStart, frameWords } from '../../program/frame.js';
import { type ScalarOp, scalars } from '../../scalar/registry.js';
import { invariant } from '../../support/bug.js';
import { type PreludeFunction, preludeText } from './prelude.js';
import { jobSuffix } from './share.js';
import { identifier, Text, unsigned } from './text.js';

/** A storage buffer as a dispatch binds it: group 0, binding 1 + its position. */
export interface Binding {
  readonly buffer: string;
  readonly access: 'read' | 'read_write';
}

export interface DispatchText {
  readonly text: string;
  readonly bindings: readonly Binding[];
  readonly workgroups: readonly [number, number, number];
}

/** Workgroups in one row of a dispatch: WebGPU's default `maxComputeWorkgroupsPerDimension`. More spill into y. */
const widest = 65535;

/** A dispatch of `count` workgroups in a line, folded where the line is too long. */
export const dispatchSize = (count: number): readonly [number, number, number] =>
  count <= widest ? [count, 1, 1] : [widest, Math.ceil(count / widest), 1];

/** The number of a workgroup in such a dispatch. */
const groupNumber = (count: number): string =>
  count <= widest ? 'group.x' : `group.x + group.y * ${unsigned(widest)}`;

/** Everything of a module outside of its entry function: bindings, the frame, workgroup memory, functions on demand. */
export class ModuleText {
  readonly bindings: readonly Binding[];
  /** Invocations in a workgroup. */
  readonly workgroup: number;
  /** Whether jobs that differ in numbers alone become one, for drivers that compile slowly. */
  readonly sharesTexts: boolean;
  readonly #rolled: boolean;
  readonly #buffers: ReadonlyMap<string, KernelBuffer>;
  readonly #prelude = new Set<PreludeFunction>();
  readonly #scalarPrelude = new Set<string>();
  #declarations: string[] = [];
  #frameVectors = 0;
  readonly #variables: string[] = [];
  #names = 0;
  #suffix = '';
  #scratch = 0;
  #subgroups = false;

  constructor(
    kernels: readonly Launch[],
    { workgroup, rolled, jobs }: DispatchSchedule,
    buffers: ReadonlyMap<string, KernelBuffer>,
  ) {
    this.#buffers = buffers;
    this.workgroup = workgroup;
    this.#rolled = rolled === true;
    // Barriers must not stand where a variable decides.
    this.sharesTexts = this.#rolled && !jobs.some(({ stages }) => stages.some(hasBarriers));
    this.bindings = bindingsOf(kernels, name => this.#facts(name).place?.buffer ?? name);
  }

  #facts(buffer: string): KernelBuffer {
    const facts = this.#buffers.get(buffer);
    invariant(facts, () => `no buffer ${buffer}`);
    return facts;
  }

  fresh(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  /** The name of a function. */
  freshFunction(prefix: string): string {
    return `${this.fresh(prefix)}${this.#suffix}`;
  }

  /** What is declared for one job. Names in it do not depend on jobs before it, if texts are to be compared. */
  declaredFor<Value>(job: number, declare: () => Value): { readonly value: Value; readonly text: string } {
    const before = this.#declarations;
    this.#declarations = [];
    if (this.sharesTexts) {
      this.#names = 0;
      this.#suffix = jobSuffix(job);
    }
    const value = declare();
    const text = this.#declarations.join('\n');
    this.#declarations = before;
    return { value, text };
  }

  /** A variable of each invocation, before the functions. */
  declareVariable(name: string, type: string): void {
    this.#variables.push(`var<private> ${name}: ${type};`);
  }

  /** Functions, before the entry function. */
  declare(text: string): void {
    this.#declarations.push(text);
  }

  use(part: PreludeFunction): void {
    this.#prelude.add(part);
  }

  /**
   * Makes the workgroup's memory, `scratch`, at least so many elements long. All kernels of a dispatch use the same: each
   * leaves it behind a barrier.
   */
  needScratch(elements: number): void {
    invariant(elements <= scratchElements, () => `${elements} elements of workgroup memory`);
    this.#scratch = Math.max(this.#scratch, elements);
  }

  /** The number of an invocation in its subgroup. */
  member(): string {
    this.#subgroups = true;
    return 'member';
  }

  /** Walks `counter` from 0 to `end`. */
  loop(text: Text, counter: string, end: number, body: () => void): void {
    if (end === 1) {
      text.block('', () => {
        text.line(`let ${counter} = 0u;`);
        body();
      });
      return;
    }
    let step = '1u';
    if (this.#rolled) {
      step = this.fresh('step');
      text.line(`let ${step} = ${this.#hiddenOne()};`);
    }
    text.block(`for (var ${counter} = 0u; ${counter} < ${unsigned(end)}; ${counter} += ${step})`, body);
  }

  /** A one that no driver takes for one: slots are fewer than 2^31. */
  #hiddenOne(): string {
    return `1u + (${this.frameWord(frameWords.slot)} >> 31u)`;
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

  /** Whether a number that is added can be left out: a zero, unless another job has a number there. */
  isOmitted(added: number): boolean {
    return added === 0 && !this.sharesTexts;
  }

  /** An element of a buffer; of a slotted one, of this run's part; of a temporary one, at its place. */
  element(buffer: string, index: string): string {
    const { slotted, length, place } = this.#facts(buffer);
    const slot = slotted ? `${this.frameWord(frameWords.slot)} * ${unsigned(length)} + ` : '';
    const start = place === undefined || this.isOmitted(place.offset) ? '' : `${unsigned(place.offset)} + `;
    return `${this.#bufferName(place?.buffer ?? buffer)}[${slot}${start}${index}]`;
  }

  /** The value of an element, as 32 bits. */
  load(buffer: string, index: string): string {
    const element = this.element(buffer, index);
    return this.#facts(buffer).element === 'f16' ? `f32(${element})` : element;
  }

  /** Statement that stores an f32 in an element. */
  store(buffer: string, index: string, value: string): string {
    const stored = this.#facts(buffer).element === 'f16' ? `f16(${value})` : value;
    return `${this.element(buffer, index)} = ${stored};`;
  }

  /** Numbered, because two names may differ only in what an identifier cannot hold. */
  #bufferName(buffer: string): string {
    const position = this.bindings.findIndex(binding => binding.buffer === buffer);
    return identifier(`buffer${position + 1}`, buffer);
  }

  /** The module, given the entry function's body, which sees `unit`, the number of its workgroup, and `lane`. */
  text(body: Text, groups: number): string {
    const elements = new Map(
      [...this.#buffers.values()].map(({ name, element, place }) => [place?.buffer ?? name, element]),
    );
    const head = new Text();
    const members = this.bindings.map(({ buffer }) => elements.get(buffer));
    if (members.includes('f16')) head.line('enable f16;');
    if (this.#subgroups) head.line('enable subgroups;');
    // What a private variable decides may differ between invocations, for all that the language knows; here none does.
    if (this.#subgroups && this.#variables.length > 0) head.line('diagnostic(off, subgroup_uniformity);');
    const vectors = Math.max(16, this.#frameVectors);
    head.line(`@group(0) @binding(0) var<uniform> frame: array<vec4<u32>, ${vectors}>;`);
    this.bindings.forEach(({ buffer, access }, i) => {
      const type = `array<${elements.get(buffer)}>`;
      head.line(`@group(0) @binding(${i + 1}) var<storage, ${access}> ${this.#bufferName(buffer)}: ${type};`);
    });
    if (this.#subgroups) head.line('var<private> member: u32;');
    for (const variable of this.#variables) head.line(variable);
    if (this.#scratch > 0) head.line(`var<workgroup> scratch: array<f32, ${this.#scratch}>;`);
    const functions = [...preludeText(this.#prelude), ...this.#scalarPrelude, ...this.#declarations];
    const main = new Text();
    const builtins = [
      '@builtin(workgroup_id) group: vec3<u32>',
      '@builtin(local_invocation_index) lane: u32',
      ...(this.#subgroups ? ['@builtin(subgroup_invocation_id) in_subgroup: u32'] : []),
    ].join(', ');
    main.line(`@compute @workgroup_size(${this.workgroup})`);
    main.block(`fn main(${builtins})`, () => {
      if (this.#subgroups) main.line('member = in_subgroup;');
      main.line(`let unit = ${groupNumber(groups)};`);
      main.append(body);
    });
    return [head.toString(), ...functions.map(text => `${text.trimEnd()}\n`), main.toString()].join('\n');
  }
}

/** What a kernel is printed into. */
export interface StageRequest {
  readonly module: ModuleText;
  /** Points of one unit where the kernel is part of a chain; else as many as a workgroup takes at once. */
  readonly span?: number | undefined;
}

/** What the kernels read and write, those that any of them writes last. */
function bindingsOf(kernels: readonly Launch[], boundAs: (buffer: string) => string): readonly Binding[] {
  const arrays = kernels.flatMap(kernelArrays);
  const written = new Set(arrays.flatMap(({ name, access }) => (access === 'read' ? [] : [boundAs(name)])));
  const read = new Set(arrays.map(({ name }) => boundAs(name)));
  return [
    ...[...read].filter(buffer => !written.has(buffer)).map(buffer => ({ buffer, access: 'read' as const })),
    ...[...written].map(buffer => ({ buffer, access: 'read_write' as const })),
  ];
}
