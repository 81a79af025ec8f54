import type { DataFacts } from '../../compiler/program/index.js';
import { fault } from '../errors.js';
import type { Dataset, SplitData } from './dataset.js';

/** The first element that is neither zero nor one (as a byte: 0 or 255), or -1. */
function firstGrey({ values }: Dataset): number {
  const one = values instanceof Uint8Array ? 255 : 1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value !== 0 && value !== one) return i;
  }
  return -1;
}

/** Whether every element is zero or one: then no binarisation changes anything. */
export const isBinaryData = (dataset: Dataset): boolean => firstGrey(dataset) < 0;

/** @throws RuntimeFault `data-grey` where a variable of the model is binary and its data is not */
export function refuseGrey(variables: readonly DataFacts[], data: SplitData): void {
  for (const split of [data.train, data.test]) {
    for (const { name, element } of variables) {
      const dataset = split?.[name];
      if (dataset === undefined || element !== 'binary') continue;
      const index = firstGrey(dataset);
      if (index < 0) continue;
      throw fault('data-grey', {
        what: dataset.name,
        row: Math.floor(index / dataset.width),
        value: dataset.values[index]!,
      });
    }
  }
}
