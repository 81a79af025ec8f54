import type { Dataset } from '../data/dataset.js';
import { sources } from '../data/sources.js';
import { readSource, sourceFolder } from './node-sources.js';

const [trainImages, trainLabels, testImages, testLabels] = sources.mnist.files;

/** The four canonical files, by what they hold. */
export const mnistFiles = { trainImages, trainLabels, testImages, testLabels };

/** The folder of MNIST's files in the package `mnist-loader`, whose code is never run. */
export const mnistFolder = (): string => sourceFolder('mnist');

/**
 * MNIST, 60 000 and 10 000 images of 28 × 28 grey levels with labels.
 * @throws RuntimeFault `data-missing`, `data-corrupt` if a file is not the canonical one
 */
export async function mnist(
  folder: string = mnistFolder(),
): Promise<{ readonly train: Dataset; readonly test: Dataset }> {
  return readSource('mnist', { folder });
}
