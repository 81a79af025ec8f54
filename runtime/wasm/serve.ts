import type { LoadedProgram } from '../device.js';
import { openWasmDevice } from './device.js';
import { threadsHere } from './inline.js';
import type { RemotePort } from './remote.js';
import { failureOf, type RemoteAnswers, type RemoteCall, type RemoteRequest } from './remote-calls.js';

/** The worker's side of a remote device: the CPU on this one thread, which has nothing else to do. */
export function serveDevice(port: RemotePort): void {
  const device = openWasmDevice(threadsHere(queueMicrotask), 1);
  const programs = new Map<number, LoadedProgram>();

  const answer = async (call: RemoteCall): Promise<RemoteAnswers[RemoteCall['kind']]> => {
    if (call.kind === 'load') {
      const loaded = await device.load(call.artefact);
      programs.set(call.program, loaded);
      return { maxRuns: loaded.maxRuns };
    }
    const loaded = programs.get(call.program)!;
    if (call.kind === 'read') return loaded.read(call.buffer);
    if (call.kind === 'run') return loaded.run(call.entry, call.frames);
    if (call.kind === 'write') loaded.write(call.buffer, call.content);
    else loaded.dispose();
    return null;
  };

  port.listen(({ number, call }: RemoteRequest) => {
    answer(call).then(
      answer => port.post({ number, answer }),
      error => port.post({ number, failure: failureOf(error) }),
    );
  });
}
