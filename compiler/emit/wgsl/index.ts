import { domainOf } from '../../kernel/access.js';
import { pointCount } from '../../kernel/affine.js';
import type { Dispatch, Job } from '../../kernel/dispatch.js';
import type { KernelSequence } from '../../kernel/ir.js';
import type { DispatchSchedule, JobSchedule } from '../../kernel/schedule.js';
import { type DispatchText, dispatchSize, ModuleText } from './module.js';
import { declareStage, type Stage } from './stage.js';
import { Text, unsigned } from './text.js';

export type { Binding, DispatchText } from './module.js';

type Sequence = Pick<KernelSequence, 'kernels' | 'buffers'>;

/**
 * The WGSL module of one dispatch, walked as the schedule says: entry function `main`, the frame at binding 0, storage
 * buffers from binding 1 in the order of `bindings`. Ranges of workgroups are the jobs; which job a workgroup has is
 * uniform in it, so the barriers of a job are legal.
 */
export function printDispatch(
  dispatch: Dispatch,
  schedule: DispatchSchedule,
  { kernels, buffers }: Sequence,
): DispatchText {
  const members = dispatch.jobs.flatMap(job => job.stages.map(stage => kernels[stage.kernel]!));
  const facts = new Map(buffers.map(buffer => [buffer.name, buffer]));
  const module = new ModuleText(members, schedule, facts);
  const jobs = dispatch.jobs.map((job, i) => declareJob(job, schedule.jobs[i]!, kernels, module));
  const body = new Text();
  let start = 0;
  for (const { name, units } of jobs) {
    const end = start + units;
    const unit = start === 0 ? 'unit' : `unit - ${unsigned(start)}`;
    body.line(`${start === 0 ? '' : 'else '}if (unit < ${unsigned(end)}) { ${name}(${unit}, lane); }`);
    start = end;
  }
  return { text: module.text(body, start), bindings: module.bindings, workgroups: dispatchSize(start) };
}

function declareJob(
  job: Job,
  { block, stages }: JobSchedule,
  kernels: Sequence['kernels'],
  module: ModuleText,
): Stage {
  const [only, ...others] = job.stages;
  if (others.length === 0) return declareStage(kernels[only!.kernel]!, stages[0]!, { module });
  const name = module.fresh('chain');
  const blocks = Math.ceil(job.units / block);
  const body = new Text();
  body.block(`fn ${name}(unit: u32, lane: u32)`, () => {
    job.stages.forEach(({ kernel: position }, i) => {
      const kernel = kernels[position]!;
      const span = (pointCount(domainOf(kernel)) / job.units) * block;
      const stage = declareStage(kernel, stages[i]!, { module, span });
      // What a stage stored is read by other invocations of the workgroup in the next one.
      if (i > 0) body.line('storageBarrier();');
      callStage(body, stage, Math.round(stage.units / blocks));
    });
  });
  module.declare(body.toString());
  return { name, units: blocks };
}

/** A block of a chain is one unit of a stage, or as many as its tiles take to cover the columns. */
function callStage(body: Text, { name }: Stage, perBlock: number): void {
  if (perBlock === 1) {
    body.line(`${name}(unit, lane);`);
    return;
  }
  body.block(`for (var part = 0u; part < ${unsigned(perBlock)}; part++)`, () => {
    body.line(`${name}(unit * ${unsigned(perBlock)} + part, lane);`);
  });
}
