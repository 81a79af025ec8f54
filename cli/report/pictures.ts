import { encodePng, type Picture } from '../pictures.js';
import { validationSamples } from '../training/validation.js';
import { count } from '../words.js';
import type { RunContents } from './contents.js';
import { shown } from './contents.js';
import { type LatentMap, manifoldBox, mapSizes } from './latent-map.js';
import { splitWord } from './numbers.js';
import { activityHistogram, boundCurves, latentScatter, posteriorPlot } from './plots.js';

/** A picture of the report: a plot as SVG text, or an image as the bytes of a PNG. */
export type Drawn =
  | { readonly svg: string }
  | { readonly png: Uint8Array; readonly width: number; readonly height: number };

export interface Figure {
  /** Unique in the report, fit for a file's name. */
  readonly name: string;
  readonly kind: FigureKind;
  /** What is seen, for those who do not see it. */
  readonly title: string;
  readonly caption: string;
  readonly drawn: Drawn;
  /** An image beside the plot. */
  readonly beside?: Drawn;
}

export type FigureKind =
  | 'curves'
  | 'samples'
  | 'reconstructions'
  | 'activity'
  | 'map'
  | 'manifold'
  | 'posterior';

/** The pictures of one run, in the order of the page. */
export interface RunFigures {
  readonly run: RunContents;
  readonly figures: readonly Figure[];
}

export function curvesFigure(runs: readonly RunContents[]): Figure | null {
  const svg = boundCurves(runs);
  if (svg === null) return null;
  const hasValidation = runs.some(({ validation }) => validation.length > 0);
  const several = new Set(runs.map(({ comparable }) => comparable.bound)).size > 1;
  return {
    name: 'curves',
    kind: 'curves',
    title: 'The training objective of each epoch',
    caption:
      'Mean over the training images of each epoch, in nats.' +
      (hasValidation ? ` Thin lines with rings: L_${validationSamples} of the images held out.` : '') +
      (several ? ' Objectives differ between runs: their heights are of different quantities.' : ''),
    drawn: { svg },
  };
}

export async function figuresOfRun(run: RunContents, position: number): Promise<RunFigures> {
  const prefix = `${position + 1}-${run.name.replaceAll(/[^\w.-]+/g, '_')}`;
  const figures: Figure[] = [
    {
      name: `${prefix}-samples`,
      kind: 'samples',
      title: `${shown.samples} samples of ${run.name}`,
      caption: `${shown.samples} samples: means of p(x | h), h drawn from the prior.`,
      drawn: await image(run.samples),
    },
  ];
  if (run.reconstructions !== null) {
    figures.push({
      name: `${prefix}-reconstructions`,
      kind: 'reconstructions',
      title: `Images and their reconstructions by ${run.name}`,
      caption: `The first ${splitWord(run.reconstructions.split)} images, and below each the mean of p(x | h) for one draw of h from q(h | x).`,
      drawn: await image(run.reconstructions.picture),
    });
  }
  figures.push(
    ...activityFigures(run, prefix),
    ...(run.map === null ? [] : await mapFigures(run.map, prefix)),
  );
  return { run, figures };
}

const activityFigures = ({ activity }: RunContents, prefix: string): readonly Figure[] =>
  activity === null
    ? []
    : activity.layers.map(layer => ({
        name: `${prefix}-activity-${layer.name}`,
        kind: 'activity',
        title: `Histogram of the activity of the ${layer.logActivity.length} units of ${layer.name}`,
        caption:
          `A_u = Var_x(E_q[u | x]) over the first ${count(activity.images)} ${splitWord(activity.split)} images, k = ${activity.k} samples each; ` +
          'right of the dashed line, above 0.01, a unit counts as active.',
        drawn: { svg: activityHistogram(layer) },
      }));

async function mapFigures(map: LatentMap, prefix: string): Promise<readonly Figure[]> {
  const { latent, points, pointSplit, manifold, posteriors } = map;
  const labelled = points.some(({ label }) => label !== null);
  const { left, right } = manifoldBox;
  const figures: Figure[] = [];
  if (points.length > 0) {
    figures.push({
      name: `${prefix}-map`,
      kind: 'map',
      title: `The latent space: E_q[${latent} | x] of ${points.length} images`,
      caption:
        `E_q[${latent} | x] of n = ${count(points.length)} ${splitWord(pointSplit)} images` +
        `${labelled ? ', coloured by label; a number stands near the middle of its images.' : '.'}`,
      drawn: { svg: latentScatter(map) },
    });
  }
  figures.push({
    name: `${prefix}-manifold`,
    kind: 'manifold',
    title: 'What the generative network makes of each place in the latent space',
    caption: `Means of p(x | ${latent}) on a grid of ${mapSizes.manifold} × ${mapSizes.manifold}: ${latent}1 from ${left} to ${right} rightwards, ${latent}2 from ${left} to ${right} upwards.`,
    drawn: await image(manifold),
  });
  for (const posterior of posteriors) {
    const label = posterior.label === null ? '' : ` (${posterior.label})`;
    figures.push({
      name: `${prefix}-posterior-${posterior.row + 1}`,
      kind: 'posterior',
      title: `True posterior and q of ${splitWord(posterior.split)} image ${posterior.row + 1}${label}`,
      caption: `The ${splitWord(posterior.split)} image number ${posterior.row + 1}${label}.`,
      drawn: { svg: posteriorPlot(posterior, latent) },
      beside: await image(posterior.image),
    });
  }
  return figures;
}

const image = async (picture: Picture): Promise<Drawn> => ({
  png: await encodePng(picture),
  width: picture.width,
  height: picture.height,
});
