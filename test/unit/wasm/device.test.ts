import { afterEach, describe, expect, it } from 'vitest';
import { frameHostStart } from '../../../compiler/program/index.js';
import type { Device } from '../../../runtime/device.js';
import { nodeThreads } from '../../../runtime/platform/node-threads.js';
import { openWasmDevice } from '../../../runtime/wasm/device.js';
import { inlineThreads } from '../../../runtime/wasm/inline.js';
import type { ThreadHost } from '../../../runtime/wasm/thread.js';
import { columns, depth, rowCount, startParameters, wasmArtefact, weights } from './artefact.js';

const frames = (count: number) =>
  Array.from({ length: count }, (_, slot) => {
    const frame = new Uint32Array(frameHostStart);
    frame[11] = slot;
    return frame;
  });

const open: Device[] = [];
afterEach(() => {
  for (const device of open.splice(0)) device.dispose();
});

function openDevice(host: ThreadHost, threads?: number): Device {
  const device = openWasmDevice(host, threads);
  open.push(device);
  return device;
}

async function runAll(device: Device, runs: number) {
  const program = await device.load(await wasmArtefact());
  program.write('parameters', startParameters());
  program.write('dataset.w', weights());
  const { total } = await program.run('train_step', frames(runs));
  return { total: total!, parameters: await program.read('parameters') };
}

/** One run in f64. */
function byHand(): Float64Array {
  const [parameters, w] = [startParameters(), weights()];
  const result = new Float64Array(parameters.length);
  for (let m = 0; m < rowCount; m++) {
    let mean = 0;
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let d = 0; d < depth; d++) sum += parameters[m * depth + d]! * w[d * columns + j]!;
      mean += Math.tanh(sum) / columns;
    }
    for (let d = 0; d < depth; d++) result[m * depth + d] = parameters[m * depth + d]! / 2 + mean;
  }
  return result;
}

