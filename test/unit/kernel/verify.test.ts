import { describe, expect, it } from 'vitest';
import type { Kernel, Reduction, Store } from '../../../compiler/kernel/ir.js';
import { maxBuffers, verifyKernel } from '../../../compiler/kernel/verify.js';
import { CompilerBug } from '../../../compiler/support/bug.js';
import { at, buffer, buffersOf, dense, denseBuffers, load } from './fixture.js';

const [product] = dense.reductions as [Extract<Reduction, { kind: 'product' }>];
const [whole, partial] = dense.stores as [Store, Store];

describe('the kernel verifier', () => {
  it('accepts a fused dense layer', () => {
    expect(() => verifyKernel(dense, denseBuffers)).not.toThrow();
  });

  it.each<[string, Partial<Kernel>, RegExp]>([
    ['two loops of one name', { domain: [dense.domain[0]!, { name: 'd', extent: 7 }] }, /two loops/],
    ['an extent of 0', { domain: [{ name: 'r', extent: 0 }, dense.domain[1]!] }, /extent 0/],
    ['an unknown buffer', { stores: [{ ...whole, buffer: 'elsewhere' }] }, /no buffer elsewhere/],
    ['a store out of bounds', { stores: [{ ...whole, index: at({ r: 8, c: 1 }) }] }, /element 78 of out/],
    ['a store that lacks a loop', { stores: [{ ...whole, index: at({ c: 1 }) }] }, /once for each r/],
    [
      'a partial store out of bounds',
      { stores: [{ ...partial, index: at({ r: 3 }) }] },
      /element 28 of sums/,
    ],
    ['a partial store along the column', { stores: [{ ...partial, index: at({ c: 1 }) }] }, /on the column/],
    ['a loop out of scope', { stores: [{ ...whole, value: load('x', { d: 1 }) }] }, /d is not in scope/],
    ['a load out of bounds', { stores: [{ ...whole, value: load('x', { r: 6 }) }] }, /element 54 of x/],
    [
      'an accumulator too early',
      { reductions: [{ ...product, left: { kind: 'accumulator', reduction: 0 } }] },
      /before it ran/,
    ],
    [
      'a left factor along the column',
      { reductions: [{ ...product, left: load('x', { c: 1 }) }] },
      /left factor/,
    ],
    [
      'a right factor along a row',
      { reductions: [{ ...product, right: load('w', { r: 1 }) }] },
      /right factor/,
    ],
    [
      'a read of what is written',
      { stores: [{ ...whole, value: load('out', { r: 7 }) }] },
      /written at another/,
    ],
    ['nothing stored', { stores: [] }, /nothing is stored/],
  ])('refuses %s', (_, change, reason) => {
    const attempt = () => verifyKernel({ ...dense, ...change }, denseBuffers);
    expect(attempt).toThrow(CompilerBug);
    expect(attempt).toThrow(reason);
  });

  it('lets a kernel replace the element that it reads', () => {
    const value = load('out', { r: 7, c: 1 });
    expect(() => verifyKernel({ ...dense, stores: [{ ...whole, value }] }, denseBuffers)).not.toThrow();
  });

  it('refuses one buffer more than a launch may bind', () => {
    const names = Array.from({ length: maxBuffers }, (_, i) => `in${i}`);
    const value = names
      .map(name => load(name, {}))
      .reduce((a, b) => ({ kind: 'apply', op: 'add', args: [a, b] }));
    const buffers = buffersOf(buffer('out', 70), ...names.map(name => buffer(name, 1)));
    const kernel: Kernel = { ...dense, reductions: [], stores: [{ ...whole, value }] };
    expect(() => verifyKernel(kernel, buffers)).toThrow(/9 buffers, more than 8/);
  });

  it('names the kernel and holds its text', () => {
    try {
      verifyKernel({ ...dense, stores: [] }, denseBuffers);
      expect.fail('accepted');
    } catch (error) {
      expect((error as CompilerBug).message).toMatch(/^kernel dense: /);
      expect((error as CompilerBug).dump).toMatch(/kernel dense for r < 10, c < 7/);
    }
  });
});
