export { assemble } from './assemble.js';
export type { KernelExtent } from './kernel.js';
export { emitModule, type WasmLaunch, type WasmModule } from './module.js';
