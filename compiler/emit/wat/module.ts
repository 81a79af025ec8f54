import type { KernelBuffer, Launch } from '../../kernel/ir.js';
import type { WasmSchedule } from '../../kernel/schedule-wasm.js';
import { emitKernel, type KernelExtent } from './kernel.js';
import { noiseFunctions } from './noise.js';
import { multiplyFunction } from './product.js';
import { rowsBody, rowsPrelude } from './rows.js';

/** A launch to print: `bindings` are its buffers in the order in which the runtime passes their pointers. */
export interface WasmLaunch {
  readonly kernel: Launch;
  readonly bindings: readonly string[];
  readonly buffers: readonly KernelBuffer[];
  /** In place of the chosen one. */
  readonly schedule?: WasmSchedule | null;
}

export interface WasmModule {
  /** WebAssembly text with relaxed SIMD's multiply-add. Launch i is exported as `k` + i and has the type $kernel. */
  readonly relaxed: string;
  /** The same without: it rounds twice where the other rounds once, so that last digits differ. */
  readonly plain: string;
  readonly launches: readonly KernelExtent[];
}

const signature = `(param $frame i32) (param $bindings i32) (param $scratch i32) (param $tag i32)
 (param $begin i32) (param $end i32)`;

/**
 * One module with every launch. A kernel runs its units [begin, end) over the arrays whose addresses stand at `bindings`,
 * with the run's frame and the thread's scratch memory. `tag` is different, and not 0, for each launch that a thread
 * makes: it says whether what the scratch memory holds belongs to it.
 */
export function emitModule(launches: readonly WasmLaunch[]): WasmModule {
  const printed = launches.map(print);
  // Entries share many launches: the same text is one function with several names.
  const names = new Map<string, string[]>();
  for (const [i, { body }] of printed.entries()) names.set(body, [...(names.get(body) ?? []), `k${i}`]);
  const functions = [...names].map(([body, exported]) => {
    const exports = exported.map(name => `(export "${name}")`).join(' ');
    return `(func ${exports} (type $kernel) ${signature}\n${body})`;
  });
  const relaxed = `(module
(type $kernel (func (param i32 i32 i32 i32 i32 i32)))
(import "env" "memory" (memory 1 65536 shared))
${multiplyFunction()}
${rowsPrelude}
${noiseFunctions()}
${functions.join('\n')})
`;
  const extents = printed.map(({ units, scratchBytes }) => ({ units, scratchBytes }));
  return { relaxed, plain: withoutFusion(relaxed), launches: extents };
}

function print({
  kernel,
  bindings,
  buffers,
  schedule,
}: WasmLaunch): KernelExtent & { readonly body: string } {
  if (kernel.kind === 'rows') return { units: 1, scratchBytes: 0, body: rowsBody(kernel, bindings) };
  const facts = new Map(buffers.map(buffer => [buffer.name, buffer]));
  return emitKernel({ kernel, bindings, buffer: name => facts.get(name)!, schedule });
}

/** Arguments are locals and constants, never expressions: `FunctionText` binds those. */
const simple = String.raw`(\([^()]*\))`;
const multiplyAdd = new RegExp(String.raw`\(f32x4\.relaxed_madd ${simple} ${simple} ${simple}\)`, 'g');
const multiplySubtract = new RegExp(String.raw`\(f32x4\.relaxed_nmadd ${simple} ${simple} ${simple}\)`, 'g');

const withoutFusion = (text: string): string =>
  text
    .replace(multiplyAdd, '(f32x4.add (f32x4.mul $1 $2) $3)')
    .replace(multiplySubtract, '(f32x4.sub $3 (f32x4.mul $1 $2))');
