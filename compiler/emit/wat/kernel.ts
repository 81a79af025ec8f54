import { pointCount } from '../../kernel/affine.js';
import type { Kernel, KernelBuffer } from '../../kernel/ir.js';
import { mergeLoops } from '../../kernel/loops.js';
import { chooseWasmSchedule, type WasmSchedule } from '../../kernel/schedule-wasm.js';
import { frameWords } from '../../program/frame.js';
import { CompilerBug } from '../../support/bug.js';
import { evaluatePoints } from './fold.js';
import { FunctionText, type Node } from './nodes.js';
import { emitProduct, productLayout } from './product.js';
import { Evaluator, type Point } from './scalar.js';
import { storedValues, storeRange, writeLanes } from './store.js';
import { decode, minimum, withLoops } from './walk.js';

/** What a launch needs besides its code. */
export interface KernelExtent {
  /** Independent parts, any of which any thread may run. */
  readonly units: number;
  /** Scratch memory of each thread. */
  readonly scratchBytes: number;
}

export interface KernelText extends KernelExtent {
  /** Locals and instructions of a function of the type `$kernel`. */
  readonly body: string;
}

export interface KernelRequest {
  readonly kernel: Kernel;
  /** Buffers in the order of their pointers. */
  readonly bindings: readonly string[];
  readonly buffer: (name: string) => KernelBuffer;
  /** In place of the chosen one. */
  readonly schedule?: WasmSchedule | null | undefined;
}

const noAccumulator = (): never => {
  throw new CompilerBug('a reduction is used where none has run');
};

/** A point before any loop. */
const origin: Point = {
  loops: new Map(),
  lane: null,
  lanes: 1,
  aligned: false,
  quad: null,
  accumulator: noAccumulator,
};

/** The pointers of a launch's buffers, loaded as they are needed; a slotted one at the slot of the run. */
function bufferPointers(text: FunctionText, request: KernelRequest) {
  const { nodes } = text;
  const bindings = nodes.local('$bindings', 'i32', 0);
  const frame = nodes.local('$frame', 'i32', 0);
  return (name: string): { readonly pointer: Node; readonly facts: KernelBuffer } => {
    const position = request.bindings.indexOf(name);
    if (position < 0) throw new CompilerBug(`kernel ${request.kernel.name} does not bind ${name}`);
    const facts = request.buffer(name);
    const start = nodes.make(`i32.load offset=${4 * position}`, 'i32', [bindings]);
    if (!facts.slotted) return { pointer: start, facts };
    const slot = nodes.make(`i32.load offset=${4 * frameWords.slot}`, 'i32', [frame]);
    return { pointer: nodes.addInteger(start, nodes.scaleInteger(slot, 4 * facts.length)), facts };
  };
}

/** Prints one kernel as WebAssembly. Pure: the same kernel gives the same text. */
export function emitKernel(request: KernelRequest): KernelText {
  const kernel = mergeLoops(request.kernel);
  const schedule = request.schedule ?? chooseWasmSchedule(kernel);
  const text = new FunctionText();
  const evaluator = new Evaluator(text, bufferPointers(text, request));
  const extent =
    schedule.kind === 'product'
      ? emitProductKernel(evaluator, kernel, schedule)
      : emitPoints(evaluator, kernel, schedule);
  const { locals, body } = text.text();
  return { ...extent, body: `${locals}\n${body}` };
}

function emitProductKernel(
  evaluator: Evaluator,
  kernel: Kernel,
  schedule: Extract<WasmSchedule, { kind: 'product' }>,
): KernelExtent {
  emitProduct(evaluator, kernel, schedule, origin);
  const { units, scratchBytes } = productLayout(kernel, schedule);
  return { units, scratchBytes };
}

type PointSchedule = Extract<WasmSchedule, { kind: 'points' }>;

function emitPoints(evaluator: Evaluator, kernel: Kernel, schedule: PointSchedule): KernelExtent {
  const outer = kernel.domain.slice(0, -1);
  const innermost = kernel.domain.at(-1);
  if (innermost === undefined) return emitSingle(evaluator, kernel);
  return outer.length === 0
    ? emitChunks(evaluator, kernel, schedule, innermost)
    : emitRows(evaluator, kernel, schedule, { outer, innermost });
}

function emitSingle(evaluator: Evaluator, kernel: Kernel): KernelExtent {
  const [values] = evaluatePoints(evaluator, kernel, storedValues(kernel), [origin]);
  for (const [i, store] of kernel.stores.entries()) writeLanes(evaluator, store, values![i]!, origin);
  return { units: 1, scratchBytes: 0 };
}

/** Units of a kernel with one domain loop are stretches of it, whole vectors and whole tiles long. */
function emitChunks(
  evaluator: Evaluator,
  kernel: Kernel,
  schedule: PointSchedule,
  loop: { readonly name: string; readonly extent: number },
): KernelExtent {
  const { nodes, text } = evaluator;
  const step = kernel.stores.reduce((size, store) => size * (store.partial?.tile ?? 1), 16);
  const chunk = Math.ceil(loop.extent / schedule.units / step) * step;
  const scaled = (name: string) => nodes.scaleInteger(nodes.local(name, 'i32', 0), chunk);
  const to = minimum(evaluator, scaled('$end'), nodes.integer(loop.extent));
  const range = { loop, from: text.set(scaled('$begin')), to: text.set(to) };
  storeRange(evaluator, kernel, { ...range, vectors: schedule.lanes === 'domain' }, origin);
  return { units: Math.ceil(loop.extent / chunk), scratchBytes: 0 };
}

/** Otherwise they are points of the outer loops. */
function emitRows(
  evaluator: Evaluator,
  kernel: Kernel,
  schedule: PointSchedule,
  loops: { readonly outer: Kernel['domain']; readonly innermost: Kernel['domain'][number] },
): KernelExtent {
  const { nodes, text } = evaluator;
  const { outer, innermost } = loops;
  const rows = pointCount(outer);
  const chunk = Math.ceil(rows / schedule.units);
  const scaled = (name: string) => nodes.scaleInteger(nodes.local(name, 'i32', 0), chunk);
  const end = minimum(evaluator, scaled('$end'), nodes.integer(rows));
  text.loop(scaled('$begin'), end, 1, row => {
    const point = withLoops(origin, decode(evaluator, outer, row));
    const range = { loop: innermost, from: nodes.integer(0), to: nodes.integer(innermost.extent) };
    storeRange(evaluator, kernel, { ...range, vectors: schedule.lanes === 'domain' }, point);
  });
  return { units: Math.ceil(rows / chunk), scratchBytes: 0 };
}
