import type { EntryTable } from './entry.js';

export const names = {} satisfies EntryTable;
