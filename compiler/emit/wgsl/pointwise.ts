import { pointCount } from '../../kernel/affine.js';
import type { Kernel } from '../../kernel/ir.js';
import { bindLoops } from './expression.js';
import { printFold, printStores } from './fold.js';
import type { StageRequest } from './module.js';
import { type Text, unsigned } from './text.js';

/** One invocation a point; a reduction is a loop in it. `span`: points of one unit. Returns the number of units. */
export function printPointwise(
  body: Text,
  kernel: Kernel,
  { module, span = module.workgroup }: StageRequest,
): number {
  const points = pointCount(kernel.domain);
  forEachPoint(body, span, module.workgroup, points, () => {
    const loops = bindLoops(body, module, kernel.domain, 'point');
    const results: string[] = [];
    const scope = { loops, accumulator: (reduction: number) => results[reduction]! };
    for (const reduction of kernel.reductions) results.push(printFold(body, module, reduction, scope));
    printStores(body, module, kernel.stores, scope);
  });
  return Math.ceil(points / span);
}

/** Binds `point` to each of a unit's points, one an invocation. */
export function forEachPoint(
  body: Text,
  span: number,
  workgroup: number,
  points: number,
  print: () => void,
): void {
  if (span > workgroup) {
    const head = `for (var at = lane; at < ${unsigned(span)}; at += ${unsigned(workgroup)})`;
    body.block(head, () => {
      body.line(`let point = unit * ${unsigned(span)} + at;`);
      body.line(`if (point >= ${unsigned(points)}) { return; }`);
      print();
    });
    return;
  }
  if (span < workgroup) body.line(`if (lane >= ${unsigned(span)}) { return; }`);
  body.line(`let point = unit * ${unsigned(span)} + lane;`);
  body.line(`if (point >= ${unsigned(points)}) { return; }`);
  print();
}
