import type { Kernel, KernelBuffer, RowsKernel } from '../../kernel/ir.js';
import type { Schedule } from '../../kernel/schedule.js';
import { frameWords } from '../../program/frame.js';
import { printBlocked } from './blocked.js';
import { printCooperative } from './cooperative.js';
import { matrixKernel } from './finish.js';
import { dispatch, type KernelText, ModuleText } from './module.js';
import { printPointwise } from './pointwise.js';
import { shuffledRow } from './prelude.js';
import { Text, unsigned } from './text.js';
import { printTiled } from './tiled.js';

export type { Binding, KernelText } from './module.js';

type Buffers = ReadonlyMap<string, KernelBuffer>;

/**
 * The WGSL module of one kernel, walked as the schedule says: entry function `main`, the frame at binding 0, storage
 * buffers from binding 1 in the order of `bindings`.
 */
export function printWgsl(kernel: Kernel, schedule: Schedule, buffers: Buffers): KernelText {
  const module = new ModuleText(kernel, buffers);
  const { body, groups, workgroup } = walk(kernel, schedule, module);
  return { text: module.text({ workgroup, body }), bindings: module.bindings, workgroups: dispatch(groups) };
}

function walk(
  kernel: Kernel,
  schedule: Schedule,
  module: ModuleText,
): { readonly body: Text; readonly groups: number; readonly workgroup: number } {
  switch (schedule.kind) {
    case 'pointwise':
      return { ...printPointwise(kernel, schedule, module), workgroup: schedule.workgroup };
    case 'cooperative':
      return { ...printCooperative(kernel, schedule, module), workgroup: schedule.workgroup };
    case 'blocked':
      return { ...printBlocked(matrixKernel(kernel), schedule, module), workgroup: schedule.workgroup };
    case 'tiled': {
      const { body, groups, threads } = printTiled(matrixKernel(kernel), schedule, module);
      return { body, groups, workgroup: threads };
    }
  }
}

const rowsWorkgroup = 64;

/** The module that fills the batch's row indices. */
export function printRowsWgsl(kernel: RowsKernel, buffers: Buffers): KernelText {
  const order = kernel.order === null ? [] : [{ buffer: kernel.order, access: 'read' as const }];
  const module = new ModuleText([...order, { buffer: kernel.buffer, access: 'read_write' }], buffers);
  const word = (name: keyof typeof frameWords) => module.frameWord(frameWords[name]);
  const body = new Text();
  const groups = Math.ceil(kernel.count / rowsWorkgroup);
  body.line(`let point = group.x * ${unsigned(rowsWorkgroup)} + lane;`);
  body.line(`if (point >= ${unsigned(kernel.count)}) { return; }`);
  body.line(`let row_count = max(${word('rowCount')}, 1u);`);
  body.line(`var row = (${word('position')} + point) % row_count;`);
  if (kernel.order !== null) body.line(`row = ${module.element(kernel.order, 'row')};`);
  else {
    module.use(shuffledRow);
    const seed = `${word('seedLow')}, ${word('seedHigh')}, ${word('epoch')}`;
    body.line(`if (${word('shuffle')} == 1u) { row = shuffled_row(row, row_count, ${seed}); }`);
  }
  body.line(`${module.element(kernel.buffer, 'point')} = row;`);
  const text = module.text({ workgroup: rowsWorkgroup, body });
  return { text, bindings: module.bindings, workgroups: dispatch(groups) };
}
