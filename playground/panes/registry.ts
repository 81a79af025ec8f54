import { comparePane } from './compare/index.js';
import { kernelsPane } from './kernels/index.js';
import { memoryPane } from './memory/index.js';
import { modelPane } from './model/index.js';
import type { Pane } from './pane.js';
import { tensorPane } from './tensor/index.js';
import { trainPane } from './train/index.js';

/** The panes, in the order of their tabs. */
export const panes: readonly Pane[] = [
  modelPane,
  tensorPane,
  kernelsPane,
  memoryPane,
  trainPane,
  comparePane,
];
