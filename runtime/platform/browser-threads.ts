import type { Device } from '../device.js';
import { openWasmDevice } from '../wasm/device.js';
import { inlineThreads } from '../wasm/inline.js';
import { type ThreadHost, threadMain } from '../wasm/thread.js';

interface PageWorker {
  postMessage(message: unknown): void;
  onmessage: ((event: { readonly data: never }) => void) | null;
  onerror: ((event: { readonly message?: string }) => void) | null;
  terminate(): void;
}

/** The globals of a page that threads need; Node's types do not know them. */
interface Page {
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly Worker?: new (url: string) => PageWorker;
}

const source = `(${threadMain})({ post: message => self.postMessage(message), listen: handler => { self.onmessage = event => handler(event.data); } });`;

/**
 * Web Workers where the page may share memory with them (it is cross-origin isolated); elsewhere the page's own thread,
 * one run at a time.
 */
export function browserThreads(): ThreadHost {
  const page = globalThis as Page;
  const { Worker } = page;
  if (page.crossOriginIsolated !== true || Worker === undefined) return inlineThreads;
  return {
    cores: page.navigator?.hardwareConcurrency ?? 1,
    start(events) {
      const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
      const worker = new Worker(url);
      worker.onmessage = event => events.reply(event.data);
      worker.onerror = event => events.death(event.message ?? 'a worker failed');
      return {
        post: message => worker.postMessage(message),
        hold: () => undefined,
        terminate() {
          worker.terminate();
          URL.revokeObjectURL(url);
        },
      };
    },
  };
}

/**
 * Opens the CPU as a device in a page.
 * @throws RuntimeFault `option-invalid` for a number of threads that is none
 */
export const openBrowserCpuDevice = ({ threads }: { readonly threads?: number | undefined } = {}): Device => {
  const host = browserThreads();
  return openWasmDevice(host, host === inlineThreads ? 1 : threads);
};
