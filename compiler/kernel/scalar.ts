import type { Affine, Kernel, Launch, Reduction, Scalar } from './ir.js';

/** The smallest finite f32: the maximum of nothing. */
export const lowestFinite = -3.4028234663852886e38;

/** What a scalar is computed from directly. */
export function scalarArguments(scalar: Scalar): readonly Scalar[] {
  if (scalar.kind === 'apply') return scalar.args;
  return scalar.kind === 'noise' && scalar.choice !== null ? [scalar.choice] : [];
}

/** The affine forms in a scalar itself. */
export function scalarAffines(scalar: Scalar): readonly Affine[] {
  switch (scalar.kind) {
    case 'load':
      return [scalar.index];
    case 'dataset':
      return [scalar.row, scalar.feature];
    case 'noise':
      return [scalar.row, scalar.sample, scalar.element];
    case 'index':
      return [scalar.value];
    default:
      return [];
  }
}

/** Buffers that a scalar itself reads. */
export function scalarBuffers(scalar: Scalar): readonly string[] {
  switch (scalar.kind) {
    case 'load':
      return [scalar.buffer];
    case 'dataset':
      return [scalar.rows, scalar.buffer];
    case 'noise':
      return scalar.rows === null ? [] : [scalar.rows];
    default:
      return [];
  }
}

/** Every scalar reachable from `roots` other than through those of `known`, once each, arguments first. */
export function scalarsOf(
  roots: readonly Scalar[],
  known: ReadonlyMap<Scalar, unknown> = new Map(),
): readonly Scalar[] {
  const seen = new Set<Scalar>();
  const visit = (scalar: Scalar) => {
    if (seen.has(scalar) || known.has(scalar)) return;
    for (const arg of scalarArguments(scalar)) visit(arg);
    seen.add(scalar);
  };
  roots.forEach(visit);
  return [...seen];
}

/** The largest parts of a scalar, constants aside, that are the same all along the loops. */
export function invariantParts(root: Scalar, loops: ReadonlySet<string>): readonly Scalar[] {
  const varying = new Set<Scalar>();
  for (const scalar of scalarsOf([root])) {
    const moves = scalarAffines(scalar).some(form => form.terms.some(({ loop }) => loops.has(loop)));
    if (moves || scalarArguments(scalar).some(arg => varying.has(arg))) varying.add(scalar);
  }
  const parts = (scalar: Scalar): readonly Scalar[] => {
    if (varying.has(scalar)) return scalarArguments(scalar).flatMap(parts);
    return scalar.kind === 'constant' ? [] : [scalar];
  };
  return [...new Set(parts(root))];
}

export const reductionScalars = (reduction: Reduction): readonly Scalar[] =>
  reduction.kind === 'fold' ? [reduction.body] : [reduction.left, reduction.right];

/** The expressions that a kernel evaluates, reductions first. */
export const kernelRoots = (kernel: Pick<Kernel, 'reductions' | 'stores'>): readonly Scalar[] => [
  ...kernel.reductions.flatMap(reductionScalars),
  ...kernel.stores.map(store => store.value),
];

/** Buffers of a kernel in the order of their first mention, reads before writes. */
export function kernelBuffers(kernel: Pick<Kernel, 'reductions' | 'stores'>): {
  readonly read: readonly string[];
  readonly written: readonly string[];
} {
  const read = new Set(scalarsOf(kernelRoots(kernel)).flatMap(scalarBuffers));
  const written = new Set(kernel.stores.map(store => store.buffer));
  return { read: [...read], written: [...written] };
}

export interface KernelArray {
  readonly name: string;
  readonly access: 'read' | 'read_write';
}

/** Everything that a kernel touches, what it writes last. */
export function kernelArrays(kernel: Launch): readonly KernelArray[] {
  const { read, written } =
    kernel.kind === 'compute'
      ? kernelBuffers(kernel)
      : { read: kernel.order === null ? [] : [kernel.order], written: [kernel.buffer] };
  return [
    ...read.filter(name => !written.includes(name)).map(name => ({ name, access: 'read' as const })),
    ...written.map(name => ({ name, access: 'read_write' as const })),
  ];
}

/**
 * The same scalar with every affine form changed, and with what `replace` has for a scalar in its place; what was shared
 * stays shared.
 */
export function affineRewriter(
  change: (form: Affine) => Affine,
  replace: (scalar: Scalar) => Scalar | null = () => null,
): (scalar: Scalar) => Scalar {
  const known = new Map<Scalar, Scalar>();
  const rewrite = (scalar: Scalar): Scalar => {
    let result = known.get(scalar);
    if (result === undefined) {
      result = replace(scalar) ?? rebuild(scalar);
      known.set(scalar, result);
    }
    return result;
  };
  const rebuild = (scalar: Scalar): Scalar => {
    switch (scalar.kind) {
      case 'load':
        return { ...scalar, index: change(scalar.index) };
      case 'dataset':
        return { ...scalar, row: change(scalar.row), feature: change(scalar.feature) };
      case 'noise':
        return {
          ...scalar,
          row: change(scalar.row),
          sample: change(scalar.sample),
          choice: scalar.choice && rewrite(scalar.choice),
          element: change(scalar.element),
        };
      case 'index':
        return { ...scalar, value: change(scalar.value) };
      case 'apply':
        return { ...scalar, args: scalar.args.map(rewrite) };
      default:
        return scalar;
    }
  };
  return rewrite;
}
