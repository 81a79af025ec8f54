import { affine } from '../../kernel/affine.js';
import type { Affine } from '../../kernel/ir.js';
import { invariant } from '../../support/bug.js';
import type { Axis, Node } from '../../tensor/ir.js';

/** Which loop of a kernel walks each axis of a node. */
export type View = ReadonlyMap<string, string>;

export const viewKey = (view: View): string => [...view].map(([axis, loop]) => `${axis}=${loop}`).join(' ');

export const loopOf = (view: View, axis: string): string => {
  const loop = view.get(axis);
  invariant(loop !== undefined, () => `axis ${axis} is not walked by any loop`);
  return loop;
};

/** The view of a node's argument with axes `axes`. */
export function viewOfArgument(view: View, node: Node, axes: readonly Axis[]): View {
  const nameInNode = (name: string) => (node.op === 'rename' && name === node.from ? node.to : name);
  return new Map(axes.map(({ name }) => [name, loopOf(view, nameInNode(name))]));
}

export const sizeOf = (axes: readonly Axis[]): number => axes.reduce((size, axis) => size * axis.size, 1);

/** Position of the view's point in an array laid out row-major along `axes`. */
export function rowMajor(axes: readonly Axis[], view: View, offset = 0): Affine {
  let stride = 1;
  const terms = axes
    .toReversed()
    .map(({ name, size }) => {
      const term = { loop: loopOf(view, name), stride };
      stride *= size;
      return term;
    })
    .toReversed();
  return affine(offset, terms);
}

/** Loops of a kernel's domain, by position: kernels over the same extents have the same loops, whatever their axes. */
export const domainLoop = (position: number): string => `#${position}`;
export const isDomainLoop = (loop: string): boolean => loop.startsWith('#');

export const domainView = (axes: readonly Axis[]): View =>
  new Map(axes.map(({ name }, position) => [name, domainLoop(position)]));
