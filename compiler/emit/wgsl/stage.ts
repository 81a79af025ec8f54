import type { Launch } from '../../kernel/ir.js';
import type { Schedule } from '../../kernel/schedule.js';
import { printBlocked } from './blocked.js';
import { printBroadcast } from './broadcast.js';
import { printCooperative } from './cooperative.js';
import { matrixKernel } from './finish.js';
import type { StageRequest } from './module.js';
import { printPointwise } from './pointwise.js';
import { printRows } from './rows.js';
import { Text } from './text.js';
import { printTiled } from './tiled.js';

/** A kernel as a function of a dispatch: `name(unit, lane)` does one workgroup's part. */
export interface Stage {
  readonly name: string;
  readonly units: number;
}

export function declareStage(kernel: Launch, schedule: Schedule, request: StageRequest): Stage {
  const { module } = request;
  const name = module.freshFunction('stage');
  const body = new Text();
  let units = 0;
  // Without the entry and the number, so that entries that compute the same share a text.
  body.line(`// ${kernel.name.replace(/^\w+\.\d+\./, '')}`);
  body.block(`fn ${name}(unit: u32, lane: u32)`, () => {
    units = walk(body, kernel, schedule, request);
  });
  module.declare(body.toString());
  return { name, units };
}

function walk(body: Text, kernel: Launch, schedule: Schedule, request: StageRequest): number {
  if (kernel.kind === 'rows') return printRows(body, kernel, request);
  switch (schedule.kind) {
    case 'pointwise':
      return printPointwise(body, kernel, request);
    case 'cooperative':
      return printCooperative(body, kernel, schedule, request);
    case 'blocked':
      return printBlocked(body, matrixKernel(kernel, request.module), schedule, request.module);
    case 'broadcast':
      return printBroadcast(body, matrixKernel(kernel, request.module), schedule, request.module);
    case 'tiled':
      return printTiled(body, matrixKernel(kernel, request.module), schedule, request.module);
  }
}
