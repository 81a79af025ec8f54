import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { Command } from 'commander';
import { openCpuDevice } from '../runtime/node.js';
import { evaluationCase, stepCases } from './cases.js';
import { measureEvaluation, measureStep } from './measure.js';
import { measurePeak } from './peak.js';

/*
 * npm run bench: how long a training step takes on the CPU, how fast an evaluation is, and what part of the machine's
 * peak that is. A table on stderr, JSON on stdout or in a file. A measurement, not a test: nothing fails.
 */

interface Options {
  readonly threads: string;
  readonly only?: string;
  readonly json?: string;
}

const row = (...cells: readonly string[]) =>
  console.error(cells.map((cell, i) => (i === 0 ? cell.padEnd(24) : cell.padStart(13))).join(''));

async function main({ threads: wanted, only = '', json }: Options): Promise<void> {
  const threads = Number(wanted);
  const peak = await measurePeak(threads);
  const kind = peak.fused ? 'relaxed' : 'plain';
  const chosen = stepCases.filter(({ spec, batch, k }) => `${spec} ${batch}x${k}`.includes(only));
  console.error(`${cpus()[0]?.model}, ${threads} threads, Node ${process.version}, ${kind} SIMD`);
  console.error(`peak of a register-blocked product: ${peak.gflops.toFixed(1)} GFLOP/s\n`);
  row('step', 'median ms', 'fastest ms', 'to reach', 'GFLOP/s', 'of peak');
  const device = openCpuDevice({ threads });
  const steps = [];
  for (const given of chosen) {
    const result = await measureStep(device, given);
    const gflops = (1000 * result.gflop) / result.median;
    steps.push({ ...result, target: given.target[kind], gflops, ofPeak: gflops / peak.gflops });
    row(
      `${given.spec} ${given.batch}x${given.k}`,
      result.median.toFixed(2),
      result.fastest.toFixed(2),
      String(given.target[kind]),
      gflops.toFixed(1),
      `${((100 * gflops) / peak.gflops).toFixed(0)}%`,
    );
  }
  const evaluation = 'evaluation'.includes(only) ? await measureEvaluation(device, evaluationCase) : null;
  if (evaluation !== null) {
    const { spec, k, target } = evaluationCase;
    console.error(`\n${spec} L_${k}: ${Math.round(evaluation.pairsPerSecond)} pairs/s (to reach: ${target})`);
  }
  device.dispose();
  const report = `${JSON.stringify({ node: process.version, threads, peak, steps, evaluation }, null, 1)}\n`;
  if (json === undefined) process.stdout.write(report);
  else writeFileSync(json, report);
}

await new Command('bench')
  .description('measures training and evaluation on the CPU')
  .option('--threads <n>', 'number of threads', String(availableParallelism()))
  .option('--only <text>', 'cases whose name holds this text: mnist1l, 20x50, evaluation, …')
  .option('--json <file>', 'write the numbers here instead of to stdout')
  .action(main)
  .parseAsync();
