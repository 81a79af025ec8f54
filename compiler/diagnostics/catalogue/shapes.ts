import type { EntryTable } from './entry.js';

export const shapes = {} satisfies EntryTable;
