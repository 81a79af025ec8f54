import { setFlagsFromString } from 'node:v8';

/**
 * V8 11.3, which is Node 20's, has the instructions of relaxed SIMD as they were standardised, but behind a flag; from
 * 11.4 on they need none (https://chromestatus.com/feature/4807208027357184). To be called before anything asks V8
 * whether it has them. The flag makes modules valid that were not, and changes no other.
 */
export function enableRelaxedSimd(): void {
  if (process.versions.v8.startsWith('11.3.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
}
