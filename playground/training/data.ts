import type { Artefact } from 'iwaec';
import { type Dataset, loadDataset, type SplitData } from 'iwaec/runtime/browser';
import { type DigitSet, digitSets } from './digit-sets.js';

/** Where the training rows come from: the packed digits, all of MNIST, or a file that the person chose. */
export type DataChoice = 'digits' | 'all-digits' | File;

const loaded = new Map<DigitSet, Promise<Dataset>>();

function load(set: DigitSet): Promise<Dataset> {
  const known = loaded.get(set);
  if (known !== undefined) return known;
  const address = (path: string) => new URL(path, document.baseURI);
  const name = `${set.rows.toLocaleString('en')} MNIST ${set.split === 'train' ? 'training' : 'test'} digits`;
  const promise = loadDataset(address(set.images), { name, labels: address(set.labels) });
  loaded.set(set, promise);
  promise.catch(() => loaded.delete(set));
  return promise;
}

/** Whether the model has one data variable of 28 × 28 numbers from 0 to 1. */
export function fitsDigits({ program }: Artefact): boolean {
  const [data, ...more] = program.model.data;
  if (data === undefined || more.length > 0) return false;
  return data.shape.reduce((product, size) => product * size, 1) === 784 && data.encoding === 'byte';
}

/** What the model needs, in words: `x: real[5]`. */
export const dataNeeded = ({ program }: Artefact): string =>
  program.model.data.map(({ name, element, shape }) => `${name}: ${element}[${shape.join(', ')}]`).join(', ');

/** The rows for a model. A file of a person's own is used for training and for reconstructions. */
export async function loadData(artefact: Artefact, choice: DataChoice): Promise<SplitData> {
  const name = artefact.program.model.data[0]!.name;
  if (choice instanceof File) {
    const rows = await loadDataset(choice);
    return { train: { [name]: rows }, test: { [name]: rows } };
  }
  const set = choice === 'all-digits' ? digitSets.allTrain : digitSets.train;
  const [train, test] = await Promise.all([load(set), load(digitSets.test)]);
  return { train: { [name]: train }, test: { [name]: test } };
}
