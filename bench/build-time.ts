import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './contestant.js';

const repeats = 5;

/** Seconds of `iwaec build SPEC`, from the start of its process to its end; the median. */
export function measureBuild(spec: string): number {
  const folder = mkdtempSync(join(tmpdir(), 'iwaec-bench-'));
  const args = ['dist/cli/main.js', 'build', `specs/${spec}.iwae`, '-o', join(folder, spec)];
  try {
    const times = Array.from({ length: repeats }, () => {
      const start = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`iwaec build ${spec} failed: ${stderr}`);
      return (performance.now() - start) / 1000;
    });
    return median(times);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
