import type { RowsKernel } from '../../kernel/ir.js';
import { frameWords } from '../../program/frame.js';
import type { StageRequest } from './module.js';
import { forEachPoint } from './pointwise.js';
import { shuffledRow } from './prelude.js';
import type { Text } from './text.js';

/** Fills the batch's row indices. Returns the number of units. */
export function printRows(
  body: Text,
  kernel: RowsKernel,
  { module, span = module.workgroup }: StageRequest,
): number {
  const word = (name: keyof typeof frameWords) => module.frameWord(frameWords[name]);
  forEachPoint(body, span, module.workgroup, kernel.count, () => {
    body.line(`let row_count = max(${word('rowCount')}, 1u);`);
    body.line(`var row = (${word('position')} + point) % row_count;`);
    if (kernel.order !== null) body.line(`row = ${module.element(kernel.order, 'row')};`);
    else {
      module.use(shuffledRow);
      const seed = `${word('seedLow')}, ${word('seedHigh')}, ${word('epoch')}`;
      body.line(`if (${word('shuffle')} == 1u) { row = shuffled_row(row, row_count, ${seed}); }`);
    }
    body.line(`${module.element(kernel.buffer, 'point')} = row;`);
  });
  return Math.ceil(kernel.count / span);
}
