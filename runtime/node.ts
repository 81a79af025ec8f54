export { readDataset } from './data/files.js';
export { mnist, mnistFiles, mnistFolder } from './data/mnist.js';
export { readCheckpointFile, replaceFile, writeCheckpointFile } from './platform/files.js';
export { type AdapterReport, type AdapterWish, openDawnDevice, probeAdapters } from './platform/node-dawn.js';
export { openCpuDevice } from './platform/node-threads.js';
