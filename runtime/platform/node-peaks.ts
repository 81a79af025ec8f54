import { Worker } from 'node:worker_threads';
import type { Peaks } from '../device.js';
import { enableRelaxedSimd } from './node-relaxed-simd.js';

/*
 * What a CPU can do at most in WebAssembly: a matrix product of 4 × 8 register blocks over operands that are already
 * packed and lie in the first-level cache, and nothing else; and a copy between two arrays that no cache holds.
 */

const rows = 4;
const vectors = 2;
const depth = 256;

function productText(fused: boolean): string {
  const range = (count: number) => Array.from({ length: count }, (_, i) => i);
  const sums = range(rows * vectors).map(i => `$c${i}`);
  const update = (i: number, j: number) => {
    const sum = `$c${i * vectors + j}`;
    return fused
      ? `(local.set ${sum} (f32x4.relaxed_madd (local.get $a) (local.get $b${j}) (local.get ${sum})))`
      : `(local.set ${sum} (f32x4.add (local.get ${sum}) (f32x4.mul (local.get $a) (local.get $b${j}))))`;
  };
  const step = range(rows).map(
    i =>
      `(local.set $a (v128.load32_splat offset=${4 * i} (local.get $l))) ${range(vectors)
        .map(j => update(i, j))
        .join(' ')}`,
  );
  return `(module (memory 1) (func (export "run") (param $times i32)
  (local $l i32) (local $r i32) (local $a v128) (local $b0 v128) (local $b1 v128)
  ${sums.map(sum => `(local ${sum} v128)`).join(' ')}
  (loop $again
   (local.set $l (i32.const 0)) (local.set $r (i32.const 8192))
   (loop $step
    ${range(vectors)
      .map(j => `(local.set $b${j} (v128.load offset=${16 * j} (local.get $r)))`)
      .join(' ')}
    ${step.join('\n    ')}
    (local.set $l (i32.add (local.get $l) (i32.const ${4 * rows})))
    (br_if $step (i32.ne (local.tee $r (i32.add (local.get $r) (i32.const ${16 * vectors})))
     (i32.const ${8192 + depth * 16 * vectors}))))
   (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
  ${sums.map((sum, i) => `(v128.store offset=${16 * i} (i32.const 32768) (local.get ${sum}))`).join(' ')}))`;
}

const timesPerCall = 20_000;
const operations = 2 * rows * vectors * 4 * depth * timesPerCall;

const copiedBytes = 64 * 2 ** 20;

const workerSource = `
const { parentPort, workerData } = require('node:worker_threads');
const { run } = new WebAssembly.Instance(new WebAssembly.Module(workerData)).exports;
const fastest = (times, work) => {
  let best = Infinity;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
};
run(1000);
const product = fastest(12, () => run(${timesPerCall}));
const from = new Float32Array(${copiedBytes / 4}).fill(1);
const to = new Float32Array(${copiedBytes / 4}).fill(2);
const copy = fastest(5, () => to.set(from));
parentPort.postMessage({ product, copy });`;

/** The peaks of `threads` threads together, and whether the engine has relaxed SIMD's fused multiply-add. */
export async function measureCpuPeaks(threads: number): Promise<Peaks & { readonly fused: boolean }> {
  enableRelaxedSimd();
  const { default: wabt } = await import('wabt');
  const { parseWat } = await wabt();
  const assemble = (fused: boolean) =>
    parseWat('peak.wat', productText(fused), { simd: true, relaxed_simd: true }).toBinary({}).buffer;
  const fused = WebAssembly.validate(assemble(true));
  const module = assemble(fused);
  const times = await Promise.all(
    Array.from({ length: threads }, () => {
      const worker = new Worker(workerSource, { eval: true, execArgv: [], workerData: module });
      return new Promise<{ readonly product: number; readonly copy: number }>((resolve, reject) => {
        worker.on('message', resolve);
        worker.on('error', reject);
      });
    }),
  );
  const total = (rate: (time: (typeof times)[number]) => number) =>
    times.reduce((sum, time) => sum + rate(time), 0);
  return {
    flops: total(({ product }) => (1000 * operations) / product),
    // Read and written.
    bytes: total(({ copy }) => (1000 * 2 * copiedBytes) / copy),
    fused,
  };
}
