import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type KernelEntries, kernelEntries, tensorGraphs } from '../../../compiler/driver.js';
import { pointCount } from '../../../compiler/kernel/affine.js';
import type { Kernel } from '../../../compiler/kernel/ir.js';
import { kernelRoots, scalarsOf } from '../../../compiler/kernel/scalar.js';
import { layoutParameters } from '../../../compiler/lower/layout.js';
import { lowerEntry } from '../../../compiler/lower/tensor-to-kernel/index.js';
import { GraphBuilder } from '../../../compiler/tensor/build.js';
import type { Axis } from '../../../compiler/tensor/ir.js';
import { lowerApart } from '../../support/lowering.js';
import { modelOf } from '../../support/reference.js';

const spec = (name: string) => readFileSync(new URL(`../../../specs/${name}.iwae`, import.meta.url), 'utf8');

function entriesOf(text: string): KernelEntries {
  const model = modelOf(text);
  return kernelEntries(model, layoutParameters(model), tensorGraphs(model));
}

const computing = (entries: KernelEntries, entry: keyof KernelEntries): readonly Kernel[] =>
  entries[entry].sequence.kernels.filter(kernel => kernel.kind === 'compute');

const uses = (kernel: Kernel, op: string): boolean =>
  scalarsOf(kernelRoots(kernel)).some(scalar => scalar.kind === 'apply' && scalar.op === op);

const products = (kernel: Kernel) =>
  kernel.reductions.filter(reduction => reduction.kind === 'product').length;

describe('fusion of a one-layer model', () => {
  const entries = entriesOf(spec('mnist1l'));
  const step = computing(entries, 'train_step');
  const evaluate = computing(entries, 'evaluate');

  it('takes few launches', () => {
    expect(step.length).toBeLessThanOrEqual(35);
    expect(evaluate.length).toBeLessThanOrEqual(14);
  });

  it('adds bias and activation where the product is computed', () => {
    const activations = step.filter(kernel => uses(kernel, 'tanh'));
    expect(activations.map(products)).toEqual([1, 1, 1, 1]);
  });

  it('computes mean and scale of a latent side by side', () => {
    expect(step.some(kernel => products(kernel) === 2 && uses(kernel, 'exp'))).toBe(true);
  });

  it('draws each noise once, however many kernels need it', () => {
    const drawn = step.flatMap(kernel =>
      scalarsOf(kernelRoots(kernel)).flatMap(scalar => (scalar.kind === 'noise' ? [scalar.clock] : [])),
    );
    expect(drawn.toSorted()).toEqual(['data', 'model']);
    const noise = step.find(kernel => kernel.origin.some(reason => reason.includes('kernels draw it')))!;
    const readers = step.filter(kernel =>
      scalarsOf(kernelRoots(kernel)).some(
        scalar => scalar.kind === 'load' && scalar.buffer === noise.stores[0]!.buffer,
      ),
    );
    expect(readers.length).toBeGreaterThan(1);
  });

  it('reduces the log-likelihood in the kernel of the logits', () => {
    for (const kernels of [step, evaluate]) {
      const likelihood = kernels.filter(kernel => uses(kernel, 'softplus'));
      expect(likelihood.map(products)).toEqual([1]);
      expect(likelihood[0]!.stores.filter(store => store.partial !== null)).toHaveLength(1);
    }
  });

  it('computes the derivative of the likelihood beside the likelihood, and stores it in place of the logits', () => {
    const derivative = step.filter(kernel => uses(kernel, 'sigmoid'));
    expect(derivative.map(products)).toEqual([1]);
    expect(derivative.every(kernel => uses(kernel, 'softplus'))).toBe(true);
    expect(derivative[0]!.stores.filter(store => store.partial === null)).toHaveLength(1);
  });

  it('stores logits only where the backward pass reads them', () => {
    const largest = (kernels: readonly Kernel[]) =>
      Math.max(
        ...kernels.flatMap(kernel =>
          kernel.stores.filter(store => store.partial === null).map(() => pointCount(kernel.domain)),
        ),
      );
    expect(largest(step)).toBe(425288);
    const { rows, samples } = entries.evaluate;
    expect(largest(evaluate)).toBeLessThan(rows * samples * 784);
  });

  it('updates parameters and all states in one launch, in place', () => {
    const update = step.at(-1)!;
    expect(update.stores.map(store => store.buffer).toSorted()).toEqual(['parameters', 'state.m', 'state.v']);
    expect(update.domain).toHaveLength(1);
  });

  it('shares temporary memory', () => {
    const places = entries.train_step.sequence.buffers.flatMap(({ place, length }) =>
      place === undefined ? [] : [place.offset + length],
    );
    expect(Math.max(...places)).toBeLessThan(100 * 784 * 3.5);
  });

  it('says why of every kernel', () => {
    for (const kernel of step) expect(kernel.origin.join(' ')).toMatch(/%\d+ .*(stored|output|two steps)/);
  });
});