describe('the CPU device', () => {
  it('computes what the launches say', async () => {
    const { parameters, total } = await runAll(openDevice(nodeThreads, 2), 1);
    const expected = byHand();
    let error = 0;
    parameters.forEach((value, i) => {
      error = Math.max(error, Math.abs(value - expected[i]!));
    });
    expect(error).toBeLessThan(1e-6);
    expect(total[0]).toBeCloseTo(
      expected.reduce((sum, value) => sum + value, 0),
      3,
    );
  });

  it('gives the same bits on 1, 2 and 3 threads and without workers', async () => {
    const expected = await runAll(openDevice(inlineThreads), 40);
    expect(expected.total).toHaveLength(40);
    for (const threads of [1, 2, 3]) {
      expect(await runAll(openDevice(nodeThreads, threads), 40)).toEqual(expected);
    }
  });

  it('gives the same bits where memory cannot be shared', async () => {
    const expected = await runAll(openDevice(inlineThreads), 5);
    const { Memory } = WebAssembly;
    const Unshared = class extends Memory {
      constructor(descriptor: ConstructorParameters<typeof Memory>[0]) {
        if (descriptor.shared) throw new TypeError('memory is not shared here');
        super(descriptor);
      }
    };
    try {
      WebAssembly.Memory = Unshared;
      expect(await runAll(openDevice(inlineThreads), 5)).toEqual(expected);
    } finally {
      WebAssembly.Memory = Memory;
    }
  });

  it('keeps calls in order', async () => {
    const program = await openDevice(nodeThreads, 2).load(await wasmArtefact());
    program.write('parameters', startParameters());
    program.write('dataset.w', weights());
    const first = program.run('train_step', frames(3));
    program.write('parameters', new Float32Array(rowCount * depth));
    const between = program.read('parameters');
    const second = program.run('train_step', frames(1));
    expect((await first).total![2]).not.toBe(0);
    expect(await between).toEqual(new Float32Array(rowCount * depth));
    expect((await second).total![0]).toBe(0);
  });

  it('gives the same bits with several submissions under way', async () => {
    const device = openDevice(nodeThreads, 2);
    const counts = [3, 1, 7, 2, 5];
    const inTurn = await runAll(device, 18);
    const program = await device.load(await wasmArtefact());
    program.write('parameters', startParameters());
    program.write('dataset.w', weights());
    const results = await Promise.all(counts.map(count => program.run('train_step', frames(count))));
    expect(results.flatMap(({ total }) => [...total!])).toEqual([...inTurn.total]);
    expect(await program.read('parameters')).toEqual(inTurn.parameters);
  });

  it('has the next submission at its threads before one is done, and no more than that', async () => {
    const said: string[] = [];
    const listening: ThreadHost = {
      cores: 1,
      start(events) {
        const thread = nodeThreads.start({
          ...events,
          reply: message => {
            said.push(message.kind);
            events.reply(message);
          },
        });
        return {
          ...thread,
          post: message => {
            if (message.kind === 'run') said.push('run');
            thread.post(message);
          },
        };
      },
    };
    const program = await openDevice(listening).load(await wasmArtefact());
    program.write('dataset.w', weights());
    await Promise.all([1, 1, 1, 1].map(count => program.run('train_step', frames(count))));
    expect(said).toEqual(['run', 'run', 'done', 'run', 'done', 'run', 'done', 'done']);
  });

  it('tells when it was at work on each submission that was watched', async () => {
    const program = await openDevice(nodeThreads, 2).load(await wasmArtefact());
    program.write('dataset.w', weights());
    await program.run('train_step', frames(1));
    const watched = program.watch!();
    const runs = [20, 40, 60].map(count => program.run('train_step', frames(count)));
    const { clock, begins, ends } = await watched();
    await Promise.all(runs);
    await program.run('train_step', frames(1));
    expect(clock).toBe('threads');
    const times = [0, 1, 2].flatMap(i => [begins[i]!, ends[i]!]);
    expect([begins.length, ends.length, times[0]]).toEqual([3, 3, 0]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[5]).toBeGreaterThan(0);

    expect(await program.watch!()()).toMatchObject({ begins: new Float64Array(), ends: new Float64Array() });
  });

  it('holds several programs at once', async () => {
    const device = openDevice(nodeThreads, 2);
    const expected = await runAll(device, 5);
    const [a, b] = await Promise.all([runAll(device, 5), runAll(device, 5)]);
    expect([a, b]).toEqual([expected, expected]);
  });

  it('takes data sets of any size, and asks for one that is missing', async () => {
    const program = await openDevice(nodeThreads, 1).load(await wasmArtefact());
    await expect(program.run('train_step', frames(1))).rejects.toMatchObject({ code: 'data-missing' });
    program.write('dataset.w', new Float32Array(8));
    program.write('dataset.w', new Float32Array(20_000_000));
    expect(await program.read('dataset.w')).toHaveLength(20_000_000);
    expect(() => program.write('parameters', new Float32Array(3))).toThrow(/3|12/);
  });

  it('says that memory cannot grow', async () => {
    const artefact = await wasmArtefact();
    const huge = { name: 'huge', role: 'workspace', element: 'f32', length: 2 ** 31 } as const;
    const program = { ...artefact.program, buffers: [...artefact.program.buffers, huge] };
    await expect(openDevice(nodeThreads, 1).load({ ...artefact, program })).rejects.toMatchObject({
      code: 'device-memory',
    });
  });

  it('refuses an artefact without CPU kernels', async () => {
    const { wasm: _, ...rest } = await wasmArtefact();
    await expect(openDevice(nodeThreads, 1).load(rest)).rejects.toMatchObject({ code: 'program-invalid' });
  });

  it('refuses numbers of threads that are none', () => {
    for (const threads of [0, -1, 1.5, Number.NaN, 1e9]) {
      expect(() => openWasmDevice(nodeThreads, threads)).toThrow(/threads/);
    }
  });

  it('is lost when a thread dies, and says so to every call', async () => {
    const terminated: (() => void)[] = [];
    const fragile: ThreadHost = {
      cores: 2,
      start(events) {
        const thread = nodeThreads.start(events);
        terminated.push(() => events.death('the worker was killed'));
        return thread;
      },
    };
    const device = openDevice(fragile);
    const program = await device.load(await wasmArtefact());
    program.write('dataset.w', weights());
    const running = program.run('train_step', frames(200));
    setTimeout(() => terminated[0]!(), 1);
    await expect(running).rejects.toMatchObject({ code: 'device-lost' });
    expect(await device.lost).toBe('the worker was killed');
    await expect(program.run('train_step', frames(1))).rejects.toMatchObject({ code: 'device-lost' });
    expect(() => program.write('dataset.w', weights())).toThrow(/killed/);
  });
});
