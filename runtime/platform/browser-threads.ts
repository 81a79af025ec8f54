import type { Device } from '../device.js';
import { fault } from '../errors.js';
import { openWasmDevice } from '../wasm/device.js';
import { inlineThreads } from '../wasm/inline.js';
import { RemoteDevice } from '../wasm/remote.js';
import type { ThreadHost } from '../wasm/thread.js';

/** What a worker is started as: one of many threads over shared memory, or a whole device of one thread. */
export type WorkerRole = 'thread' | 'device';

interface WorkerEvents {
  readonly reply: (message: never) => void;
  readonly death: (reason: string) => void;
}

/** @throws RuntimeFault `device-unavailable` where the page may not start it */
function makeWorker(): Worker {
  try {
    // Bundlers look for exactly this form.
    return new Worker(new URL('./browser-worker.js', import.meta.url), { type: 'module' });
  } catch (error) {
    const reason = `its worker cannot be started (${error instanceof Error ? error.message : error})`;
    throw fault('device-unavailable', {
      device: 'cpu',
      reason,
      remedy:
        "serve the runtime's files from the page's own address, and let its content policy allow workers",
    });
  }
}

function startWorker(role: WorkerRole, events: WorkerEvents) {
  const worker = makeWorker();
  worker.onmessage = event => events.reply(event.data);
  worker.onerror = event => {
    event.preventDefault();
    events.death(event.message ?? "the worker's script could not be loaded");
  };
  worker.postMessage(role);
  return {
    post: (message: unknown) => worker.postMessage(message),
    hold: () => undefined,
    terminate: () => worker.terminate(),
  };
}

const workerThreads = (): ThreadHost => ({
  cores: (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ?? 1,
  start: events => startWorker('thread', events),
});

const notIsolated =
  'one thread, because this page is not cross-origin isolated: its server has to send ' +
  'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';

export interface PageCpuOptions {
  /** Default: one for each core. Only 1 where the page is not cross-origin isolated. */
  readonly threads?: number | undefined;
  /** Why it is not a faster device, for `DeviceInfo`. */
  readonly note?: string;
}

/**
 * Opens the CPU as a device in a page, in Web Workers: several that share memory where the page is cross-origin
 * isolated, one otherwise. Where there are no workers at all it computes on the calling thread.
 * @throws RuntimeFault `option-invalid` for a number of threads that is none
 */
export function openPageCpuDevice({ threads, note = '' }: PageCpuOptions = {}): Device {
  if (typeof Worker === 'undefined') return openWasmDevice(inlineThreads, 1, note);
  if (typeof crossOriginIsolated !== 'undefined' && crossOriginIsolated)
    return openWasmDevice(workerThreads(), threads, note);
  if (threads !== undefined && threads !== 1) {
    throw fault('option-invalid', {
      option: 'threads',
      reason: `${threads} are not possible: ${notIsolated}`,
    });
  }
  const notes = [note, notIsolated].filter(text => text !== '').join('; ');
  return new RemoteDevice(events => startWorker('device', events), notes);
}
