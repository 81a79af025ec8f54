import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  isFault,
  type Tensor,
} from '../../../runtime/index.js';
import { joinFile, parseTensors, printHeader, splitFile } from '../../../runtime/safetensors.js';

const seeded = { seed: 20160118 };

const tensors = fc
  .dictionary(
    fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'parameters/w', 'm/w', '7')),
    fc.array(fc.nat(4), { maxLength: 3 }).chain(shape =>
      fc
        .array(fc.float(), {
          minLength: shape.reduce((product, size) => product * size, 1),
          maxLength: shape.reduce((product, size) => product * size, 1),
        })
        .map((values): Tensor => ({ shape, values: Float32Array.from(values) })),
    ),
  )
  .map(record => new Map(Object.entries(record).filter(([name]) => name !== '__metadata__')));

const checkpoints: fc.Arbitrary<Checkpoint> = fc.record({
  facts: fc.record({
    step: fc.nat(),
    seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    signature: fc.string(),
    model: fc.string(),
    specHash: fc.string(),
    dataHash: fc.string(),
    epochSum: fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => value + 0),
    epochSteps: fc.nat(),
    binarise: fc.constantFrom('dynamic', 'per-epoch', 'once', 'threshold', 'none'),
    bound: fc.string(),
    k: fc.nat(),
    programVersion: fc.nat(),
  }),
  tensors,
});

const sample: Checkpoint = {
  facts: {
    step: 12,
    seed: 2n ** 63n + 1n,
    signature: 'abc',
    model: 'mnist1l',
    specHash: '',
    dataHash: '',
    epochSum: -1234.0625,
    epochSteps: 2,
    binarise: 'dynamic',
    bound: 'iwae',
    k: 5,
    programVersion: 1,
  },
  tensors: new Map([
    ['parameters/w', { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ['m/w', { shape: [2, 3], values: new Float32Array(6) }],
  ]),
};

function expectCorrupt(bytes: Uint8Array): void {
  let thrown: unknown = null;
  try {
    decodeCheckpoint(bytes, 'file');
  } catch (error) {
    thrown = error;
  }
  if (!isFault(thrown)) throw thrown ?? new Error('the damaged file was accepted');
  expect(thrown.code).toBe('checkpoint-corrupt');
  expect(thrown.message).toMatch(/^file: /);
}

/** A file with this header and these data bytes. */
function fileOf(header: unknown, data = new Uint8Array(8)): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

describe('a checkpoint', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(checkpoints, checkpoint => {
        const back = decodeCheckpoint(encodeCheckpoint(checkpoint));
        expect(back.facts).toEqual(checkpoint.facts);
        expect([...back.tensors].sort()).toEqual([...checkpoint.tensors].sort());
      }),
      seeded,
    );
  });

  it('has the same bytes each time, and the data at a multiple of eight', () => {
    const bytes = encodeCheckpoint(sample);
    expect(encodeCheckpoint(sample)).toEqual(bytes);
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
  });

  it('keeps the bits of every float, whether a number or not', () => {
    const bits = Uint32Array.of(0x7fc00001, 0xff800000, 0x80000000, 0x00000001);
    const values = new Float32Array(bits.buffer);
    const back = decodeCheckpoint(
      encodeCheckpoint({ ...sample, tensors: new Map([['a', { shape: [4], values }]]) }),
    );
    expect(new Uint32Array(back.tensors.get('a')!.values.buffer)).toEqual(bits);
  });

  it('is refused when it ends early, wherever that is', () => {
    const bytes = encodeCheckpoint(sample);
    for (let length = 0; length < bytes.length; length++) expectCorrupt(bytes.subarray(0, length));
  });

  it('is refused when it goes on after its end', () => {
    const bytes = encodeCheckpoint(sample);
    expectCorrupt(Uint8Array.of(...bytes, 0));
  });

  it('is refused when any byte of it is another', () => {
    const bytes = encodeCheckpoint(sample);
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [0x01, 0x20, 0x80, 0xff]) {
        const damaged = bytes.slice();
        damaged[at] = damaged[at]! ^ flip;
        expectCorrupt(damaged);
      }
    }
  });

  it('is refused when it is anything else', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), expectCorrupt), seeded);
    fc.assert(
      fc.property(fc.json(), text => expectCorrupt(fileOf(text))),
      seeded,
    );
  });
});

describe('a safetensors header that lies', () => {
  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  const liars: Readonly<Record<string, unknown>> = {
    'is not an object': [],
    'is not JSON': '{"a":',
    'is nested without end': '['.repeat(100_000),
    'has another type': { a: { ...entry, dtype: 'F64' } },
    'has a negative size': { a: { ...entry, shape: [-2] } },
    'has a size that is not whole': { a: { ...entry, shape: [0.5] } },
    'has sizes whose product overflows': { a: { ...entry, shape: [2 ** 40, 2 ** 40] } },
    'starts before the data': { a: { ...entry, data_offsets: [-8, 0] } },
    'ends after the data': { a: { ...entry, shape: [4], data_offsets: [0, 16] } },
    'goes backwards': { a: { ...entry, data_offsets: [8, 0] } },
    overlaps: { a: entry, b: entry },
    'leaves a gap': { a: { ...entry, shape: [1], data_offsets: [4, 8] } },
    'leaves data over': { a: { ...entry, shape: [1], data_offsets: [0, 4] } },
    'has metadata that is not text': { __metadata__: { step: 1 }, a: entry },
  };
  it.each(Object.entries(liars))('%s', (_, header) => expectCorrupt(fileOf(header)));

  it('says its length is more than the file', () => {
    const bytes = fileOf({ a: entry });
    new DataView(bytes.buffer).setBigUint64(0, 2n ** 64n - 1n, true);
    expectCorrupt(bytes);
  });

  it('is read without a checkpoint in it, names of prototypes included', () => {
    const file = {
      metadata: new Map([['a', 'b']]),
      tensors: new Map([['__proto__', { shape: [1], values: Float32Array.of(3) }]]),
    };
    const { header, data } = splitFile(joinFile(printHeader(file), file.tensors), '');
    expect(parseTensors(header, data, '')).toEqual(file);
  });
});
