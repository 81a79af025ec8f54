import type { DataFacts } from '../../compiler/program/index.js';
import { fault } from '../errors.js';
import type { Dataset } from './dataset.js';

/** What a stored byte is worth to the model: v / 255 where it is a grey level, itself otherwise. */
export const byteScale = (facts: DataFacts): number =>
  facts.element === 'binary' || facts.element === 'unit' ? 1 / 255 : 1;

/** @throws RuntimeFault `data-shape` unless a row has as many elements as the model's variable. */
export function checkDataset(facts: DataFacts, dataset: Dataset): void {
  const width = facts.shape.reduce((product, size) => product * size, 1);
  if (dataset.width !== width) {
    throw fault('data-shape', {
      what: `data '${facts.name}' from ${dataset.name}`,
      expected: `rows of ${width} (${facts.element}[${facts.shape.join(', ')}])`,
      found: `rows of ${dataset.width} ([${dataset.shape.join(', ')}])`,
    });
  }
}

/**
 * The rows as the device stores them for this variable.
 * @throws RuntimeFault `data-corrupt` for a number that the variable's type does not allow
 */
export function encodeDataset(facts: DataFacts, dataset: Dataset): Uint8Array | Float32Array {
  if (facts.encoding === 'byte') {
    return dataset.values instanceof Uint8Array ? dataset.values : bytesOf(facts, dataset);
  }
  return dataset.values instanceof Float32Array
    ? finite(dataset, dataset.values)
    : Float32Array.from(dataset.values);
}

/** Floats as bytes, where that loses nothing. */
function bytesOf(facts: DataFacts, dataset: Dataset): Uint8Array {
  const scale = byteScale(facts);
  return Uint8Array.from(dataset.values as Float32Array, (value, index) => {
    const byte = Math.round(value / scale);
    if (byte >= 0 && byte <= 255 && Math.fround(byte * scale) === value) return byte;
    const allowed = scale === 1 ? 'a whole number from 0 to 255' : 'one of 0, 1/255, …, 1';
    throw fault('data-corrupt', {
      where: dataset.name,
      reason: `${value} in row ${Math.floor(index / dataset.width)} is not ${allowed}, which '${facts.name}' needs`,
    });
  });
}

function finite(dataset: Dataset, values: Float32Array): Float32Array {
  const bad = values.findIndex(value => !Number.isFinite(value));
  if (bad < 0) return values;
  throw fault('data-corrupt', {
    where: dataset.name,
    reason: `row ${Math.floor(bad / dataset.width)} holds ${values[bad]}`,
  });
}

/** Mean of each feature over all rows, in f64, as the model sees it before binarisation. */
export function featureMeans(facts: DataFacts, encoded: Uint8Array | Float32Array): Float32Array {
  const width = facts.shape.reduce((product, size) => product * size, 1);
  const sums = new Float64Array(width);
  for (let start = 0; start < encoded.length; start += width) {
    for (let i = 0; i < width; i++) sums[i] = sums[i]! + encoded[start + i]!;
  }
  const scale = (encoded instanceof Uint8Array ? byteScale(facts) : 1) / (encoded.length / width);
  return Float32Array.from(sums, sum => sum * scale);
}
