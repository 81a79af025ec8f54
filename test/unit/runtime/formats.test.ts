import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { encode } from 'fast-png';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { datasetFrom, parseDataset } from '../../../runtime/data/file.js';
import { inflate } from '../../../runtime/data/formats/inflate.js';
import { parsePictures } from '../../../runtime/data/formats/png.js';
import { isFault } from '../../../runtime/index.js';
import { element, matFile, matrix, packed } from './mat-file.js';

const seeded = { seed: 20160118 };
const text = (content: string) => new TextEncoder().encode(content);
const read = (name: string, content: string) => parseDataset(text(content), name);

const npy = (descriptor: string, shape: string, data: Uint8Array): Uint8Array => {
  const header = text(`{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${shape}, }\n`);
  return Uint8Array.of(
    0x93,
    ...text('NUMPY'),
    1,
    0,
    header.length & 255,
    header.length >> 8,
    ...header,
    ...data,
  );
};

/** Whether reading gives a value or a clean fault. */
function readsOrFaults(run: () => unknown): void {
  try {
    expect(run()).toBeDefined();
  } catch (error) {
    if (!isFault(error)) throw error;
    expect(error.code).toBe('data-corrupt');
  }
}

describe('numbers as text', () => {
  it('are one row a line', () => {
    expect(read('x.amat', '0 1 1\n1 0 0\n')).toMatchObject({
      rows: 2,
      width: 3,
      encoding: 'f32',
      values: Float32Array.of(0, 1, 1, 1, 0, 0),
    });
    expect(read('x.txt', '  1.5\t-2e-1 \r\n\r\n.25  4.\n').values).toEqual(
      Float32Array.of(1.5, -0.2, 0.25, 4),
    );
  });

  it('are grey levels where they are whole, up to 255 and not only zeros and ones', () => {
    expect(read('x.amat', '0 128\n255 1').values).toEqual(Uint8Array.of(0, 128, 255, 1));
    expect(read('x.amat', '0 128\n256 1').values).toEqual(Float32Array.of(0, 128, 256, 1));
  });

  it.each([
    ['', /no numbers/],
    ['1 2\n3\n', /line 2 has 1 numbers, and the first has 2/],
    ['1 2\n3 4 5\n', /line 2 has more than the 2/],
    ['1 2\n3 four\n', /line 2 holds "four"/],
    ['1 2\n3 nan\n', /no number/],
    ['1 2\n3 1e999\n', /no number/],
    ['1 2\n3 0x10\n', /no number/],
  ])('are refused as %j', (content, reason) => {
    expect(() => read('x.amat', content)).toThrowError(reason);
  });
});

describe('CSV', () => {
  it('has names and classes if it says so', () => {
    expect(read('x.csv', 'label,a,b\n7,0,255\n8,1,2\n')).toMatchObject({
      rows: 2,
      width: 2,
      values: Uint8Array.of(0, 255, 1, 2),
      labels: Uint8Array.of(7, 8),
    });
    expect(read('x.csv', '\ufeff"1.5", 2\n3,4')).toMatchObject({
      rows: 2,
      values: Float32Array.of(1.5, 2, 3, 4),
    });
  });

  it.each([
    ['', /no rows/],
    ['a,b\n', /no rows/],
    ['1,2\n3\n', /line 2 has 1 columns, and the first has 2/],
    ['1,2\n3,x\n', /line 2, column 2 holds "x"/],
    ['1,2\n3,\n', /line 2, column 2 holds ""/],
    ['1,2\n"3,4\n', /line/],
    ['label,a\n300,1\n', /the class 300/],
    ['label,a\n1.5,1\n', /the class 1.5/],
  ])('is refused as %j', (content, reason) => {
    expect(() => read('x.csv', content)).toThrowError(reason);
  });

  it('grows beyond its first block', () => {
    const rows = 3000;
    const content = Array.from({ length: rows }, (_, row) =>
      Array.from({ length: 50 }, (_, i) => row + i / 2).join(),
    );
    const { values, width } = read('x.csv', content.join('\n'));
    expect(width).toBe(50);
    expect(values[(rows - 1) * 50 + 49]).toBe(rows - 1 + 24.5);
  });
});

