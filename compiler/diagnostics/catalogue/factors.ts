import type { EntryTable } from './entry.js';

export const factors = {} satisfies EntryTable;
