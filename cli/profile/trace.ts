import type { Program } from '../../compiler/index.js';
import type { StepProfile } from '../../runtime/index.js';

/**
 * The launches as "complete" events of the Trace Event Format, times in microseconds, those of one stage behind those of
 * another; Perfetto and chrome://tracing read it. https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
export function chromeTrace(program: Program, stages: readonly StepProfile[], device: string): object {
  const process = (name: string, text: string) => ({ name, ph: 'M', pid: 1, tid: 1, args: { name: text } });
  let start = 0;
  const events = stages.flatMap(stage => {
    const own = stageEvents(program, stage, start);
    start += stage.timing.ends.reduce((latest, end) => Math.max(latest, end), 0);
    return own;
  });
  return {
    displayTimeUnit: 'ms',
    otherData: { model: program.model.name, clock: stages[0]!.timing.clock },
    traceEvents: [
      process('process_name', `iwaec profile ${program.model.name}`),
      process('thread_name', device),
      ...events,
    ],
  };
}

/** `start`: seconds that all of them are put off. */
function stageEvents(program: Program, { timing, steps, objective }: StepProfile, start: number) {
  const { launches, begins, ends } = timing;
  return Array.from({ length: steps }, (_, step) =>
    launches.map(({ name, kernels }, launch) => {
      const at = step * launches.length + launch;
      const members = kernels.map(kernel => program.kernels[kernel]!);
      return {
        name,
        cat: 'launch',
        ph: 'X',
        pid: 1,
        tid: 1,
        ts: (start + begins[at]!) * 1e6,
        dur: (ends[at]! - begins[at]!) * 1e6,
        args: {
          bound: objective,
          step,
          kernels: members.map(kernel => kernel.name),
          flops: members.reduce((sum, kernel) => sum + kernel.flops, 0),
          bytes: members.reduce((sum, kernel) => sum + kernel.bytes, 0),
        },
      };
    }),
  ).flat();
}
