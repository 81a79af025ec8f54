export * from './checkpoint.js';
export * from './data/dataset.js';
export type * from './device.js';
export * from './errors.js';
export * from './session.js';
