import { pointCount } from '../../kernel/affine.js';
import type { Kernel, Reduction } from '../../kernel/ir.js';
import type { Schedule } from '../../kernel/schedule.js';
import { bindLoops, type Scope } from './expression.js';
import { combined, combineOf, identityOf, printStores, printTerm, termCount } from './fold.js';
import { groupNumber, type ModuleText } from './module.js';
import { Text, unsigned } from './text.js';

/**
 * One workgroup a point: lane i takes terms i, i + workgroup, …; then the lanes' results are combined in a tree, in an
 * order that depends on the workgroup's size alone. Returns the number of workgroups.
 */
export function printCooperative(
  kernel: Kernel,
  { workgroup }: Extract<Schedule, { kind: 'cooperative' }>,
  module: ModuleText,
): { readonly body: Text; readonly groups: number } {
  const groups = pointCount(kernel.domain);
  const body = new Text();
  module.declare(`var<workgroup> lanes: array<f32, ${workgroup}>;`);
  body.line(`let point = ${groupNumber(groups)};`);
  // Uniform: every invocation of a workgroup leaves or stays.
  body.line(`if (point >= ${unsigned(groups)}) { return; }`);
  const loops = bindLoops(body, module, kernel.domain, 'point');
  const results: string[] = [];
  const scope: Scope = { loops, accumulator: reduction => results[reduction]! };
  for (const reduction of kernel.reductions)
    results.push(printReduction(body, module, reduction, scope, workgroup));
  body.block('if (lane == 0u)', () => {
    printStores(body, module, kernel.stores, scope);
  });
  return { body, groups };
}

function printReduction(
  body: Text,
  module: ModuleText,
  reduction: Reduction,
  scope: Scope,
  workgroup: number,
): string {
  const combine = combineOf(reduction);
  const own = module.fresh('own');
  const [term, half, result] = [module.fresh('term'), module.fresh('half'), module.fresh('sum')];
  body.line(`var ${own} = ${identityOf(combine)};`);
  const head = `for (var ${term} = lane; ${term} < ${unsigned(termCount(reduction))}; ${term} += ${unsigned(workgroup)})`;
  body.block(head, () => {
    const inner = bindLoops(body, module, reduction.loops, term);
    const value = printTerm(body, module, reduction, {
      ...scope,
      loops: new Map([...scope.loops, ...inner]),
    });
    body.line(`${own} = ${combined(combine, own, value)};`);
  });
  body.line(`lanes[lane] = ${own};`);
  body.line('workgroupBarrier();');
  body.block(`for (var ${half} = ${unsigned(workgroup / 2)}; ${half} > 0u; ${half} = ${half} >> 1u)`, () => {
    body.line(
      `if (lane < ${half}) { lanes[lane] = ${combined(combine, 'lanes[lane]', `lanes[lane + ${half}]`)}; }`,
    );
    body.line('workgroupBarrier();');
  });
  body.line(`let ${result} = lanes[0];`);
  body.line('workgroupBarrier();');
  return result;
}
