import type { frameWords } from '../program/frame.js';
import { noiseAt, shuffledRow } from '../program/noise.js';
import { scalars } from '../scalar/registry.js';
import { CompilerBug, invariant } from '../support/bug.js';
import { domainOf } from './access.js';
import { pointCount } from './affine.js';
import type { Dispatch } from './dispatch.js';
import type {
  Affine,
  Kernel,
  KernelSequence,
  Launch,
  Loop,
  Reduction,
  RowsKernel,
  Scalar,
  Store,
} from './ir.js';
import { lowestFinite, scalarsOf } from './scalar.js';

/** What a run is told, by name rather than by word; `host` are the values of the frame's scalars. */
export type EvalFrame = Readonly<Record<keyof typeof frameWords, number>> & {
  readonly host: readonly number[];
};

/** Content of every buffer by name; evaluation writes into them. Data sets are unpacked: one number an element. */
export type EvalBuffers = Map<string, Float64Array>;

interface Context {
  readonly buffers: EvalBuffers;
  readonly frame: EvalFrame;
  readonly offsetOf: (buffer: string) => number;
}

/** Runs an entry's kernels in f64, one by one. Temporary arrays and rows are made where `buffers` lacks them. */
export function evaluateSequence(sequence: KernelSequence, buffers: EvalBuffers, frame: EvalFrame): void {
  const context = contextOf(sequence, buffers, frame);
  for (const kernel of sequence.kernels) evaluateSpan(kernel, context, 0, pointCount(domainOf(kernel)));
}

/**
 * Runs an entry's dispatches in f64 in an order that a GPU may choose and is least likely to: in each, the last job first,
 * in each job the last unit first, each unit through all kernels.
 */
export function evaluateDispatches(
  sequence: KernelSequence,
  dispatches: readonly Dispatch[],
  buffers: EvalBuffers,
  frame: EvalFrame,
): void {
  const context = contextOf(sequence, buffers, frame);
  for (const { units, stages } of dispatches.flatMap(({ jobs }) => jobs.toReversed())) {
    for (let unit = units - 1; unit >= 0; unit--) {
      for (const stage of stages) {
        const kernel = sequence.kernels[stage.kernel]!;
        const points = pointCount(domainOf(kernel)) / units;
        evaluateSpan(kernel, context, unit * points, (unit + 1) * points);
      }
    }
  }
}

/** Arrays with a place are views of the buffer that they are a part of. */
function contextOf(sequence: KernelSequence, buffers: EvalBuffers, frame: EvalFrame): Context {
  const lengths = new Map<string, number>();
  for (const { name, length, place } of sequence.buffers) {
    if (place === undefined) lengths.set(name, length);
    else lengths.set(place.buffer, Math.max(lengths.get(place.buffer) ?? 0, place.offset + length));
  }
  for (const [name, length] of lengths) {
    if (!buffers.has(name)) buffers.set(name, new Float64Array(length));
  }
  for (const { name, length, place } of sequence.buffers) {
    if (place === undefined) continue;
    buffers.set(name, bufferOf(buffers, place.buffer).subarray(place.offset, place.offset + length));
  }
  const slotted = new Map(sequence.buffers.map(({ name, length, slotted }) => [name, slotted ? length : 0]));
  return { buffers, frame, offsetOf: (name: string) => frame.slot * slotted.get(name)! };
}

/** Points `first` to `last` - 1 of a kernel's domain, in row-major order. */
function evaluateSpan(kernel: Launch, context: Context, first: number, last: number): void {
  if (kernel.kind === 'rows') evaluateRows(kernel, context, first, last);
  else evaluateKernel(kernel, context, first, last);
}

