import type { RemotePort } from '../wasm/remote.js';
import { serveDevice } from '../wasm/serve.js';
import { type ThreadPort, threadMain } from '../wasm/thread.js';
import type { WorkerRole } from './browser-threads.js';

interface WorkerScope {
  postMessage(message: unknown): void;
  onmessage: ((event: { readonly data: never }) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;

const port = {
  post: (message: unknown) => scope.postMessage(message),
  listen: (handler: (message: never) => void) => {
    scope.onmessage = event => handler(event.data);
  },
};

const roles: Readonly<Record<WorkerRole, () => void>> = {
  thread: () => threadMain(port as ThreadPort),
  device: () => serveDevice(port as RemotePort),
};

scope.onmessage = event => roles[event.data as WorkerRole]();
