import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataFacts } from '../../../compiler/program/index.js';
import { encodeDataset, featureMeans } from '../../../runtime/data/encode.js';
import { type Dataset, datasetOf, isFault, parseIdx, parseNpy } from '../../../runtime/index.js';
import { mnist, mnistFiles, mnistFolder, readDataset } from '../../../runtime/node.js';

const seeded = { seed: 20160118 };

const idx = (shape: readonly number[], values: readonly number[], type = 8): Uint8Array => {
  const header = new Uint8Array(4 + 4 * shape.length);
  header.set([0, 0, type, shape.length]);
  const view = new DataView(header.buffer);
  shape.forEach((size, axis) => {
    view.setUint32(4 + 4 * axis, size);
  });
  return Uint8Array.of(...header, ...values);
};

function npy(header: string, data: Uint8Array, version = 1): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length =
    version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.of(0x93, ...new TextEncoder().encode('NUMPY'), version, 0, ...length, ...text, ...data);
}

const npyHeader = (descriptor: string, shape: string) =>
  `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${shape}, }\n`;

const bytesOf = (values: Float32Array | Float64Array) => new Uint8Array(values.buffer);

/** Whether reading gives a value or a clean fault. */
function readsOrFaults(read: () => unknown): void {
  try {
    expect(read()).toBeDefined();
  } catch (error) {
    if (!isFault(error)) throw error;
    expect(error.code).toBe('data-corrupt');
  }
}

describe('an idx file', () => {
  it('is read with its shape', () => {
    expect(parseIdx(idx([2, 3], [1, 2, 3, 4, 5, 6]), 'f')).toEqual({
      shape: [2, 3],
      values: Uint8Array.of(1, 2, 3, 4, 5, 6),
    });
  });

  it.each([
    ['nothing', new Uint8Array(0), /0 bytes/],
    ['another file', new TextEncoder().encode('hello world'), /not an idx file/],
    ['floats', idx([1], [0, 0, 0, 0], 13), /type 0xd/],
    ['no dimension', idx([], [1]), /0 dimensions/],
    ['a cut header', idx([1, 1], []).subarray(0, 9), /ends inside its header/],
    ['no rows', idx([0, 3], []), /empty/],
    ['too few elements', idx([2, 2], [1, 2, 3]), /needs 16 bytes, and it has 15/],
    ['too many elements', idx([2], [1, 2, 3]), /needs 10 bytes, and it has 11/],
    ['sizes beyond all memory', idx([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], [1]), /needs/],
  ])('is refused: %s', (_, bytes, message) => {
    expect(() => parseIdx(bytes, 'f')).toThrow(message);
  });

  it('is read or refused cleanly, whatever it holds', () => {
    const nearly = fc
      .tuple(
        fc.array(fc.nat(5), { maxLength: 4 }),
        fc.array(fc.nat(255), { maxLength: 40 }),
        fc.constantFrom(8, 9),
      )
      .map(([shape, values, type]) => idx(shape, values, type));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), nearly), bytes => readsOrFaults(() => parseIdx(bytes, 'f'))),
      { ...seeded, numRuns: 1000 },
    );
  });
});

