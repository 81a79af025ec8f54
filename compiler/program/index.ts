export * from './ir.js';
export { noiseAt, shuffledRow, streamNumber, threefry4x32, type NoiseAddress } from './noise.js';
export { fingerprint } from './fingerprint.js';
