import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Device } from '../device.js';
import { openWasmDevice } from '../wasm/device.js';
import { type Thread, type ThreadEvents, type ThreadHost, threadMain } from '../wasm/thread.js';
import { measureCpuPeaks } from './node-peaks.js';
import { enableRelaxedSimd } from './node-relaxed-simd.js';

const source = `const { parentPort } = require('node:worker_threads');
(${threadMain})({ post: message => parentPort.postMessage(message), listen: handler => parentPort.on('message', handler) });`;

/** Node's worker threads. They do not keep a process alive while nothing runs on them. */
export const nodeThreads: ThreadHost = {
  cores: availableParallelism(),
  peaks: measureCpuPeaks,
  start(events: ThreadEvents): Thread {
    // The process's own flags may say that such a text is a module, where `require` is not defined.
    const worker = new Worker(source, { eval: true, execArgv: [] });
    let asked = false;
    let reason: string | null = null;
    worker.on('message', events.reply);
    worker.on('error', error => {
      reason = String(error);
    });
    worker.on('exit', code => {
      if (!asked) events.death(reason ?? `a worker thread ended with code ${code}`);
    });
    worker.unref();
    return {
      post: message => worker.postMessage(message),
      hold: held => (held ? worker.ref() : worker.unref()),
      terminate() {
        asked = true;
        void worker.terminate();
      },
    };
  },
};

/**
 * Opens the CPU as a device, on as many threads as there are cores unless told otherwise. It does not keep the process
 * alive while nothing runs.
 * @throws RuntimeFault `option-invalid` for a number of threads that is none
 */
export function openCpuDevice({ threads }: { readonly threads?: number | undefined } = {}): Device {
  enableRelaxedSimd();
  return openWasmDevice(nodeThreads, threads);
}
