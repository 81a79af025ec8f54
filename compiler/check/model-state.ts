import type { DataVariable, Parameter } from '../model/ir.js';
import type { Span } from '../support/source.js';

/** What elaboration of one model collects, by name, in order of declaration. */
export interface ModelState {
  readonly data: Map<string, DataVariable>;
  /** Where each data variable is declared, those with a mistake in their type among them. */
  readonly dataSpans: Map<string, Span>;
  readonly parameters: Map<string, Parameter>;
}

export const makeModelState = (): ModelState => ({
  data: new Map(),
  dataSpans: new Map(),
  parameters: new Map(),
});
