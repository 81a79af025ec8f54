import { affine } from '../../kernel/affine.js';
import type { Affine, Kernel, Loop } from '../../kernel/ir.js';
import { affineRewriter } from '../../kernel/scalar.js';
import type { Axis } from '../../tensor/ir.js';
import { domainLoop } from './view.js';

/** Gives loops the names of the axes they walk, numbered where a name is taken. */
export function nameLoops(kernel: Kernel, axes: readonly Axis[]): Kernel {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const choose = (loop: Loop, wish: string) => {
    const base = wish.replaceAll(/[^A-Za-z0-9]/g, '_');
    let name = base;
    for (let i = 1; taken.has(name); i++) name = `${base}_${i}`;
    taken.add(name);
    names.set(loop.name, name);
  };
  const axisAt = (loop: Loop) => axes.findIndex((_, i) => domainLoop(i) === loop.name);
  for (const loop of kernel.domain) choose(loop, axes[axisAt(loop)]!.name);
  for (const loop of kernel.reductions.flatMap(reduction => reduction.loops)) {
    choose(loop, loop.name.startsWith('~tile') ? 'tile' : loop.name.split('~')[0]!);
  }
  const renameLoops = (loops: readonly Loop[]) =>
    loops.map(({ name, extent }) => ({ name: names.get(name)!, extent }));
  const change = (form: Affine) =>
    affine(
      form.constant,
      form.terms.map(({ loop, stride }) => ({ loop: names.get(loop)!, stride })),
    );
  const rewrite = affineRewriter(change);
  return {
    ...kernel,
    domain: renameLoops(kernel.domain),
    reductions: kernel.reductions.map(reduction => {
      const loops = renameLoops(reduction.loops);
      return reduction.kind === 'fold'
        ? { ...reduction, loops, body: rewrite(reduction.body) }
        : { ...reduction, loops, left: rewrite(reduction.left), right: rewrite(reduction.right) };
    }),
    stores: kernel.stores.map(store => ({
      ...store,
      index: change(store.index),
      value: rewrite(store.value),
    })),
  };
}
