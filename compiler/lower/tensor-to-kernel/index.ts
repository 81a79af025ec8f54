import type { DispatchedSequence } from '../../kernel/dispatch.js';
import { bindingsAmong, fuse } from '../../kernel/fuse.js';
import type { Kernel, KernelBuffer, KernelSequence, Launch } from '../../kernel/ir.js';
import { joinUpdate } from '../../kernel/join-update.js';
import { planMemory } from '../../kernel/memory.js';
import { kernelBuffers } from '../../kernel/scalar.js';
import { maxBuffers, verifySequence } from '../../kernel/verify.js';
import { CompilerBug, invariant } from '../../support/bug.js';
import type { Graph, HostScalar } from '../../tensor/ir.js';
import { arrayLength, type BuildContext, bufferCount, buildKernel } from './build.js';
import { decide } from './decide.js';
import { forcedNodes } from './forced.js';
import { Grouping } from './group.js';
import { HostTable, hostScalars } from './host.js';
import type { LoweringOptions } from './options.js';
import type { Root } from './plan.js';
import { costliestPart } from './spill.js';

export { HostTable } from './host.js';
export type { ArrayPlace, DatasetPlace, LoweringOptions } from './options.js';

/** One entry point, ready to be assembled. */
export interface LoweredEntry extends DispatchedSequence {
  /** The same work with the optimizer's joined to the gradients', for real GPUs; null where it cannot be. */
  readonly joined: DispatchedSequence | null;
  /** Formula of each frame scalar. */
  readonly host: readonly HostScalar[];
  /** Bytes of temporary arrays: as planned, and if none shared memory. */
  readonly memory: { readonly peakBytes: number; readonly unsharedBytes: number };
}

/** Graphs of one entry, run one after another; they share the frame and the temporary memory. */
export function lowerEntry(
  name: string,
  parts: readonly { readonly graph: Graph; readonly options: LoweringOptions }[],
): LoweredEntry {
  const hosts = new HostTable();
  const sequences = parts.map(({ graph, options }) => lowerGraph(graph, options, hosts));
  const buffers = new Map(sequences.flatMap(({ buffers }) => buffers.map(buffer => [buffer.name, buffer])));
  const kernels = withoutRepeatedRows(sequences.flatMap(sequence => sequence.kernels));
  const places = new Set(parts.flatMap(({ options }) => options.buffers.map(buffer => buffer.name)));
  const isTemporary = (buffer: string) => !places.has(buffer) && isWorkspace(buffer);
  const sequence: KernelSequence = {
    name,
    kernels: kernels.map((kernel, i) => numbered(name, kernel, i)),
    buffers: [...buffers.values()],
  };
  const ways = waysToRun(sequence, isTemporary);
  const plan = planMemory(sequence.buffers, ways, isTemporary, arenas);
  const [separate, joined = null] = ways.map(way => atPlaces(way, plan.buffers));
  return {
    ...separate!,
    joined,
    host: hosts.scalars,
    memory: { peakBytes: plan.peakBytes, unsharedBytes: plan.unsharedBytes },
  };
}

/** The kernels as they are and, where that saves a dispatch, with the last one's work joined to those before it. */
function waysToRun(
  sequence: KernelSequence,
  isTemporary: (buffer: string) => boolean,
): readonly DispatchedSequence[] {
  const dispatched = (kernels: readonly Launch[]): DispatchedSequence => {
    const ordered = { ...sequence, kernels };
    return { sequence: ordered, dispatches: fuse(ordered, isTemporary) };
  };
  const bindings = bindingsAmong(sequence.buffers, isTemporary);
  const joining = joinUpdate(
    sequence.kernels,
    buffer => !isTemporary(buffer),
    kernel => bindings(kernel).length <= maxBuffers,
  );
  const separate = dispatched(sequence.kernels);
  if (joining.kind === 'apart') return [withReason(separate, joining.reason)];
  const joined = dispatched(joining.kernels);
  return joined.dispatches.length < separate.dispatches.length
    ? [separate, joined]
    : [withReason(separate, 'it would save no dispatch')];
}

/** With the reason why the last kernel's work is not joined to others', for `--why`. */
function withReason(way: DispatchedSequence, reason: string | null): DispatchedSequence {
  const update = way.sequence.kernels.at(-1);
  if (reason === null || update?.kind !== 'compute') return way;
  const origin = [...update.origin, `not joined to the kernels before it: ${reason}`];
  const kernels = [...way.sequence.kernels.slice(0, -1), { ...update, origin }];
  return { ...way, sequence: { ...way.sequence, kernels } };
}

function atPlaces(
  { sequence, dispatches }: DispatchedSequence,
  buffers: readonly KernelBuffer[],
): DispatchedSequence {
  const placed = { ...sequence, buffers };
  verifySequence(placed);
  return { sequence: placed, dispatches };
}

