import { estimateJson, evaluationJson } from '../evaluation.js';
import { difference } from './difference.js';
import type { Figures } from './figures.js';

/** Everything for machines: `--json` and the run's log. */
export function figuresJson({ evaluation, units, pruned, train, surgery }: Figures) {
  const nllOf = ({ nll, nllStderr, images, k }: typeof evaluation) => ({
    nll,
    nll_stderr: nllStderr,
    images,
    k,
  });
  return {
    ...evaluationJson(evaluation),
    units: {
      split: units.split,
      images: units.images,
      k: units.k,
      layers: units.layers.map(({ name, active, pcaActive, variances, eigenvalues }) => ({
        name,
        units: variances.length,
        active,
        pca_active: pcaActive,
        activity: [...variances],
        eigenvalues: [...eigenvalues],
      })),
    },
    ...(pruned === null ? {} : { pruned: nllOf(pruned) }),
    ...(train === null ? {} : { train: nllOf(train), gap: estimateJson(difference(evaluation, train)) }),
    ...(surgery === null
      ? {}
      : {
          surgery: {
            mutual_information: estimateJson(surgery.mutualInformation),
            marginal_divergence: estimateJson(surgery.marginalDivergence),
            images: surgery.rows,
            draws: surgery.draws,
          },
        }),
  };
}
