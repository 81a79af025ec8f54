import type { EntryTable } from './entry.js';

export const axes = {} satisfies EntryTable;
