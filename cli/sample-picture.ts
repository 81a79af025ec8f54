import type { Session } from '../runtime/index.js';
import { writeWhole } from './files.js';
import { above, columnsFor, encodePng, grid } from './pictures.js';

/** The data variable that is shown, where a model has several: the first. */
function shownVariable(session: Session) {
  const [variable] = session.program.model.data;
  if (variable === undefined) throw new Error('the model has no data');
  return variable;
}

/** Draws `count` samples and writes them as a grid. */
export async function writeSamples(session: Session, count: number, path: string): Promise<void> {
  const { name, element } = shownVariable(session);
  const tensors = await session.sample(count);
  await writeWhole(path, await encodePng(grid([tensors[name]!], element, columnsFor(count))));
}

const reconstructionColumns = 10;

/** Writes rows of a split with the model's reconstruction of each below it. */
export async function writeReconstructions(
  session: Session,
  rows: readonly number[],
  split: 'train' | 'test',
  path: string,
): Promise<void> {
  const { name, element } = shownVariable(session);
  const { data, means } = await session.reconstruct(rows, split);
  const columns = Math.min(rows.length, reconstructionColumns);
  await writeWhole(path, await encodePng(grid(above(data[name]!, means[name]!, columns), element, columns)));
}
