export type { Artefact, Program } from '../compiler/program/index.js';
export {
  type Checkpoint,
  type CheckpointFacts,
  decodeCheckpoint,
  encodeCheckpoint,
  type Tensor,
} from './checkpoint.js';
export { crc32c } from './crc32.js';
export { isBinaryData } from './data/binary.js';
export { type Dataset, datasetOf, type Split, type SplitData, type SplitName } from './data/dataset.js';
export { type IdxArray, parseIdx } from './data/formats/idx.js';
export { type NpyArray, parseNpy } from './data/formats/npy.js';
export type * from './device.js';
export { type FaultCode, fault, faultCodes, isFault, RuntimeFault } from './errors.js';
export { seededSample, seedOf } from './seed.js';
export {
  activeThreshold,
  countActive,
  type UnitActivity,
  unitActivity,
} from './session/evaluation-units.js';
export * from './session.js';
export { openWebGpuDevice } from './webgpu/device.js';
