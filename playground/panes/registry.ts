import type { Pane } from './pane.js';
import { trainPane } from './train/index.js';

/** The panes, in the order of their tabs. */
export const panes: readonly Pane[] = [trainPane];
