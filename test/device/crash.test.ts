import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readCheckpointFile } from '../../runtime/node.js';

/** Large enough that a kill often falls into the middle of writing. */
const elements = 200_000;

/** Writes checkpoints for steps 1, 2, … until it is killed, saying when the first is there. */
const writer = (path: string) => `
  import { writeCheckpointFile } from './dist/runtime/node.js';
  for (let step = 1; ; step++) {
    const facts = { step, seed: 1n, signature: 's', model: 'm', specHash: '', dataHash: '', binarise: 'once', epochSum: 0, epochSteps: 0, bound: 'b', k: 1, programVersion: 1 };
    const tensors = new Map([['parameters/w', { shape: [${elements}], values: new Float32Array(${elements}).fill(step) }]]);
    await writeCheckpointFile(${JSON.stringify(path)}, { facts, tensors });
    if (step === 1) console.log('written');
  }
`;

it('leaves a whole checkpoint when the process is killed while it writes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'iwaec-crash-'));
  const path = join(folder, 'checkpoint.safetensors');
  for (let round = 0; round < 8; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer(path)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise(resolve => child.stdout.once('data', resolve));
    await new Promise(resolve => setTimeout(resolve, 5 + 7 * round));
    const ended = new Promise(resolve => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
    const { facts, tensors } = await readCheckpointFile(path);
    const { values } = tensors.get('parameters/w')!;
    expect(values).toHaveLength(elements);
    expect(values.every(value => value === facts.step)).toBe(true);
  }
  await rm(folder, { recursive: true });
});
