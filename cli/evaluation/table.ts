import type { Estimate } from '../../runtime/index.js';
import { count } from '../words.js';
import { difference } from './difference.js';
import type { Figures } from './figures.js';

interface Row {
  readonly name: string;
  readonly value: string;
  readonly error: string;
  readonly unit: string;
  readonly k: string;
  readonly n: string;
}

/** Hundredths are what is read; a small number keeps two digits that say something. */
const figure = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.1 ? value.toPrecision(2) : value.toFixed(2);

const row = (name: string, { mean, standardError }: Estimate, k: number, n: number, unit = 'nats'): Row => ({
  name,
  value: figure(mean),
  error: `± ${figure(standardError)}`,
  unit,
  k: count(k),
  n: count(n),
});

/** Every figure with its standard error over images, its unit, and the samples and images behind it. */
export function figuresTable(figures: Figures): string {
  const rows = [...evaluationRows(figures), ...unitRows(figures), ...extraRows(figures)];
  const header: Row = { name: '', value: 'value', error: 'std error', unit: 'unit', k: 'k', n: 'n' };
  const lines = [header, ...rows];
  const width = (column: keyof Row) => Math.max(...lines.map(line => line[column].length));
  const [name, value, error, unit, k, n] = (['name', 'value', 'error', 'unit', 'k', 'n'] as const).map(width);
  return lines
    .map(line =>
      [
        line.name.padEnd(name!),
        line.value.padStart(value!),
        line.error.padEnd(error!),
        line.unit.padEnd(unit!),
        line.k.padStart(k!),
        line.n.padStart(n!),
      ].join('  '),
    )
    .map(line => `  ${line.trimEnd()}`)
    .join('\n');
}

function evaluationRows({ evaluation }: Figures): readonly Row[] {
  const { k, images } = evaluation;
  const several = evaluation.layers.length > 1;
  return [
    row('NLL = -L_k', { mean: evaluation.nll, standardError: evaluation.nllStderr }, k, images),
    ...evaluation.bounds
      .filter(bound => bound.k !== 1 && bound.k !== k)
      .map(bound => row(`L_${bound.k}`, bound, bound.k, images)),
    row('L_1 (ELBO)', { mean: evaluation.elbo, standardError: evaluation.elboStderr }, k, images),
    row('E_q[log p(x|h)]', evaluation.reconstruction, k, images),
    row('KL(q(h|x) ‖ p(h))', evaluation.divergence, k, images),
    ...evaluation.layers.flatMap(({ name, sampled, closedForm }) => [
      ...(several ? [row(`  of ${name}`, sampled, k, images)] : []),
      ...(closedForm === null ? [] : [row(`  of ${name}, closed form`, closedForm, k, images)]),
    ]),
    ...(k === 1 ? [] : [row('KL(q(h|x) ‖ p(h|x)) = L_k - L_1', evaluation.posteriorDivergence, k, images)]),
    row('effective sample size', evaluation.effectiveSamples, k, images, 'samples'),
  ];
}

function unitRows({ units }: Figures): readonly Row[] {
  const { k, images, layers } = units;
  const counted = (name: string, active: number, of: number): Row => ({
    name,
    value: String(active),
    error: `of ${of}`,
    unit: 'units',
    k: count(k),
    n: count(images),
  });
  return layers.flatMap(({ name, active, pcaActive, variances }) => [
    counted(`active units of ${name}`, active, variances.length),
    counted(`PCA active units of ${name}`, pcaActive, variances.length),
  ]);
}

function extraRows({ evaluation, pruned, train, surgery }: Figures): readonly Row[] {
  const nll = ({ nll, nllStderr }: typeof evaluation) => ({ mean: nll, standardError: nllStderr });
  return [
    ...(pruned === null
      ? []
      : [row('NLL, inactive units from the prior', nll(pruned), pruned.k, pruned.images)]),
    ...(train === null
      ? []
      : [
          row('NLL of training rows', nll(train), train.k, train.images),
          row('gap: test - train', difference(evaluation, train), train.k, train.images),
        ]),
    ...(surgery === null
      ? []
      : [
          row('mutual information I_q[x, h]', surgery.mutualInformation, surgery.draws, surgery.rows),
          row('marginal KL(q(h) ‖ p(h))', surgery.marginalDivergence, surgery.draws, surgery.rows),
        ]),
  ];
}
