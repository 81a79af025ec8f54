import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wasmArtefact } from '../unit/wasm/artefact.js';

const run = promisify(execFile);

/** A process that trains on the CPU must end by itself, with nothing on stderr, whatever it did with the device. */
describe('a process with the CPU device', () => {
  let folder = '';
  let prelude = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'iwaec-cpu-process-'));
    const { program, wasm } = await wasmArtefact();
    await writeFile(join(folder, 'program.json'), JSON.stringify(program));
    await writeFile(join(folder, 'plain.wasm'), wasm!.plain);
    await writeFile(join(folder, 'relaxed.wasm'), wasm!.relaxed);
    prelude = `
      import { readFileSync } from 'node:fs';
      import { openCpuDevice } from './dist/runtime/node.js';
      const read = name => readFileSync(${JSON.stringify(folder)} + '/' + name);
      const artefact = {
        program: JSON.parse(read('program.json')),
        wgsl: {},
        wasm: { plain: read('plain.wasm'), relaxed: read('relaxed.wasm') },
      };
      const device = openCpuDevice({ threads: 2 });
      const program = await device.load(artefact);
      program.write('dataset.w', new Float32Array(40 * 72).fill(0.01));
      const frames = Array.from({ length: 200 }, (_, slot) => {
        const frame = new Uint32Array(12);
        frame[11] = slot;
        return frame;
      });
    `;
  });

  afterAll(() => rm(folder, { recursive: true }));

  const ended = async (body: string) => {
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', prelude + body], {
      timeout: 60_000,
    });
    return { stdout, stderr };
  };

  it('waits for the runs under way, and then ends although nobody disposed of the device', async () => {
    const body = "program.run('train_step', frames).then(({ total }) => console.log(total.length));";
    expect(await ended(body)).toEqual({ stdout: '200\n', stderr: '' });
  });

  it('ends when the device was disposed of', async () => {
    const body = "await program.run('train_step', frames); device.dispose(); console.log('done');";
    expect(await ended(body)).toEqual({ stdout: 'done\n', stderr: '' });
  });

  it('ends when it is told to in the middle of a run', async () => {
    const body =
      "program.run('train_step', frames); setTimeout(() => process.exit(0), 2); console.log('left');";
    expect(await ended(body)).toEqual({ stdout: 'left\n', stderr: '' });
  });

  it('tells of a device that was disposed of in the middle of a run', async () => {
    const body = `
      const running = program.run('train_step', frames).catch(error => console.log(error.code));
      setTimeout(() => device.dispose(), 2);
      await running;`;
    expect(await ended(body)).toEqual({ stdout: 'device-lost\n', stderr: '' });
  });
});
