import { domainOf } from '../../kernel/access.js';
import { pointCount } from '../../kernel/affine.js';
import type { Dispatch, Job } from '../../kernel/dispatch.js';
import type { KernelSequence } from '../../kernel/ir.js';
import type { DispatchSchedule, JobSchedule } from '../../kernel/schedule.js';
import { type DispatchText, dispatchSize, ModuleText } from './module.js';
import { type JobText, type SharedJobs, shareJobs } from './share.js';
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
  const jobs = dispatch.jobs.map((job, i): JobText => {
    const { value, text } = module.declaredFor(i, () => declareJob(job, schedule.jobs[i]!, kernels, module));
    return { ...value, text };
  });
  const body = new Text();
  const groups = printJobs(body, module.sharesTexts ? shareJobs(jobs) : jobs.map(alone), module);
  return { text: module.text(body, groups), bindings: module.bindings, workgroups: dispatchSize(groups) };
}

const alone = ({ name, units, text }: JobText): SharedJobs => ({
  name,
  text,
  numbers: [],
  members: [{ units, values: [] }],
});

/** Gives ranges of workgroups their jobs; returns how many workgroups there are. */
function printJobs(body: Text, jobs: readonly SharedJobs[], module: ModuleText): number {
  let start = 0;
  for (const { name, text, numbers, members } of jobs) {
    module.declare(text);
    for (const number of numbers) module.declareVariable(number.name, number.type);
    const end = start + members.reduce((sum, { units }) => sum + units, 0);
    const before = start === 0 ? '' : 'else ';
    const call = (first: string) => `${name}(${first === '' ? 'unit' : `unit - ${first}`}, lane);`;
    if (members.length === 1) {
      body.line(`${before}if (unit < ${unsigned(end)}) { ${call(start === 0 ? '' : unsigned(start))} }`);
    } else {
      body.block(`${before}if (unit < ${unsigned(end)})`, () => {
        body.line('var first = 0u;');
        let at = start;
        members.forEach(({ units, values }, i) => {
          const assignments = numbers.map((number, n) => `${number.name} = ${values[n]};`);
          const own = [`first = ${unsigned(at)};`, ...assignments].join(' ');
          at += units;
          const isLast = i === members.length - 1;
          body.line(`${i === 0 ? '' : 'else '}${isLast ? '' : `if (unit < ${unsigned(at)}) `}{ ${own} }`);
        });
        body.line(call('first'));
      });
    }
    start = end;
  }
  return start;
}

function declareJob(
  job: Job,
  { block, stages }: JobSchedule,
  kernels: Sequence['kernels'],
  module: ModuleText,
): Stage {
  const [only, ...others] = job.stages;
  if (others.length === 0) return declareStage(kernels[only!.kernel]!, stages[0]!, { module });
  const name = module.freshFunction('chain');
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
