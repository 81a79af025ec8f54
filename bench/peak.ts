import { Worker } from 'node:worker_threads';
import wabt from 'wabt';

/*
 * What this machine can do at most: a matrix product of 4 × 8 register blocks over operands that are already packed and
 * lie in the first-level cache, and nothing else. Programs are compared with this, measured in the same run.
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

const workerSource = `
const { parentPort, workerData } = require('node:worker_threads');
const { run } = new WebAssembly.Instance(new WebAssembly.Module(workerData)).exports;
run(1000);
let best = Infinity;
for (let i = 0; i < 12; i++) {
  const start = performance.now();
  run(${timesPerCall});
  best = Math.min(best, performance.now() - start);
}
parentPort.postMessage(best);`;

/** GFLOP/s of `threads` threads together, and whether the engine has relaxed SIMD. */
export async function measurePeak(
  threads: number,
): Promise<{ readonly gflops: number; readonly fused: boolean }> {
  const { parseWat } = await wabt();
  const assemble = (fused: boolean) =>
    parseWat('peak.wat', productText(fused), { simd: true, relaxed_simd: true }).toBinary({}).buffer;
  const fused = WebAssembly.validate(assemble(true));
  const module = assemble(fused);
  const times = await Promise.all(
    Array.from({ length: threads }, () => {
      const worker = new Worker(workerSource, { eval: true, workerData: module });
      return new Promise<number>((resolve, reject) => {
        worker.on('message', resolve);
        worker.on('error', reject);
      });
    }),
  );
  const gflops = times.reduce((sum, milliseconds) => sum + operations / milliseconds / 1e6, 0);
  return { gflops, fused };
}