/** The buffers that temporary arrays are parts of. */
const arenas = { f32: 'workspace', u32: 'workspace.u32', f16: 'workspace.f16' } as const;

const workspacePrefix = '~';
const isWorkspace = (buffer: string): boolean => buffer.startsWith(workspacePrefix);

function withoutRepeatedRows(kernels: readonly Launch[]): readonly Launch[] {
  const filled = new Set<string>();
  return kernels.filter(kernel => {
    if (kernel.kind === 'compute') return true;
    const isFirst = !filled.has(kernel.buffer);
    filled.add(kernel.buffer);
    return isFirst;
  });
}

const numbered = (entry: string, kernel: Launch, position: number): Launch => ({
  ...kernel,
  name: `${entry}.${String(position).padStart(2, '0')}.${kernel.name}`,
});

/** The launches of one graph. Workspaces are still apart; `lowerEntry` lays them over each other. */
export function lowerGraph(graph: Graph, options: LoweringOptions, hosts = new HostTable()): KernelSequence {
  const scalars = hostScalars(graph);
  const forced = forcedNodes(graph);
  for (;;) {
    const plan = decide({ graph, outputs: options.outputs, isHost: node => scalars.has(node), forced });
    const workspace = (root: Root) => `${workspacePrefix}${graph.name}.${root.name}`;
    const context: BuildContext = { graph, plan, options, hosts, hostScalars: scalars, workspace };
    const tooLarge = plan.roots.find(root => !fits(context, [root]));
    if (tooLarge === undefined) return assemble(context);
    const part = costliestPart(context, tooLarge);
    if (part === null || forced.has(part)) {
      throw new CompilerBug(
        `${graph.name}: the kernel of ${tooLarge.name} needs more than ${maxBuffers} buffers`,
      );
    }
    forced.set(part, `stored: its reader would need more than ${maxBuffers} buffers`);
  }
}

const fits = (context: BuildContext, roots: readonly Root[]): boolean =>
  bufferCount({ ...context, hosts: new HostTable() }, roots) <= maxBuffers;

function assemble(context: BuildContext): KernelSequence {
  const { graph, options, plan } = context;
  const grouping = new Grouping(context, roots => fits(context, roots));
  const groups = grouping.run();
  const stored = new Set(plan.roots.filter(root => root.place !== null || grouping.isReadElsewhere(root)));
  const computed = groups.map(({ roots }) => {
    const named = roots.findLast(root => stored.has(root));
    invariant(named, () => `${graph.name}: a kernel stores nothing`);
    return buildKernel(context, roots, stored, safeName(named.name));
  });
  const workspaces = [...stored]
    .filter(root => root.place === null)
    .map((root): KernelBuffer => {
      const element = isHalf(graph, root) ? 'f16' : 'f32';
      return { name: context.workspace(root), element, length: arrayLength(root), slotted: false };
    });
  const { kernels, buffers } = bindData(context, computed);
  return { name: graph.name, kernels, buffers: [...options.buffers, ...buffers, ...workspaces] };
}

/** All its values have 16 bits. */
function isHalf({ nodes }: Graph, { node: id, partial }: Root): boolean {
  const node = nodes[id]!;
  return partial === null && node.op === 'map' && node.scalar === 'half_precision';
}

const safeName = (name: string): string => name.replaceAll(/[^A-Za-z0-9_.-]/g, '_');

/** The launch that fills the batch's rows, where some kernel reads them, and the buffers of data. */
function bindData({ graph, options }: BuildContext, computed: readonly Kernel[]) {
  const used = new Set(computed.flatMap(kernel => kernelBuffers(kernel).read));
  const { buffer: rows, order } = options.rows;
  const known = new Set(options.buffers.map(buffer => buffer.name));
  const data = Object.values(options.datasets)
    .filter(({ buffer }) => used.has(buffer))
    .map(({ buffer, encoding }) => ({
      buffer,
      element: encoding === 'byte' ? ('u32' as const) : ('f32' as const),
    }));
  const buffers = data.map(
    ({ buffer, element }): KernelBuffer => ({ name: buffer, element, length: 0, slotted: false }),
  );
  const kernels: Launch[] = [...computed];
  if (used.has(rows)) {
    const count = datumSize(graph);
    kernels.unshift({ kind: 'rows', name: rows, buffer: rows, order, count });
    buffers.push({ name: rows, element: 'u32', length: count, slotted: false });
    if (order !== null) buffers.push({ name: order, element: 'u32', length: 0, slotted: false });
  }
  return { kernels, buffers: buffers.filter(({ name }) => !known.has(name)) };
}

function datumSize(graph: Graph): number {
  const axes = graph.nodes.flatMap(node => (node.op === 'dataset' || node.op === 'noise' ? node.axes : []));
  const datum = axes.find(axis => axis.kind === 'datum');
  invariant(datum, () => `${graph.name} reads rows without a datum axis`);
  return datum.size;
}