describe('a .npy file', () => {
  it('is read whatever its type', () => {
    const numbers = [0.5, -2, 3];
    const shape = [3, 1];
    const read = (descriptor: string, data: Uint8Array, version = 1) =>
      parseNpy(npy(npyHeader(descriptor, '(3, 1)'), data, version), 'f');
    expect(read('<f8', bytesOf(Float64Array.from(numbers)))).toEqual({
      shape,
      values: Float32Array.from(numbers),
    });
    expect(read('<f4', bytesOf(Float32Array.from(numbers)), 2)).toEqual({
      shape,
      values: Float32Array.from(numbers),
    });
    expect(read('|u1', Uint8Array.of(1, 2, 3))).toEqual({ shape, values: Uint8Array.of(1, 2, 3) });
    expect(read('|b1', Uint8Array.of(1, 0, 1))).toEqual({ shape, values: Uint8Array.of(255, 0, 255) });
  });

  it.each([
    ['another file', new TextEncoder().encode('hello world, hello'), /not a .npy file/],
    ['a type that is not read', npy(npyHeader('<c8', '(1,)'), new Uint8Array(8)), /'<c8'/],
    ['a prototype for a type', npy(npyHeader('constructor', '(1,)'), new Uint8Array(8)), /'constructor'/],
    ['columns first', npy(npyHeader('<f4', '(1,)').replace('False', 'True'), new Uint8Array(4)), /C order/],
    ['no shape', npy(`{'descr': '<f4', 'fortran_order': False}`, new Uint8Array(4)), /no shape/],
    [
      'too little data',
      npy(npyHeader('<f4', '(2,)'), new Uint8Array(4)),
      /needs 8 bytes of data, and it has 4/,
    ],
    ['nothing', npy(npyHeader('<f4', '(0, 2)'), new Uint8Array(0)), /empty/],
    [
      'a cut header',
      npy(npyHeader('<f4', '(1,)'), new Uint8Array(4)).subarray(0, 20),
      /ends inside its header/,
    ],
  ])('is refused: %s', (_, bytes, message) => {
    expect(() => parseNpy(bytes, 'f')).toThrow(message);
  });

  it('is read or refused cleanly, whatever it holds', () => {
    const nearly = fc
      .tuple(fc.string(), fc.constantFrom('<f4', '<f8', '|u1'), fc.uint8Array())
      .map(([shape, descriptor, data]) => npy(npyHeader(descriptor, shape), data));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), nearly), bytes => readsOrFaults(() => parseNpy(bytes, 'f'))),
      { ...seeded, numRuns: 1000 },
    );
  });
});

describe('data on its way to a device', () => {
  const binary: DataFacts = { name: 'x', element: 'binary', shape: [2], encoding: 'byte' };
  const real: DataFacts = { name: 'x', element: 'real', shape: [2], encoding: 'f32' };
  const floats = (...values: number[]): Dataset =>
    datasetOf('f', { shape: [values.length / 2, 2], values: Float32Array.from(values) });

  it('keeps bytes, and takes floats that are grey levels', () => {
    const bytes = datasetOf('f', { shape: [1, 2], values: Uint8Array.of(3, 255) });
    expect(encodeDataset(binary, bytes)).toBe(bytes.values);
    expect(encodeDataset(binary, floats(0, 1, Math.fround(3 / 255), 1))).toEqual(
      Uint8Array.of(0, 255, 3, 255),
    );
    expect(() => encodeDataset(binary, floats(0, 0.3))).toThrow(/0\.3.* in row 0 is not one of 0, 1\/255/);
    expect(() => encodeDataset(binary, floats(0, 0, 0, Number.NaN))).toThrow(/NaN in row 1/);
    expect(() => encodeDataset(binary, floats(2, 0))).toThrow(/2 in row 0/);
    expect(encodeDataset({ ...binary, element: 'byte' }, floats(3, 255))).toEqual(Uint8Array.of(3, 255));
    expect(encodeDataset(real, bytes)).toEqual(Float32Array.of(3, 255));
    expect(() => encodeDataset(real, floats(0, Number.POSITIVE_INFINITY))).toThrow(/row 0 holds Infinity/);
  });

  it('has the mean of each feature, as the model sees it', () => {
    const bytes = Uint8Array.of(0, 255, 255, 255, 51, 0);
    expect([...featureMeans(binary, bytes)]).toEqual(
      [(0 + 255 + 51) / 3 / 255, 510 / 3 / 255].map(Math.fround),
    );
    expect([...featureMeans({ ...binary, element: 'byte' }, bytes)]).toEqual([102, 170]);
    expect([...featureMeans(real, Float32Array.of(1e8, 1, 1, 2))]).toEqual(
      [50000000.5, 1.5].map(Math.fround),
    );
  });

  it('has as many labels as rows', () => {
    expect(() => datasetOf('f', { shape: [3, 2], values: new Uint8Array(6) }, new Uint8Array(2))).toThrow(
      /3 rows and 2 labels/,
    );
  });
});

