import type { EntryTable } from './entry.js';

export const training = {} satisfies EntryTable;
