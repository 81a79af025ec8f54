import { stringify } from 'yaml';
import { shellWord } from '../words.js';
import type { Cell } from './grid.js';

/** What a job of a cluster is told. */
export interface Job {
  readonly name: string;
  readonly cells: readonly Cell[];
  /** Arguments of `iwaec` that run one cell, without its number. */
  readonly words: readonly string[];
  readonly cpus: number;
}

export const emitters = { slurm: emitSlurm, k8s: emitKubernetes, ray: emitRay } as const;
export type EmitterName = keyof typeof emitters;

const indices = ({ cells }: Job): readonly number[] => cells.map(({ index }) => index);

/** `0-3,7`: as Slurm writes a list of numbers. */
function ranges(sorted: readonly number[]): string {
  const parts: { first: number; last: number }[] = [];
  for (const value of sorted) {
    const open = parts.at(-1);
    if (open !== undefined && open.last === value - 1) open.last = value;
    else parts.push({ first: value, last: value });
  }
  return parts.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

const comment = ({ cells }: Job): readonly string[] => cells.map(({ index, id }) => `#   ${index}  ${id}`);

/** A job array. A cell that is stopped or requeued goes on from its last checkpoint. */
function emitSlurm(job: Job): string {
  return [
    '#!/bin/bash',
    `#SBATCH --job-name=${job.name}`,
    `#SBATCH --array=${ranges(indices(job))}`,
    '#SBATCH --ntasks=1',
    `#SBATCH --cpus-per-task=${job.cpus}`,
    '#SBATCH --requeue',
    '#SBATCH --signal=TERM@120',
    '#',
    '# One task for each cell:',
    ...comment(job),
    'set -euo pipefail',
    'cd "$' + '{SLURM_SUBMIT_DIR:-.}"',
    `exec npx iwaec ${job.words.map(shellWord).join(' ')} --cell "$SLURM_ARRAY_TASK_ID"`,
    '',
  ].join('\n');
}

/** An indexed job over a volume that the pods share; the image must have the project installed in `/app`. */
function emitKubernetes(job: Job): string {
  const cells = indices(job);
  const pick = `CELLS=(${cells.join(' ')}); exec npx iwaec ${job.words.map(shellWord).join(' ')} --cell "\${CELLS[$JOB_COMPLETION_INDEX]}"`;
  const container = {
    name: 'iwaec',
    image: 'iwaec:latest',
    workingDir: '/app',
    command: ['bash', '-c', pick],
    resources: { requests: { cpu: String(job.cpus) } },
    volumeMounts: [{ name: 'runs', mountPath: '/app/runs' }],
  };
  return stringify(
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: job.name },
      spec: {
        completions: cells.length,
        parallelism: cells.length,
        completionMode: 'Indexed',
        backoffLimit: 3 * cells.length,
        template: {
          spec: {
            restartPolicy: 'OnFailure',
            containers: [container],
            volumes: [{ name: 'runs', persistentVolumeClaim: { claimName: 'iwaec-runs' } }],
          },
        },
      },
    },
    { lineWidth: 0 },
  );
}

/** JSON's strings, lists and numbers are Python's as well. */
function emitRay(job: Job): string {
  return [
    '"""Runs the cells of a grid on a Ray cluster: `python FILE`. The nodes share the project folder."""',
    'import subprocess',
    '',
    'import ray',
    '',
    `CELLS = ${JSON.stringify(indices(job))}`,
    `COMMAND = ${JSON.stringify(['npx', 'iwaec', ...job.words])}`,
    '',
    '',
    `@ray.remote(num_cpus=${job.cpus}, max_retries=3)`,
    'def run_cell(cell):',
    '    subprocess.run([*COMMAND, "--cell", str(cell)], check=True)',
    '    return cell',
    '',
    '',
    'if __name__ == "__main__":',
    '    ray.init()',
    '    for cell in ray.get([run_cell.remote(cell) for cell in CELLS]):',
    '        print("done:", cell)',
    '',
  ].join('\n');
}