describe('data files', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'iwaec-data-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const put = async (name: string, bytes: Uint8Array) => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };

  it('are read packed or not, by what they hold', async () => {
    const plain = idx([2, 1, 2], [1, 2, 3, 4]);
    const labels = await put('labels', idx([2], [7, 8]));
    const expected = {
      rows: 2,
      width: 2,
      shape: [1, 2],
      encoding: 'byte',
      values: Uint8Array.of(1, 2, 3, 4),
    };
    expect(await readDataset(await put('a', plain))).toMatchObject({ ...expected, name: 'a' });
    const packed = await readDataset(await put('b.gz', gzipSync(plain)), { labels });
    expect(packed).toMatchObject({ ...expected, labels: Uint8Array.of(7, 8) });
    const array = npy(npyHeader('<f4', '(3,)'), bytesOf(Float32Array.of(1, 2, 3)));
    expect(await readDataset(await put('c', array))).toMatchObject({
      rows: 3,
      width: 1,
      shape: [1],
      encoding: 'f32',
    });
  });

  it('are refused with their path', async () => {
    await expect(readDataset('/dev/zero')).rejects.toMatchObject({
      code: 'data-missing',
      message: expect.stringContaining('/dev/zero is a device'),
    });
    await expect(readDataset(join(folder, 'none'))).rejects.toMatchObject({
      code: 'data-missing',
      message: expect.stringContaining(join(folder, 'none')),
    });
    await expect(readDataset(folder)).rejects.toMatchObject({ code: 'data-corrupt' });
    const cut = await put('cut.gz', gzipSync(new Uint8Array(1000)).subarray(0, 15));
    await expect(readDataset(cut)).rejects.toMatchObject({
      code: 'data-corrupt',
      message: expect.stringContaining(cut),
    });
  });

  it.skipIf(process.platform === 'win32')('are no pipes, which may have no writer', async () => {
    const pipe = join(folder, 'pipe.png');
    execFileSync('mkfifo', [pipe]);
    const refused = {
      code: 'data-missing',
      message: expect.stringContaining(`${pipe} is a pipe, not a file`),
    };
    await expect(readDataset(pipe)).rejects.toMatchObject(refused);
    await expect(readDataset(`${pipe}#x`)).rejects.toMatchObject(refused);
    const inside = { code: 'data-missing', message: expect.stringContaining('it is a pipe, not a file') };
    const plain = await put('plain', idx([2, 2], [1, 2, 3, 4]));
    await expect(readDataset(plain, { labels: pipe })).rejects.toMatchObject(inside);
    const pictures = await mkdtemp(join(folder, 'pictures-'));
    execFileSync('mkfifo', [join(pictures, 'a.png')]);
    await expect(readDataset(pictures)).rejects.toMatchObject(inside);
  });

  it('hold MNIST, checked by its hashes', async () => {
    const { train, test } = await mnist();
    expect(train).toMatchObject({ rows: 60000, width: 784, shape: [28, 28], encoding: 'byte' });
    expect(test).toMatchObject({ rows: 10000, width: 784 });
    expect([...train.labels!.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
    expect(test.labels).toHaveLength(10000);
  });

  it('are refused when they are not the canonical MNIST', async () => {
    await expect(mnist(folder)).rejects.toMatchObject({ code: 'data-missing' });
    for (const { name } of Object.values(mnistFiles))
      await put(name, idx([1, 28, 28], new Array(784).fill(0)));
    await expect(mnist(folder)).rejects.toMatchObject({
      code: 'data-corrupt',
      message: expect.stringContaining('checksum'),
    });
    expect(mnistFolder()).toMatch(/mnist-loader/);
  });
});
