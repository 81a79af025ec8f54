import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../runtime/index.js';
import { readCheckpointFile, replaceFile, writeCheckpointFile } from '../../../runtime/node.js';

const checkpointOf = (fill: number, length: number): Checkpoint => ({
  facts: {
    step: fill,
    seed: 1n,
    signature: 's',
    model: 'm',
    specHash: '',
    dataHash: '',
    epochSum: 0,
    epochSteps: 0,
    binarise: 'once',
    bound: 'iwae',
    k: 5,
    programVersion: 1,
  },
  tensors: new Map([['parameters/w', { shape: [length], values: new Float32Array(length).fill(fill) }]]),
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iwaec-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a file that is replaced', () => {
  it('holds a checkpoint, and nothing is left beside it', async () => {
    const path = join(folder, 'checkpoint.safetensors');
    for (const fill of [1, 2]) await writeCheckpointFile(path, checkpointOf(fill, 10));
    expect(await readCheckpointFile(path)).toEqual(checkpointOf(2, 10));
    expect(await readdir(folder)).toEqual(['checkpoint.safetensors']);
  });

  it('keeps its content when the new one cannot be written', async () => {
    await expect(replaceFile(join(folder, 'no', 'such'), new Uint8Array(1))).rejects.toThrow('ENOENT');
    await expect(replaceFile(folder, new Uint8Array(1))).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is missing or corrupt by name', async () => {
    const path = join(folder, 'c');
    await expect(readCheckpointFile(path)).rejects.toMatchObject({ code: 'checkpoint-missing' });
    await writeFile(path, 'junk');
    await expect(readCheckpointFile(path)).rejects.toMatchObject({
      code: 'checkpoint-corrupt',
      message: expect.stringContaining(path),
    });
  });

  it.skipIf(process.platform === 'win32')('is no pipe, which may have no writer', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(readCheckpointFile(pipe)).rejects.toMatchObject({
      code: 'checkpoint-missing',
      message: expect.stringContaining('it is a pipe, not a file'),
    });
  });
});
