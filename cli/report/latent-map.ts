import type { Session, SplitData, Tensor, Tensors } from '../../runtime/index.js';
import { evaluationSplit, rowCount } from '../data.js';
import { runtime } from '../doors.js';
import { grid, type Picture } from '../pictures.js';
import { shownVariable } from '../sample-picture.js';
import { type Box, coarseBox, type Density, densityOf, gridPoints, windowOf } from './density-grid.js';

/** The latent space of a model with one latent of two units. */
export interface LatentMap {
  readonly latent: string;
  /** E_q[h | x] of images of the split; none without data. */
  readonly points: readonly LatentPoint[];
  readonly pointSplit: 'train' | 'test';
  /** The mean of p(x | h) on a regular grid over `manifoldBox`, h1 to the right and h2 upwards. */
  readonly manifold: Picture;
  readonly posteriors: readonly Posterior[];
}

export interface LatentPoint {
  readonly x: number;
  readonly y: number;
  readonly label: number | null;
}

/** p(h | x) and q(h | x) of one image on a grid, each scaled to a maximum of 1. */
export interface Posterior {
  readonly split: 'train' | 'test';
  readonly row: number;
  readonly label: number | null;
  readonly box: Box;
  readonly exact: Density;
  readonly approximate: Density;
  /** The image, and its reconstruction from one draw of q. */
  readonly image: Picture;
}

export const manifoldBox: Box = { left: -3, right: 3, bottom: -3, top: 3 };
export const mapSizes = { points: 2000, manifold: 16, posteriors: 6, coarse: 90, fine: 60 } as const;

/** Null for other models. */
export async function latentMap(session: Session, data: SplitData): Promise<LatentMap | null> {
  const [latent, ...others] = session.program.model.latents;
  if (latent === undefined || others.length > 0 || latent.shape.join() !== '2') return null;
  const { name } = latent;
  const pointSplit = evaluationSplit(data);
  return {
    latent: name,
    points: rowCount(data, pointSplit) > 0 ? await latentPoints(session, data, name) : [],
    pointSplit,
    manifold: await manifold(session, name),
    posteriors: await posteriorsOf(session, data, name),
  };
}

const labelOf = (data: SplitData, split: 'train' | 'test', row: number): number | null =>
  Object.values(data[split] ?? {})[0]?.labels?.[row] ?? null;

async function latentPoints(
  session: Session,
  data: SplitData,
  latent: string,
): Promise<readonly LatentPoint[]> {
  const { seededSample } = await runtime();
  const split = evaluationSplit(data);
  const total = rowCount(data, split);
  const rows = seededSample(Math.min(mapSizes.points, total), total, 0);
  const { values } = (await session.encode(rows, split))[latent]!;
  return rows.map((row, i) => ({
    x: values[2 * i]!,
    y: values[2 * i + 1]!,
    label: labelOf(data, split, row),
  }));
}

const given = (latent: string, points: Float32Array): Tensors => ({
  [latent]: { shape: [points.length / 2, 2], values: points },
});

async function manifold(session: Session, latent: string): Promise<Picture> {
  const side = mapSizes.manifold;
  const { name, element } = shownVariable(session);
  const means = await session.decode(given(latent, gridPoints(manifoldBox, side)));
  return grid([fromTop(means[name]!, side)], element, side);
}

/** Rows of a grid that is listed from the bottom, listed from the top. */
function fromTop({ shape, values }: Tensor, side: number): Tensor {
  const line = values.length / side;
  const turned = new Float32Array(values.length);
  for (let row = 0; row < side; row++)
    turned.set(values.subarray(row * line, (row + 1) * line), (side - 1 - row) * line);
  return { shape, values: turned };
}

/** Burda et al. (2016), appendix C: training examples, p(h | x) ∝ p(x, h) and what q makes of it. */
async function posteriorsOf(
  session: Session,
  data: SplitData,
  latent: string,
): Promise<readonly Posterior[]> {
  const split = rowCount(data, 'train') > 0 ? 'train' : 'test';
  const count = Math.min(mapSizes.posteriors, rowCount(data, split));
  if (count === 0) return [];
  const rows = Array.from({ length: count }, (_, row) => row);
  const coarse = await session.densities(given(latent, gridPoints(coarseBox, mapSizes.coarse)), rows, split);
  const { name, element } = shownVariable(session);
  const { data: seen, means } = await session.reconstruct(rows, split);
  const pair = (row: number) => grid([one(seen[name]!, row), one(means[name]!, row)], element, 1);
  const found: Posterior[] = [];
  for (const row of rows) {
    const sides = [coarse.joint, coarse.recognition].map(table =>
      densityOf(one(table, row).values, mapSizes.coarse),
    );
    const box = windowOf(sides, coarseBox);
    const fine = await session.densities(given(latent, gridPoints(box, mapSizes.fine)), [row], split);
    found.push({
      split,
      row,
      label: labelOf(data, split, row),
      box,
      exact: densityOf(fine.joint.values, mapSizes.fine),
      approximate: densityOf(fine.recognition.values, mapSizes.fine),
      image: pair(row),
    });
  }
  return found;
}

/** One item of a list of tensors, as a list of one. */
function one({ shape: [count = 1, ...rest], values }: Tensor, index: number): Tensor {
  const width = values.length / count;
  return { shape: [1, ...rest], values: values.subarray(index * width, (index + 1) * width) };
}
