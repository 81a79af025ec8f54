import { assemble } from '../../../compiler/emit/wat/assemble.js';
import { emitModule } from '../../../compiler/emit/wat/module.js';
import { type EvalBuffers, type EvalFrame, evaluateSequence } from '../../../compiler/kernel/eval.js';
import type { KernelBuffer, Launch } from '../../../compiler/kernel/ir.js';
import { frameHostStart, frameWords } from '../../../compiler/program/frame.js';
import { enableRelaxedSimd } from '../../../runtime/platform/node-relaxed-simd.js';

enableRelaxedSimd();
/** An engine without relaxed SIMD refuses it. */
const relaxedProbe = '(module (func (result v128) (f32x4.relaxed_madd ZERO ZERO ZERO)))';
const zeroLanes = '(v128.const i32x4 0 0 0 0)';

/** Whether sums of products are fused: each way that this engine has. */
export const fusions: readonly boolean[] = WebAssembly.validate(
  assemble(relaxedProbe.replaceAll('ZERO', zeroLanes)),
)
  ? [false, true]
  : [false];

export interface KernelCase {
  readonly kernel: Launch;
  readonly buffers: readonly KernelBuffer[];
  /** Content of what the kernel reads: one number an element, bytes too. */
  readonly content: Readonly<Record<string, readonly number[]>>;
  /** Data sets whose elements are bytes. */
  readonly bytes?: readonly string[];
  readonly frame: EvalFrame;
}

const pageBytes = 65536;
const align = (bytes: number) => Math.ceil(bytes / 64) * 64;

/** f64 values of every buffer after the launch. */
export function expectedBuffers({ kernel, buffers, content, frame }: KernelCase): EvalBuffers {
  const state: EvalBuffers = new Map(
    buffers.map(({ name, length }) => {
      const array = new Float64Array(Math.max(length * (frame.slot + 1), content[name]?.length ?? 0));
      array.set(content[name] ?? []);
      return [name, array];
    }),
  );
  evaluateSequence({ name: 'case', kernels: [kernel], buffers }, state, frame);
  return state;
}

/** A launch in WebAssembly whose units can be run in any order. */
export class KernelRun {
  readonly units: number;
  readonly #memory: WebAssembly.Memory;
  readonly #run: (begin: number, end: number, worker: number) => void;
  readonly #addresses: ReadonlyMap<string, number>;
  readonly #case: KernelCase;

  private constructor(
    given: KernelCase,
    module: WebAssembly.Module,
    extent: { units: number; scratchBytes: number },
  ) {
    this.#case = given;
    this.units = extent.units;
    let end = 4096;
    const take = (bytes: number) => {
      const at = end;
      end = align(end + bytes);
      return at;
    };
    const names = given.buffers.map(({ name }) => name);
    this.#addresses = new Map(
      given.buffers.map(({ name, length }) => {
        const elements = Math.max(length * (given.frame.slot + 1), given.content[name]?.length ?? 0);
        return [name, take(4 * elements)] as const;
      }),
    );
    const bindings = take(4 * names.length);
    const frame = take(4 * 64);
    const scratch = [take(extent.scratchBytes), take(extent.scratchBytes)];
    const pages = Math.ceil(end / pageBytes) + 1;
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
    const words = new Uint32Array(this.#memory.buffer);
    names.forEach((name, i) => {
      words[bindings / 4 + i] = this.#addresses.get(name)!;
    });
    for (const [name, word] of Object.entries(frameWords)) {
      words[frame / 4 + word] = given.frame[name as keyof typeof frameWords];
    }
    this.#floats.set(given.frame.host, frame / 4 + frameHostStart);
    for (const name of names) this.#fill(name);
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    const launch = instance.exports.k0 as (...args: number[]) => void;
    this.#run = (begin, last, worker) => launch(frame, bindings, scratch[worker]!, 1, begin, last);
  }

  static async of(given: KernelCase, fused = false): Promise<KernelRun> {
    const bindings = given.buffers.map(({ name }) => name);
    const { plain, relaxed, launches } = emitModule([
      { kernel: given.kernel, bindings, buffers: given.buffers },
    ]);
    const binary = assemble(fused ? relaxed : plain);
    return new KernelRun(given, new WebAssembly.Module(binary), launches[0]!);
  }

  get #floats(): Float32Array {
    return new Float32Array(this.#memory.buffer);
  }

  #fill(name: string): void {
    const at = this.#addresses.get(name)!;
    const values = this.#case.content[name] ?? [];
    if (this.#case.bytes?.includes(name)) new Uint8Array(this.#memory.buffer).set(values, at);
    else if (this.#case.buffers.find(buffer => buffer.name === name)!.element === 'u32') {
      new Uint32Array(this.#memory.buffer).set(values, at / 4);
    } else this.#floats.set(values, at / 4);
  }

  /** Units [begin, end) with the scratch memory of one of two threads. */
  run(begin = 0, end = this.units, worker: 0 | 1 = 0): void {
    this.#run(begin, end, worker);
  }

  read(name: string): Float32Array {
    const { length, element } = this.#case.buffers.find(buffer => buffer.name === name)!;
    const start = this.#addresses.get(name)! / 4;
    const size = length * (this.#case.frame.slot + 1);
    if (element === 'u32')
      return Float32Array.from(new Uint32Array(this.#memory.buffer).slice(start, start + size));
    return this.#floats.slice(start, start + size);
  }
}
