import type { Program } from '../../compiler/index.js';
import type { StepProfile } from '../../runtime/index.js';

/**
 * The launches as "complete" events of the Trace Event Format, times in microseconds; Perfetto and chrome://tracing read
 * it. https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
export function chromeTrace(program: Program, { timing, steps }: StepProfile, device: string): object {
  const { launches, begins, ends } = timing;
  const process = (name: string, text: string) => ({ name, ph: 'M', pid: 1, tid: 1, args: { name: text } });
  const events = Array.from({ length: steps }, (_, step) =>
    launches.map(({ name, kernels }, launch) => {
      const at = step * launches.length + launch;
      const members = kernels.map(kernel => program.kernels[kernel]!);
      return {
        name,
        cat: 'launch',
        ph: 'X',
        pid: 1,
        tid: 1,
        ts: begins[at]! * 1e6,
        dur: (ends[at]! - begins[at]!) * 1e6,
        args: {
          step,
          kernels: members.map(kernel => kernel.name),
          flops: members.reduce((sum, kernel) => sum + kernel.flops, 0),
          bytes: members.reduce((sum, kernel) => sum + kernel.bytes, 0),
        },
      };
    }),
  );
  return {
    displayTimeUnit: 'ms',
    otherData: { model: program.model.name, clock: timing.clock },
    traceEvents: [
      process('process_name', `iwaec profile ${program.model.name}`),
      process('thread_name', device),
      ...events.flat(),
    ],
  };
}
