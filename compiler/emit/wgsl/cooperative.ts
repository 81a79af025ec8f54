import { pointCount } from '../../kernel/affine.js';
import type { Kernel, Reduction } from '../../kernel/ir.js';
import type { Schedule } from '../../kernel/schedule.js';
import { bindLoops, type Scope } from './expression.js';
import { combined, combineOf, identityOf, printStores, printTerm, termCount } from './fold.js';
import type { ModuleText, StageRequest } from './module.js';
import { type Text, unsigned } from './text.js';

type Cooperative = Extract<Schedule, { kind: 'cooperative' }>;

/**
 * `lanes` invocations a point, several points at once: the i-th takes terms i, i + lanes, …; then their results are
 * combined in a tree, in an order that depends on `lanes` alone. Every invocation comes to every barrier: those without a
 * point compute the last one and store nothing. Returns the number of units.
 */
export function printCooperative(
  body: Text,
  kernel: Kernel,
  { lanes, along }: Cooperative,
  { module, span }: StageRequest,
): number {
  const points = pointCount(kernel.domain);
  const atOnce = module.workgroup / lanes;
  const own = span ?? atOnce;
  module.needScratch(module.workgroup);
  const [part, place] = along === 'terms' ? ['%', '/'] : ['/', '%'];
  const period = unsigned(along === 'terms' ? lanes : atOnce);
  body.line(`let part = lane ${part} ${period};`);
  body.line(`let place = lane ${place} ${period};`);
  const head = `for (var start = 0u; start < ${unsigned(own)}; start += ${unsigned(atOnce)})`;
  body.block(head, () => {
    body.line(`let own_point = unit * ${unsigned(own)} + start + place;`);
    body.line(`let is_own = start + place < ${unsigned(own)} && own_point < ${unsigned(points)};`);
    body.line(`let point = min(own_point, ${unsigned(points - 1)});`);
    const loops = bindLoops(body, module, kernel.domain, 'point');
    const results: string[] = [];
    const scope: Scope = { loops, accumulator: reduction => results[reduction]! };
    for (const reduction of kernel.reductions)
      results.push(printReduction(body, module, reduction, scope, lanes));
    body.block('if (part == 0u && is_own)', () => {
      printStores(body, module, kernel.stores, scope);
    });
  });
  return Math.ceil(points / own);
}

function printReduction(
  body: Text,
  module: ModuleText,
  reduction: Reduction,
  scope: Scope,
  lanes: number,
): string {
  const combine = combineOf(reduction);
  const own = module.fresh('own');
  const [term, half, result] = [module.fresh('term'), module.fresh('half'), module.fresh('sum')];
  const slot = (position: string) => `scratch[${position} * ${unsigned(module.workgroup / lanes)} + place]`;
  body.line(`var ${own} = ${identityOf(combine)};`);
  const head = `for (var ${term} = part; ${term} < ${unsigned(termCount(reduction))}; ${term} += ${unsigned(lanes)})`;
  body.block(head, () => {
    const inner = bindLoops(body, module, reduction.loops, term);
    const value = printTerm(body, module, reduction, {
      ...scope,
      loops: new Map([...scope.loops, ...inner]),
    });
    body.line(`${own} = ${combined(combine, own, value)};`);
  });
  body.line(`${slot('part')} = ${own};`);
  body.line('workgroupBarrier();');
  body.block(`for (var ${half} = ${unsigned(lanes / 2)}; ${half} > 0u; ${half} = ${half} >> 1u)`, () => {
    const sum = combined(combine, slot('part'), slot(`(part + ${half})`));
    body.line(`if (part < ${half}) { ${slot('part')} = ${sum}; }`);
    body.line('workgroupBarrier();');
  });
  body.line(`let ${result} = ${slot('0u')};`);
  body.line('workgroupBarrier();');
  return result;
}
