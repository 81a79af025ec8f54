import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fault } from '../errors.js';
import { type Dataset, datasetOf } from './dataset.js';
import { readDataFile } from './files.js';
import { parseIdx } from './idx.js';

/** The four canonical files (LeCun, Cortes & Burges) and the SHA-256 of what they hold unpacked. */
export const mnistFiles = {
  trainImages: {
    file: 'train-images-idx3-ubyte',
    sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  },
  trainLabels: {
    file: 'train-labels-idx1-ubyte',
    sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  },
  testImages: {
    file: 't10k-images-idx3-ubyte',
    sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  },
  testLabels: {
    file: 't10k-labels-idx1-ubyte',
    sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
} as const;

type MnistFile = keyof typeof mnistFiles;

/** The folder of MNIST's files in the package `mnist-loader`, whose code is never run. */
export function mnistFolder(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve('mnist-loader/package.json');
    return join(dirname(manifest), 'data');
  } catch {
    throw fault('data-missing', {
      what: "MNIST comes with the package 'mnist-loader', which is not installed",
    });
  }
}

async function readMnist(folder: string, which: MnistFile) {
  const { file, sha256 } = mnistFiles[which];
  const path = join(folder, file);
  const bytes = await readDataFile(path);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256)
    throw fault('data-corrupt', { where: path, reason: `its SHA-256 is ${found}, not ${sha256}` });
  return parseIdx(bytes, path);
}

/**
 * MNIST, 60 000 and 10 000 images of 28 × 28 grey levels with labels.
 * @throws RuntimeFault `data-missing`, `data-corrupt` if a file is not the canonical one
 */
export async function mnist(
  folder: string = mnistFolder(),
): Promise<{ readonly train: Dataset; readonly test: Dataset }> {
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    readMnist(folder, 'trainImages'),
    readMnist(folder, 'trainLabels'),
    readMnist(folder, 'testImages'),
    readMnist(folder, 'testLabels'),
  ]);
  return {
    train: datasetOf('MNIST training images', trainImages, trainLabels.values),
    test: datasetOf('MNIST test images', testImages, testLabels.values),
  };
}