describe('packed bits', () => {
  const bits = (bytes: readonly number[], width?: number) =>
    parseDataset(Uint8Array.from(bytes), 'x.bits', { width });

  it('are rows of whole bytes, highest bit first', () => {
    expect(bits([0b1010_0000, 0b0110_0000], 3)).toMatchObject({
      rows: 2,
      values: Uint8Array.of(255, 0, 255, 0, 255, 255),
    });
  });

  it('need a width that fits', () => {
    expect(() => bits([1, 2])).toThrowError(/how wide a row is/);
    expect(() => bits([1, 2, 3], 16)).toThrowError(/no whole number of rows/);
    expect(() => bits([0b0000_0001], 7)).toThrowError(/ones behind its 7 bits/);
  });
});

describe('a .npz file', () => {
  const two = zipSync({
    'x_train.npy': npy('|u1', '(2, 2)', Uint8Array.of(0, 200, 3, 4)),
    'x_test.npy': npy('<i8', '(1, 2)', new Uint8Array(BigInt64Array.of(9n, 8n).buffer)),
    'notes.txt': text('no array'),
  });

  it('gives the array of the split, or the one that is named', () => {
    expect(parseDataset(two, 'd.npz').values).toEqual(Uint8Array.of(0, 200, 3, 4));
    expect(parseDataset(two, 'd.npz', { split: 'test' }).values).toEqual(Uint8Array.of(9, 8));
    expect(parseDataset(two, 'd.npz', { variable: 'x_test' }).rows).toBe(1);
    expect(() => parseDataset(two, 'd.npz', { variable: 'y' })).toThrowError(
      /no array 'y'; it holds x_train \[2, 2\], x_test \[1, 2\] \(notes\.txt: no arrays/,
    );
  });

  it('says how to name an array where none is known by its name', () => {
    const strange = zipSync({
      'p.npy': npy('|u1', '(1,)', Uint8Array.of(5)),
      'q.npy': npy('|u1', '(1,)', Uint8Array.of(6)),
    });
    expect(() => parseDataset(strange, 'd.npz')).toThrowError(/name one as in d\.npz#p/);
  });

  it('is refused where it is damaged', () => {
    expect(() => parseDataset(two.subarray(0, 40), 'd.npz')).toThrowError(/not a whole \.npz file/);
    fc.assert(
      fc.property(fc.nat(two.length - 1), fc.nat(255), (at, byte) => {
        const broken = Uint8Array.from(two);
        broken[at] = byte;
        broken.set([0x50, 0x4b, 3, 4]);
        readsOrFaults(() => parseDataset(broken, 'd.npz'));
      }),
      { ...seeded, numRuns: 300 },
    );
  });
});

describe('a MATLAB file', () => {
  // [2, 3] by columns: rows (1, 3, 5) and (2, 4, 6).
  const data = matrix('data', [2, 3], [1, 2, 3, 4, 5, 6]);
  const test = packed(matrix('testdata', [2, 1], [7, 9], { type: 'u8' }));
  const words = matrix('words', [1, 2], [104, 105], { class: 4, type: 'u16' });

  it.each([true, false])('gives rows, little-endian: %s', little => {
    const file = matFile(little, data(little), test(little), words(little));
    expect(parseDataset(file, 'x.mat')).toMatchObject({
      rows: 2,
      width: 3,
      values: Uint8Array.of(1, 3, 5, 2, 4, 6),
    });
    expect(parseDataset(file, 'x.mat', { split: 'test' }).values).toEqual(Uint8Array.of(7, 9));
  });

  it('takes columns for rows where only they fit', () => {
    const file = matFile(true, data(true), test(true));
    expect(parseDataset(file, 'x.mat', { width: 2 })).toMatchObject({
      rows: 3,
      width: 2,
      values: Uint8Array.of(1, 2, 3, 4, 5, 6),
    });
    expect(parseDataset(file, 'x.mat', { width: 2, split: 'test' })).toMatchObject({ rows: 1, width: 2 });
  });

  it('is refused with what it holds instead', () => {
    const other = matFile(true, matrix('y', [1, 1], [5])(true), matrix('z', [1, 1], [5])(true), words(true));
    expect(() => parseDataset(other, 'x.mat')).toThrowError(
      /none of its arrays is known to be train data: it holds y \[1, 1\], z \[1, 1\] \(words: no arrays/,
    );
    expect(() => parseDataset(matFile(true, words(true)), 'x.mat')).toThrowError(/no array of numbers/);
    expect(() => parseDataset(text('MATLAB 7.3 MAT-file'), 'x.mat')).toThrowError(/save it with/);
    expect(() => parseDataset(text('hello'), 'x.mat')).toThrowError(/not a MATLAB level 5 file/);
  });

  it.each([
    ['a cut tag', (file: Uint8Array) => file.subarray(0, 132), /ends inside the tag/],
    ['a cut element', (file: Uint8Array) => file.subarray(0, 160), /are left/],
  ])('is refused with %s', (_, cut, reason) => {
    expect(() => parseDataset(cut(matFile(true, data(true))), 'x.mat')).toThrowError(reason);
  });

  it('is refused where its shape lies', () => {
    const lies = matrix('data', [1000, 1000, 1000], [1, 2])(true);
    expect(() => parseDataset(matFile(true, lies), 'x.mat')).toThrowError(/1000000000 numbers, and holds 2/);
    const bomb = element(true, 15, deflateSync(new Uint8Array(1 << 20)));
    readsOrFaults(() => parseDataset(matFile(true, bomb), 'x.mat'));
  });

  it('neither crashes nor hangs, whatever it holds', () => {
    const whole = matFile(true, data(true), test(true), words(true));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 128, max: whole.length - 1 }), fc.nat(255)), { maxLength: 4 }),
        edits => {
          const broken = Uint8Array.from(whole);
          for (const [at, byte] of edits) broken[at] = byte;
          readsOrFaults(() => parseDataset(broken, 'x.mat'));
        },
      ),
      { ...seeded, numRuns: 2000 },
    );
  });
});

