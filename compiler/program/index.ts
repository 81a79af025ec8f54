export { fingerprint } from './fingerprint.js';
export { artefactFiles, artefactPaths, type Files, programFiles } from './folder.js';
export { evaluateHostFormula } from './host.js';
export * from './ir.js';
export { type NoiseAddress, noiseAt, shuffledRow, streamNumber, threefry4x32 } from './noise.js';
export { type Validation, validateProgram } from './validate.js';
