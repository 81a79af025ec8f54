import type { SplitName } from '../data/dataset.js';
import { fault } from '../errors.js';
import type { SessionCore } from './core.js';

/**
 * Puts a split on the device and the list of its rows to visit (default: all) into the `order` buffer. Rows keep their
 * numbers, so their noise and binarisation do not depend on the list.
 */
export function visitRows(core: SessionCore, split: SplitName, rows?: readonly number[]): readonly number[] {
  const total = core.data.rows(split);
  const visited = rows ?? Array.from({ length: total }, (_, row) => row);
  const bad = visited.find(row => !Number.isInteger(row) || row < 0 || row >= total);
  if (visited.length === 0 || bad !== undefined) {
    const reason =
      bad === undefined ? 'there must be at least one' : `${bad} is not between 0 and ${total - 1}`;
    throw fault('option-invalid', { option: 'rows', reason });
  }
  const order = core.program.buffers.find(({ role }) => role === 'order');
  if (order === undefined)
    throw fault('program-invalid', { where: '', reason: "it has no buffer of role 'order'" });
  core.data.use(split);
  core.loaded.write(order.name, new Uint8Array(Uint32Array.from(visited).buffer));
  return visited;
}