describe('lowering', () => {
  const b: Axis = { name: 'b', kind: 'datum', size: 6 };
  const f0: Axis = { name: 'f0', kind: 'feature', size: 5 };

  it('merges datum and sample into one row loop', () => {
    const k: Axis = { name: 'k', kind: 'sample', size: 3 };
    const f1: Axis = { name: 'f1', kind: 'feature', size: 4 };
    const g = new GraphBuilder('product');
    const product = g.contract(g.input('x', [b, k, f0]), g.input('w', [f0, f1]), [f0]);
    g.output('y', g.apply('tanh', product));
    const [kernel] = lowerApart(g.build()).sequence.kernels as [Kernel];
    expect(kernel.domain.map(loop => loop.extent)).toEqual([18, 4]);
    expect(kernel.reductions.map(({ kind }) => kind)).toEqual(['product']);
  });

  it('evaluates what depends on clocks alone on the host, each formula once', () => {
    const g = new GraphBuilder('host');
    const step = g.host({ kind: 'clock', clock: 'step' });
    const rate = g.apply('power', g.constant(0.9), step);
    g.output('y', g.apply('multiply', rate, g.input('x', [f0])));
    g.output('z', g.apply('add', g.apply('multiply', rate, g.constant(1)), g.input('x', [f0])));
    const { host, sequence } = lowerApart(g.build());
    expect(host[0]).toEqual({
      kind: 'scalar',
      op: 'power',
      args: [
        { kind: 'constant', value: 0.9 },
        { kind: 'clock', clock: 'step' },
      ],
    });
    expect(sequence.kernels).toHaveLength(1);
  });

  it('computes once what is compared for equality', () => {
    const g = new GraphBuilder('ties');
    const [x, y] = [g.input('x', [f0]), g.input('y', [f0])];
    const value = g.apply('add', g.apply('multiply', x, y), x);
    g.output('isLargest', g.apply('equal', value, g.reduce('max', value, [f0])));
    const { sequence } = lowerApart(g.build());
    const kernels = sequence.kernels.filter(kernel => kernel.kind === 'compute');
    expect(kernels.filter(kernel => uses(kernel, 'multiply'))).toHaveLength(1);
    expect(kernels.flatMap(({ origin }) => origin).join('\n')).toContain(
      'stored: it is compared for equality',
    );
  });

  it('runs readers of an array before it is replaced', () => {
    const g = new GraphBuilder('replace');
    const x = g.input('x', [f0]);
    g.output('x', g.apply('exp', x));
    g.output('sum', g.reduce('sum', x, [f0]));
    const buffer = (name: string, length: number) => ({
      name,
      element: 'f32' as const,
      length,
      slotted: false,
    });
    const place = (name: string) => ({ buffer: name, offset: 0 });
    const { sequence } = lowerEntry('replace', [
      {
        graph: g.build(),
        options: {
          inputs: { x: place('x') },
          outputs: { x: place('x'), sum: place('sum') },
          datasets: {},
          rows: { buffer: 'rows', order: null },
          buffers: [buffer('x', 5), buffer('sum', 1)],
        },
      },
    ]);
    expect(sequence.kernels.map(({ name }) => name)).toEqual(['replace.00.sum', 'replace.01.x']);
  });
});