describe('unpacking', () => {
  it('stops at its limit and at a cut', () => {
    const zeros = deflateSync(new Uint8Array(10_000_000));
    expect(inflate(zeros)).toHaveLength(10_000_000);
    expect(() => inflate(zeros, 1_000_000)).toThrowError(/more than 1000000 bytes/);
    expect(() => inflate(zeros.subarray(0, 100))).toThrowError();
    expect(() => inflate(new Uint8Array(0))).toThrowError(/cut off/);
  });
});

describe('a folder of pictures', () => {
  const picture = (width: number, height: number, data: number[], channels = 1) =>
    encode({ width, height, data: Uint8Array.from(data), channels, depth: 8 });
  const pictures = (...files: Uint8Array[]) =>
    datasetFrom(
      parsePictures(
        files.map((bytes, i) => ({ name: `${i}.png`, bytes })),
        'd',
      ),
      'd',
      {},
    );

  it('is one row a picture', () => {
    const set = pictures(picture(2, 1, [0, 9]), picture(2, 1, [255, 1]));
    expect(set).toMatchObject({
      rows: 2,
      shape: [1, 2],
      encoding: 'byte',
      values: Uint8Array.of(0, 9, 255, 1),
    });
    expect(pictures(picture(1, 1, [1, 2, 3], 3)).shape).toEqual([1, 1, 3]);
    expect(pictures(picture(1, 1, [7, 255], 2)).values).toEqual(Uint8Array.of(7));
  });

  it('spreads few bits over all grey levels', () => {
    const one = encode({
      width: 3,
      height: 2,
      data: Uint8Array.of(0b1010_0000, 0b0100_0000),
      channels: 1,
      depth: 1,
    });
    expect(pictures(one).values).toEqual(Uint8Array.of(255, 0, 255, 0, 255, 0));
  });

  it.each([
    ['nothing', [], /no \.png files/],
    [
      'sizes that differ',
      [picture(2, 1, [0, 9]), picture(1, 2, [0, 9])],
      /1\.png has the shape \[2, 1\], and 0\.png \[1, 2\]/,
    ],
    ['grey and colours', [picture(1, 1, [0]), picture(1, 1, [0, 1, 2], 3)], /all must have one size/],
    ['something else', [text('no picture at all, but long enough to have a header')], /no PNG file/],
    ['a cut picture', [picture(2, 1, [0, 9]).subarray(0, 50)], /0\.png is not a picture/],
    ['transparency', [picture(1, 1, [7, 3], 2)], /transparent/],
  ])('is refused with %s', (_, files, reason) => {
    expect(() => pictures(...files)).toThrowError(reason);
  });

  it('is refused before a picture of a lie is unpacked', () => {
    const lie = Uint8Array.from(picture(1, 1, [0]));
    new DataView(lie.buffer).setUint32(16, 100_000);
    expect(() => pictures(lie)).toThrowError(/100000 × 1/);
  });
});

describe('bytes of zeros and ones', () => {
  it('are ones, not the darkest grey', () => {
    const set = parseDataset(npy('|u1', '(2, 2)', Uint8Array.of(0, 1, 1, 0)), 'x.npy');
    expect(set).toMatchObject({ encoding: 'f32', values: Float32Array.of(0, 1, 1, 0) });
  });
});