function evaluateRows(kernel: RowsKernel, { buffers, frame }: Context, first: number, last: number): void {
  const { position, rowCount, shuffle, seedLow, seedHigh, epoch } = frame;
  const rows = bufferOf(buffers, kernel.buffer);
  for (let b = first; b < last; b++) {
    const at = (position + b) % rowCount;
    if (kernel.order !== null) rows[b] = bufferOf(buffers, kernel.order)[at]!;
    else rows[b] = shuffle === 1 ? shuffledRow(at, rowCount, seedLow, seedHigh, epoch) : at;
  }
}

const bufferOf = (buffers: EvalBuffers, name: string): Float64Array => {
  const buffer = buffers.get(name);
  invariant(buffer, () => `no content for buffer ${name}`);
  return buffer;
};

type Evaluate = () => number;

/** Loop counters and accumulators of one kernel, which its compiled expressions close over. */
interface Machine {
  readonly context: Context;
  readonly counters: Map<string, { value: number }>;
  readonly accumulators: Float64Array;
}

const counterOf = (machine: Machine, loop: string): { value: number } => {
  const counter = machine.counters.get(loop);
  invariant(counter, () => `loop ${loop} is not in scope`);
  return counter;
};

function compileAffine(machine: Machine, form: Affine): Evaluate {
  const terms = form.terms.map(({ loop, stride }) => ({ counter: counterOf(machine, loop), stride }));
  return () => terms.reduce((sum, { counter, stride }) => sum + counter.value * stride, form.constant);
}

/** One function for all roots: evaluates each shared expression once. */
function compileScalars(machine: Machine, roots: readonly Scalar[]): () => readonly number[] {
  const order = scalarsOf(roots);
  const positions = new Map(order.map((scalar, position) => [scalar, position]));
  const values = new Float64Array(order.length);
  const steps = order.map(scalar => compileScalar(machine, scalar, arg => positions.get(arg)!, values));
  const results = roots.map(root => positions.get(root)!);
  return () => {
    for (let i = 0; i < steps.length; i++) values[i] = steps[i]!();
    return results.map(position => values[position]!);
  };
}

function compileScalar(
  machine: Machine,
  scalar: Scalar,
  positionOf: (arg: Scalar) => number,
  values: Float64Array,
): Evaluate {
  const { buffers, frame, offsetOf } = machine.context;
  switch (scalar.kind) {
    case 'constant':
      return () => scalar.value;
    case 'host':
      return () => frame.host[scalar.slot]!;
    case 'load': {
      const index = compileAffine(machine, scalar.index);
      const buffer = bufferOf(buffers, scalar.buffer);
      return () => element(buffer, index() + offsetOf(scalar.buffer), scalar.buffer);
    }
    case 'dataset': {
      const [row, feature] = [compileAffine(machine, scalar.row), compileAffine(machine, scalar.feature)];
      const [rows, data] = [bufferOf(buffers, scalar.rows), bufferOf(buffers, scalar.buffer)];
      return () => element(data, element(rows, row(), scalar.rows) * scalar.width + feature(), scalar.buffer);
    }
    case 'noise':
      return compileNoise(machine, scalar, () =>
        scalar.choice === null ? 0 : values[positionOf(scalar.choice)]!,
      );
    case 'index':
      return compileAffine(machine, scalar.value);
    case 'accumulator':
      return () => machine.accumulators[scalar.reduction]!;
    case 'apply': {
      const { evaluate } = scalars[scalar.op];
      const args = scalar.args.map(positionOf);
      return () => evaluate(...args.map(position => values[position]!));
    }
  }
}

function element(buffer: Float64Array, index: number, name: string): number {
  const value = buffer[index];
  if (value === undefined) throw new CompilerBug(`element ${index} of ${name}, which has ${buffer.length}`);
  return value;
}

