import { resolveObjectURL } from 'node:buffer';
import { Worker } from 'node:worker_threads';

/* What libraries written for a page miss in Node. */

const setNavigator = value =>
  Object.defineProperty(globalThis, 'navigator', { value, configurable: true, writable: true });

/** Dawn as `navigator.gpu`, held for as long as the process lives: a collected instance crashes it. */
export async function provideWebGpu() {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const gpu = create([]);
  setNavigator({ gpu, userAgent: 'node', hardwareConcurrency: 2, language: 'en' });
  return gpu;
}

/** A page's Worker over Node's, for scripts that are blobs; a library takes `threads` of them. */
export function provideWorkers(threads) {
  setNavigator({ userAgent: 'node', hardwareConcurrency: threads });
  const prelude = `const { parentPort } = require('node:worker_threads');
    globalThis.self = globalThis;
    globalThis.postMessage = message => parentPort.postMessage(message);
    parentPort.on('message', data => self.onmessage({ data }));\n`;
  globalThis.Worker = class {
    #worker;
    constructor(url) {
      this.#worker = resolveObjectURL(String(url))
        .text()
        .then(text => {
          const worker = new Worker(prelude + text, { eval: true });
          worker.on('message', data => this.onmessage?.({ data }));
          worker.on('error', error => this.onerror?.({ message: String(error) }));
          return worker;
        });
    }
    postMessage(message) {
      this.#worker.then(worker => worker.postMessage(message));
    }
    terminate() {
      this.#worker.then(worker => worker.terminate());
    }
  };
}
