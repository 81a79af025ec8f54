export { type DataSource, type DatasetFacts, loadDataset } from './data/web.js';
export * from './index.js';
export {
  openDevice,
  openPageGpuDevice,
  type PageDeviceChoice,
  type PageDeviceOptions,
} from './platform/browser.js';
export { openPageCpuDevice, type PageCpuOptions } from './platform/browser-threads.js';