function compileNoise(
  machine: Machine,
  scalar: Extract<Scalar, { kind: 'noise' }>,
  choice: Evaluate,
): Evaluate {
  const { frame, buffers } = machine.context;
  const [row, sample, position] = [scalar.row, scalar.sample, scalar.element].map(form =>
    compileAffine(machine, form),
  ) as [Evaluate, Evaluate, Evaluate];
  const rows = scalar.rows === null ? null : bufferOf(buffers, scalar.rows);
  const ofModel = scalar.clock === 'model';
  const key = ofModel
    ? { seedLow: frame.seedLow, seedHigh: frame.seedHigh, step: frame.step }
    : { seedLow: frame.dataSeedLow, seedHigh: frame.dataSeedHigh, step: frame.dataStep };
  const sampleOffset = ofModel ? frame.sampleOffset : 0;
  return () =>
    noiseAt(scalar.law, {
      ...key,
      stream: scalar.stream,
      row: rows === null ? 0 : rows[row()]!,
      sample: sample() + choice() + sampleOffset,
      element: position(),
    });
}

function evaluateKernel(kernel: Kernel, context: Context, first: number, last: number): void {
  const loops = [...kernel.domain, ...kernel.reductions.flatMap(reduction => reduction.loops)];
  const machine: Machine = {
    context,
    counters: new Map(loops.map(({ name }) => [name, { value: 0 }])),
    accumulators: new Float64Array(kernel.reductions.length),
  };
  const reductions = kernel.reductions.map(reduction => compileReduction(machine, reduction));
  const values = compileScalars(
    machine,
    kernel.stores.map(store => store.value),
  );
  const stores = kernel.stores.map(store => compileStore(machine, kernel, store));
  for (let point = first; point < last; point++) {
    setPoint(machine, kernel.domain, point);
    reductions.forEach((reduce, i) => {
      machine.accumulators[i] = reduce();
    });
    const results = values();
    stores.forEach((store, i) => {
      store(results[i]!);
    });
  }
}

/** Sets the counters of a nest to its point of this number. */
function setPoint(machine: Machine, loops: readonly Loop[], point: number): void {
  let rest = point;
  for (const { name, extent } of loops.toReversed()) {
    counterOf(machine, name).value = rest % extent;
    rest = Math.floor(rest / extent);
  }
}

function compileReduction(machine: Machine, reduction: Reduction): Evaluate {
  const isMaximum = reduction.kind === 'fold' && reduction.combine === 'max';
  const body =
    reduction.kind === 'fold'
      ? compileScalars(machine, [reduction.body])
      : compileScalars(machine, [reduction.left, reduction.right]);
  return () => {
    let result = isMaximum ? lowestFinite : 0;
    forEachPoint(machine, reduction.loops, () => {
      const [first, second = 1] = body();
      result = isMaximum ? Math.max(result, first!) : result + first! * second;
    });
    return result;
  };
}

function compileStore(machine: Machine, kernel: Kernel, store: Store): (value: number) => void {
  const index = compileAffine(machine, store.index);
  const buffer = bufferOf(machine.context.buffers, store.buffer);
  const offset = machine.context.offsetOf(store.buffer);
  const { partial } = store;
  const write = (at: number, value: number) => {
    if (at >= buffer.length)
      throw new CompilerBug(`element ${at} of ${store.buffer}, which has ${buffer.length}`);
    buffer[at] = value;
  };
  if (partial === null) return value => write(index() + offset, value);
  const column = counterOf(machine, kernel.domain.at(-1)!.name);
  return value => {
    const at = index() + offset + Math.floor(column.value / partial.tile);
    const isFirst = column.value % partial.tile === 0;
    if (isFirst) write(at, value);
    else write(at, partial.combine === 'max' ? Math.max(buffer[at]!, value) : buffer[at]! + value);
  };
}

function forEachPoint(machine: Machine, loops: readonly Loop[], visit: () => void): void {
  const [loop, ...inner] = loops;
  if (loop === undefined) {
    visit();
    return;
  }
  const counter = counterOf(machine, loop.name);
  for (let i = 0; i < loop.extent; i++) {
    counter.value = i;
    forEachPoint(machine, inner, visit);
  }
}
