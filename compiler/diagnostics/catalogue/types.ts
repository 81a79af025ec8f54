import type { EntryTable } from './entry.js';

export const types = {} satisfies EntryTable;
