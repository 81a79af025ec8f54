import type { Dispatch } from '../kernel/dispatch.js';
import type { Kernel, Launch, Scalar } from '../kernel/ir.js';
import { kernelRoots, scalarsOf } from '../kernel/scalar.js';
import { fingerprint } from '../program/fingerprint.js';

/** Fields that hold names of buffers and loops, which a model's author chooses and a schedule does not depend on. */
const nameFields: ReadonlySet<string> = new Set(['buffer', 'rows', 'loop', 'name']);

/**
 * What a kernel computes and how large it is, as text: names are numbered in the order of their first mention, and shared
 * expressions stand once.
 */
function structureOf({ domain, reductions, stores }: Kernel): string {
  const scalars = scalarsOf(kernelRoots({ reductions, stores }));
  const positions = new Map<unknown, number>(scalars.map((scalar, i) => [scalar, i]));
  const names = new Map<string, number>();
  const number = (name: string) => {
    if (!names.has(name)) names.set(name, names.size);
    return names.get(name);
  };
  const replace = (field: string, value: unknown) =>
    typeof value === 'string' && nameFields.has(field) ? number(value) : (positions.get(value) ?? value);
  // A copy of a scalar is printed; a mention of one is its position.
  const copies = scalars.map((scalar): Scalar => ({ ...scalar }));
  return JSON.stringify({ domain, scalars: copies, reductions, stores }, replace);
}

const known = new WeakMap<Launch, string>();

/** The same for kernels of the same structure and sizes, in whatever program they stand. */
export function kernelHash(kernel: Launch): string {
  let hash = known.get(kernel);
  if (hash === undefined) {
    const isOrdered = kernel.kind === 'rows' && kernel.order !== null;
    const text =
      kernel.kind === 'rows' ? `rows ${kernel.count}${isOrdered ? ' in order' : ''}` : structureOf(kernel);
    hash = fingerprint(text);
    known.set(kernel, hash);
  }
  return hash;
}

/** The same for dispatches of the same kernels in the same jobs. */
export const dispatchHash = ({ jobs }: Dispatch, kernels: readonly Launch[]): string =>
  fingerprint(
    jobs
      .map(({ units, stages }) => [units, ...stages.map(({ kernel }) => kernelHash(kernels[kernel]!))].join())
      .join(';'),
  );
