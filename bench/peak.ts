import { measureCpuPeaks } from '../runtime/node.js';

/** GFLOP/s of `threads` threads together in a register-blocked product, and whether the engine has relaxed SIMD. */
export async function measurePeak(
  threads: number,
): Promise<{ readonly gflops: number; readonly fused: boolean }> {
  const { flops, fused } = await measureCpuPeaks(threads);
  return { gflops: flops / 1e9, fused };
}
