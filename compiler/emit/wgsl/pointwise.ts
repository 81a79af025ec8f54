import { pointCount } from '../../kernel/affine.js';
import type { Kernel } from '../../kernel/ir.js';
import type { Schedule } from '../../kernel/schedule.js';
import { bindLoops } from './expression.js';
import { printFold, printStores } from './fold.js';
import { groupNumber, type ModuleText } from './module.js';
import { Text, unsigned } from './text.js';

/** One invocation a point; a reduction is a loop in it. Returns the number of workgroups. */
export function printPointwise(
  kernel: Kernel,
  { workgroup }: Extract<Schedule, { kind: 'pointwise' }>,
  module: ModuleText,
): { readonly body: Text; readonly groups: number } {
  const points = pointCount(kernel.domain);
  const groups = Math.ceil(points / workgroup);
  const body = new Text();
  body.line(`let point = (${groupNumber(groups)}) * ${unsigned(workgroup)} + lane;`);
  body.line(`if (point >= ${unsigned(points)}) { return; }`);
  const loops = bindLoops(body, module, kernel.domain, 'point');
  const results: string[] = [];
  const scope = { loops, accumulator: (reduction: number) => results[reduction]! };
  for (const reduction of kernel.reductions) results.push(printFold(body, module, reduction, scope));
  printStores(body, module, kernel.stores, scope);
  return { body, groups };
}
