import type { Affine, KernelBuffer, KernelSequence, Launch, Loop, Reduction, Scalar, Store } from './ir.js';
import { scalarArguments, scalarsOf } from './scalar.js';

/** `3·b + c + 17`. */
export function printAffine({ constant, terms }: Affine): string {
  const parts = terms.map(({ loop, stride }) => (stride === 1 ? loop : `${stride}·${loop}`));
  if (constant !== 0 || parts.length === 0) parts.push(String(constant));
  return parts.join(' + ');
}

const printLoops = (loops: readonly Loop[]): string =>
  loops.map(({ name, extent }) => `${name} < ${extent}`).join(', ');

/** Names shared expressions `t0`, `t1`, … as it goes; one for each block of text. */
class ScalarPrinter {
  readonly lines: string[] = [];
  readonly #names = new Map<Scalar, string>();
  readonly #uses = new Map<Scalar, number>();

  constructor(roots: readonly Scalar[]) {
    for (const root of roots) this.#count(root);
    for (const scalar of scalarsOf(roots)) {
      for (const arg of scalarArguments(scalar)) this.#count(arg);
    }
  }

  print(scalar: Scalar): string {
    const name = this.#names.get(scalar);
    if (name !== undefined) return name;
    const text = this.#text(scalar);
    if (scalar.kind !== 'apply' || this.#uses.get(scalar)! < 2) return text;
    const fresh = `t${this.#names.size}`;
    this.lines.push(`${fresh} = ${text}`);
    this.#names.set(scalar, fresh);
    return fresh;
  }

  #count(scalar: Scalar): void {
    this.#uses.set(scalar, (this.#uses.get(scalar) ?? 0) + 1);
  }

  #text(scalar: Scalar): string {
    switch (scalar.kind) {
      case 'constant':
        return String(scalar.value);
      case 'host':
        return `host[${scalar.slot}]`;
      case 'load':
        return `${scalar.buffer}[${printAffine(scalar.index)}]`;
      case 'dataset':
        return `${scalar.buffer}[${scalar.rows}[${printAffine(scalar.row)}]][${printAffine(scalar.feature)}]`;
      case 'noise': {
        const row = scalar.rows === null ? '0' : `${scalar.rows}[${printAffine(scalar.row)}]`;
        const choice = scalar.choice === null ? '' : ` + ${this.print(scalar.choice)}`;
        const address = `${row}, ${printAffine(scalar.sample)}${choice}, ${printAffine(scalar.element)}`;
        return `${scalar.law}<${scalar.clock} ${scalar.stream.toString(16)}>(${address})`;
      }
      case 'index':
        return `number(${printAffine(scalar.value)})`;
      case 'accumulator':
        return `r${scalar.reduction}`;
      case 'apply':
        return `${scalar.op}(${scalar.args.map(arg => this.print(arg)).join(', ')})`;
    }
  }
}

function printReduction(reduction: Reduction, position: number): readonly string[] {
  const roots = reduction.kind === 'fold' ? [reduction.body] : [reduction.left, reduction.right];
  const printer = new ScalarPrinter(roots);
  const values = roots.map(root => printer.print(root));
  const word = reduction.kind === 'fold' ? reduction.combine : 'product';
  const head = `r${position} = ${word} over ${printLoops(reduction.loops) || 'one point'}`;
  return [`  ${head}`, ...[...printer.lines, values.join('  ×  ')].map(line => `    ${line}`)];
}

function printStores(stores: readonly Store[]): readonly string[] {
  const printer = new ScalarPrinter(stores.map(store => store.value));
  const lines = stores.map(({ buffer, index, value, partial }) => {
    const target = `${buffer}[${printAffine(index)}${partial ? ' + tile' : ''}]`;
    const how = partial ? ` (${partial.combine} of each ${partial.tile} columns)` : '';
    return `${target} := ${printer.print(value)}${how}`;
  });
  return [...printer.lines, ...lines].map(line => `  ${line}`);
}

/** The text of one kernel, its reasons first. */
export function printKernel(kernel: Launch): string {
  if (kernel.kind === 'rows') {
    const from = kernel.order === null ? 'the run' : kernel.order;
    return `rows ${kernel.name}: ${kernel.buffer}[b < ${kernel.count}] := row of ${from}`;
  }
  return [
    ...kernel.origin.map(reason => `# ${reason}`),
    `kernel ${kernel.name} for ${printLoops(kernel.domain) || 'one point'}`,
    ...kernel.reductions.flatMap(printReduction),
    ...printStores(kernel.stores),
  ].join('\n');
}

function printBuffer({ name, element, length, slotted, place }: KernelBuffer): string {
  const where = place === undefined ? '' : ` at ${place.buffer}[${place.offset}]`;
  return `buffer ${name}: ${element}[${length === 0 ? '?' : length}]${slotted ? ' for each run' : ''}${where}`;
}

/** The text of an entry point's launches, for `--emit=kernel`, and of those that a real GPU has in the place of some. */
export function printSequence(sequence: KernelSequence, joined: KernelSequence | null = null): string {
  const others = (joined?.kernels ?? []).filter(kernel => !sequence.kernels.includes(kernel));
  return [
    `sequence ${sequence.name}: ${sequence.kernels.length} launches`,
    ...sequence.buffers.map(printBuffer),
    ...sequence.kernels.map(kernel => `\n${printKernel(kernel)}`),
    ...(others.length === 0 ? [] : ['\n# on a real GPU, behind all others']),
    ...others.map(kernel => `\n${printKernel(kernel)}`),
    '',
  ].join('\n');
}
