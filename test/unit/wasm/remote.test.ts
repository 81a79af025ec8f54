import { afterEach, describe, expect, it } from 'vitest';
import { frameHostStart } from '../../../compiler/program/index.js';
import type { Device } from '../../../runtime/device.js';
import { isFault } from '../../../runtime/errors.js';
import { openWasmDevice } from '../../../runtime/wasm/device.js';
import { inlineThreads } from '../../../runtime/wasm/inline.js';
import type { RemoteEvents, RemoteWorker } from '../../../runtime/wasm/remote.js';
import { RemoteDevice } from '../../../runtime/wasm/remote.js';
import type { RemoteRequest } from '../../../runtime/wasm/remote-calls.js';
import { serveDevice } from '../../../runtime/wasm/serve.js';
import { startParameters, wasmArtefact, weights } from './artefact.js';

let opened: RemoteDevice[] = [];
afterEach(() => {
  for (const device of opened) device.dispose();
  opened = [];
});

/** Both ends on this thread, with messages copied and late as between threads. */
function open(): { readonly device: RemoteDevice; readonly events: RemoteEvents } {
  let told: RemoteEvents | null = null;
  const device = new RemoteDevice(events => {
    told = events;
    let handle: (request: RemoteRequest) => void = () => undefined;
    let ended = false;
    serveDevice({
      post: reply => {
        const copy = structuredClone(reply);
        setTimeout(() => {
          if (!ended) events.reply(copy);
        }, 0);
      },
      listen: handler => {
        handle = handler;
      },
    });
    const worker: RemoteWorker = {
      post: request => {
        const copy = structuredClone(request);
        setTimeout(() => {
          if (!ended) handle(copy);
        }, 0);
      },
      terminate: () => {
        ended = true;
      },
    };
    return worker;
  }, 'why');
  opened.push(device);
  return { device, events: told! };
}
const frames = (count: number) =>
  Array.from({ length: count }, (_, slot) => {
    const frame = new Uint32Array(frameHostStart);
    frame[11] = slot;
    return frame;
  });

async function runAll(device: Device) {
  const program = await device.load(await wasmArtefact());
  program.write('parameters', startParameters());
  program.write('dataset.w', weights());
  const { total } = await program.run('train_step', frames(9));
  return { total, parameters: await program.read('parameters') };
}

describe('a device in a worker', () => {
  it('says what it is, and why', () => {
    expect(open().device.info).toEqual({ kind: 'wasm', name: 'CPU, 1 thread', software: false, note: 'why' });
  });

  it('gives the bits of the device itself', async () => {
    const here = openWasmDevice(inlineThreads, 1);
    expect(await runAll(open().device)).toEqual(await runAll(here));
    here.dispose();
  });

  it('holds several programs at once', async () => {
    const { device } = open();
    const expected = await runAll(device);
    expect(await Promise.all([runAll(device), runAll(device)])).toEqual([expected, expected]);
  });

  it('passes faults on with their code and help', async () => {
    const { device } = open();
    const { wasm: _, ...rest } = await wasmArtefact();
    await expect(device.load(rest)).rejects.toMatchObject({
      code: 'program-invalid',
      help: expect.any(String),
    });
    const program = await device.load(await wasmArtefact());
    const failed: unknown = await program.run('train_step', frames(1)).catch((error: unknown) => error);
    expect(isFault(failed) && failed.code).toBe('data-missing');
  });

  it('tells of a write that failed with the next call', async () => {
    const program = await open().device.load(await wasmArtefact());
    program.write('parameters', new Float32Array(3));
    await program.read('parameters');
    await expect(program.read('parameters')).rejects.toMatchObject({ code: 'program-invalid' });
  });

  it('is lost when its worker dies, and says so to every call', async () => {
    const { device, events } = open();
    const program = await device.load(await wasmArtefact());
    program.write('dataset.w', weights());
    const running = program.run('train_step', frames(50));
    events.death('the worker was killed');
    await expect(running).rejects.toMatchObject({ code: 'device-lost' });
    expect(await device.lost).toBe('the worker was killed');
    expect(() => program.write('dataset.w', weights())).toThrow(/killed/);
    await expect(program.run('train_step', frames(1))).rejects.toMatchObject({ code: 'device-lost' });
    await expect(device.load(await wasmArtefact())).rejects.toMatchObject({ code: 'device-lost' });
  });
});
