import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { above, columnsFor, encodePng, grid, imageShape, levels } from '../../../cli/pictures.js';
import type { Tensor } from '../../../runtime/index.js';

const tensor = (shape: readonly number[], value: (i: number) => number): Tensor => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
});

describe('a datum is shown', () => {
  it.each([
    [[784], { height: 28, width: 28, channels: 1 }],
    [[3, 5], { height: 3, width: 5, channels: 1 }],
    [[4, 4, 3], { height: 4, width: 4, channels: 3 }],
    [[5], { height: 1, width: 5, channels: 1 }],
    [[4], { height: 1, width: 4, channels: 1 }],
    [[], { height: 1, width: 1, channels: 1 }],
  ])('of shape %j', (shape, expected) => {
    expect(imageShape(shape)).toEqual(expected);
  });

  it('between the bounds of its type, or between the extremes', () => {
    const shown = [tensor([1, 3], i => 10 * i - 10)];
    expect([-1, 0, 0.5, 1, 2].map(levels('unit', shown))).toEqual([0, 0, 128, 255, 255]);
    expect([0, 51, 255].map(levels('byte', shown))).toEqual([0, 51, 255]);
    expect([-10, 0, 10].map(levels('real', shown))).toEqual([0, 128, 255]);
  });
});

describe('a grid', () => {
  it('puts images side by side with gaps', () => {
    const picture = grid([tensor([3, 60, 60], i => (i < 3600 ? 1 : 0))], 'binary', 2);
    expect([picture.width, picture.height, picture.channels]).toEqual([2 * 62 + 2, 2 * 62 + 2, 1]);
    const at = (x: number, y: number) => picture.pixels[y * picture.width + x];
    expect([at(2, 2), at(61, 61), at(64, 2), at(0, 0), at(2, 64), at(64, 64)]).toEqual([
      255, 255, 0, 96, 0, 96,
    ]);
  });

  it('sets reconstructions below their originals, line by line', () => {
    const lines = above(
      tensor([5, 2], i => i),
      tensor([5, 2], i => 100 + i),
      3,
    );
    expect(lines.map(({ shape, values }) => [shape[0], values[0]])).toEqual([
      [3, 0],
      [3, 100],
      [2, 6],
      [2, 106],
    ]);
  });

  it('becomes a PNG that decodes to the same pixels', async () => {
    const picture = grid([tensor([4, 8, 8, 3], i => (i % 7) / 7)], 'unit', columnsFor(4));
    const decoded = decode(await encodePng(picture));
    expect([decoded.width, decoded.height, decoded.channels]).toEqual([picture.width, picture.height, 3]);
    expect([...decoded.data]).toEqual([...picture.pixels]);
  });
});
