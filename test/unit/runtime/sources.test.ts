import { describe, expect, it } from 'vitest';
import {
  isSourceName,
  type Source,
  sourceNamed,
  sourceNames,
  sources,
} from '../../../runtime/data/sources.js';
import { datasetOf } from '../../../runtime/index.js';

describe('the table of data sets', () => {
  it.each(sourceNames)('%s has a checksum and a place for every file, and its splits are of them', name => {
    const { files, from, splits, title, licence }: Source = sourceNamed(name);
    for (const { checksum } of files) {
      expect(checksum.hex).toMatch(checksum.kind === 'sha256' ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/);
    }
    const known = files.map(file => file.name);
    for (const split of Object.values(splits)) {
      expect(known).toContain(split.images);
      expect(split.labels === undefined || known.includes(split.labels)).toBe(true);
    }
    if ('mirrors' in from) for (const mirror of from.mirrors) expect(new URL(mirror).pathname).toMatch(/\/$/);
    expect([title, licence].every(text => text.length > 0)).toBe(true);
  });

  it('knows no name that an object has by itself', () => {
    expect(['constructor', '__proto__', 'toString', ''].some(isSourceName)).toBe(false);
  });
});

describe('OMNIGLOT', () => {
  // The file holds pixel (row r, column c) of a picture at r + 28 c, as a grey level from 0 to 1.
  const picture = (values: Float32Array) => datasetOf('chardata.mat', { shape: [1, 784], values });
  const { finish } = sources.omniglot;

  it('is turned upright, and its grey levels become bytes', () => {
    const values = new Float32Array(784);
    values[3 + 28 * 5] = 1;
    values[27] = 0.5;
    const upright = finish(picture(values));
    expect(upright).toMatchObject({ encoding: 'byte', shape: [28, 28], rows: 1 });
    expect(upright.values[3 * 28 + 5]).toBe(255);
    expect(upright.values[27 * 28]).toBe(128);
    expect([...upright.values].reduce((sum, value) => sum + value, 0)).toBe(255 + 128);
  });

  it('is refused with a grey level that is none', () => {
    expect(() => finish(picture(new Float32Array(784).fill(1.5)))).toThrowError(/outside 0 to 1/);
  });
});
