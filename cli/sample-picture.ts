import type { Session } from '../runtime/index.js';
import { writeWhole } from './files.js';
import { above, columnsFor, encodePng, grid, type Picture } from './pictures.js';

/** The data variable that is shown, where a model has several: the first. */
export function shownVariable(session: Session) {
  const [variable] = session.program.model.data;
  if (variable === undefined) throw new Error('the model has no data');
  return variable;
}

/** Draws `count` samples as a grid. */
export async function drawSamples(session: Session, count: number): Promise<Picture> {
  const { name, element } = shownVariable(session);
  const tensors = await session.sample(count);
  return grid([tensors[name]!], element, columnsFor(count));
}

/** Draws `count` samples and writes them as a grid. */
export async function writeSamples(session: Session, count: number, path: string): Promise<void> {
  await writeWhole(path, await encodePng(await drawSamples(session, count)));
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
