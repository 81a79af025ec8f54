export { artefactPaths } from '../compiler/program/index.js';
export { type DataWish, formatNames, parseDataset } from './data/file.js';
export {
  isSourceName,
  type Source,
  type SourceName,
  sourceNamed,
  sourceNames,
} from './data/sources.js';
export { readCheckpointFile, replaceFile, writeCheckpointFile } from './platform/files.js';
export { cacheFolder, cacheVariable } from './platform/node-cache.js';
export { type DatasetWish, readDataset } from './platform/node-data.js';
export {
  type AdapterReport,
  type AdapterWish,
  openDawnDevice,
  packagedDriverVariables,
  probeAdapters,
} from './platform/node-dawn.js';
export { mnist, mnistFiles, mnistFolder } from './platform/node-mnist.js';
export { measureCpuPeaks } from './platform/node-peaks.js';
export {
  type FetchOptions,
  type FileState,
  fetchSource,
  inspectSource,
  isSourceHere,
  mirrorVariable,
  readSource,
  type SourceData,
  sourceFolder,
} from './platform/node-sources.js';
export { openCpuDevice } from './platform/node-threads.js';
