import type { DataVariable, Parameter } from '../model/ir.js';

/** What elaboration of one model collects, by name, in order of declaration. */
export interface ModelState {
  readonly data: Map<string, DataVariable>;
  readonly parameters: Map<string, Parameter>;
}

export const makeModelState = (): ModelState => ({ data: new Map(), parameters: new Map() });
