import type { Binarise } from '../../runtime/index.js';

/** One cell of a table of a paper: a test NLL, −L_5000 over all test images, after 3,280 epochs where nothing else is said. */
export interface Published {
  readonly source: string;
  readonly data: DataName;
  readonly binarise: Binarise;
  /** Units of each stochastic layer, the one next to the data first. */
  readonly latents: readonly number[];
  /** As a spec writes it. */
  readonly bound: string;
  /** In nats. */
  readonly nll: number;
  /** In the order of `latents`. */
  readonly active: readonly number[];
  readonly pcaActive?: readonly number[];
  /** D_KL(q(h | x) ‖ p(h | x)), in nats. */
  readonly divergence?: number;
}

export type DataName = 'mnist' | 'binarized_mnist' | 'omniglot' | 'fashion_mnist';
type Cell = readonly [nll: number, active: readonly number[], pca?: readonly number[], divergence?: number];

interface Table {
  readonly source: string;
  readonly data: DataName;
  readonly binarise: Binarise;
}

/** The two architectures of Burda et al. (2016). */
const architectures = { 1: [50], 2: [100, 50] } as const;

const cell = (
  table: Table,
  layers: 1 | 2,
  bound: string,
  [nll, active, pcaActive, divergence]: Cell,
): Published => ({
  ...table,
  latents: architectures[layers],
  bound,
  nll,
  active,
  ...(pcaActive === undefined ? {} : { pcaActive }),
  ...(divergence === undefined ? {} : { divergence }),
});

/** Rows of a table with a column for the VAE, trained on k samples, and one for the IWAE. */
const columns = (
  table: Table,
  rows: readonly (readonly [layers: 1 | 2, k: number, vae: Cell, iwae: Cell])[],
): readonly Published[] =>
  rows.flatMap(([layers, k, vae, iwae]) => [
    cell(table, layers, `elbo(k=${k})`, vae),
    cell(table, layers, `iwae(k=${k})`, iwae),
  ]);

/** Rows of a table of one-layer models, by bound. */
const bounds = (
  table: Table,
  rows: readonly (readonly [bound: string, cell: Cell])[],
): readonly Published[] => rows.map(([bound, figures]) => cell(table, 1, bound, figures));

const burda = (table: number) => `Burda et al. (2016), table ${table}`;
const replication = (table: number) => `Arnal, Lee & Pezzotti (2021), table ${table}`;

/** Their code binarises training data afresh in every minibatch, and does not touch data that is binary already. */
const burdaTables: readonly Published[] = [
  ...columns({ source: burda(1), data: 'mnist', binarise: 'dynamic' }, [
    [1, 1, [86.76, [19]], [86.76, [19]]],
    [1, 5, [86.47, [20]], [85.54, [22]]],
    [1, 50, [86.35, [20]], [84.78, [25]]],
    [2, 1, [85.33, [16, 5]], [85.33, [16, 5]]],
    [2, 5, [85.01, [17, 5]], [83.89, [21, 5]]],
    [2, 50, [84.78, [17, 5]], [82.9, [26, 7]]],
  ]),
  ...columns({ source: burda(1), data: 'omniglot', binarise: 'dynamic' }, [
    [1, 1, [108.11, [28]], [108.11, [28]]],
    [1, 5, [107.62, [28]], [106.12, [34]]],
    [1, 50, [107.8, [28]], [104.67, [41]]],
    [2, 1, [107.58, [28, 4]], [107.56, [30, 5]]],
    [2, 5, [106.31, [30, 5]], [104.79, [38, 6]]],
    [2, 50, [106.3, [30, 5]], [103.38, [44, 7]]],
  ]),
  ...columns({ source: burda(3), data: 'binarized_mnist', binarise: 'none' }, [
    [1, 1, [88.71, [19]], [88.71, [19]]],
    [1, 5, [88.83, [19]], [87.63, [22]]],
    [1, 50, [89.05, [20]], [87.1, [24]]],
    [2, 1, [88.08, [16, 5]], [88.08, [16, 5]]],
    [2, 5, [87.63, [17, 5]], [86.17, [21, 5]]],
    [2, 50, [87.86, [17, 6]], [85.32, [24, 7]]],
  ]),
];

/** Binarised once, at the start of training; batches of 100 and a tenth of the learning rate. */
const replicationTables: readonly Published[] = [
  ...columns({ source: replication(1), data: 'binarized_mnist', binarise: 'none' }, [
    [1, 1, [89.87, [14], [14], 5.3], [89.87, [14], [14], 5.3]],
    [1, 5, [89.85, [14], [14], 5.76], [87.61, [23], [23], 7.6]],
    [1, 50, [90.78, [13], [13], 5.9], [87.13, [25], [25], 12.87]],
    [2, 1, [86.81, [36, 7], [18, 7], 5.07], [86.75, [37, 8], [18, 8], 5]],
    [2, 5, [86.39, [27, 9], [19, 9], 4.77], [85.58, [59, 9], [23, 9], 6.77]],
    [2, 50, [86.43, [40, 10], [19, 10], 4.63], [84.77, [43, 11], [26, 11], 9.89]],
  ]),
  ...columns({ source: replication(2), data: 'mnist', binarise: 'once' }, [
    [1, 1, [87.96, [20], [20], 4.87], [87.67, [21], [21], 4.82]],
    [1, 5, [87.44, [21], [21], 4.78], [86.97, [23], [23], 7.27]],
    [1, 50, [87.54, [21], [21], 4.7], [86.34, [25], [25], 12.1]],
    [2, 1, [85.59, [21, 8], [20, 8], 4.68], [86.19, [25, 8], [19, 8], 4.61]],
    [2, 5, [85.47, [22, 8], [19, 8], 4.41], [85.01, [34, 10], [22, 10], 6.25]],
    [2, 50, [85.57, [21, 10], [19, 10], 4.3], [84.37, [65, 11], [27, 11], 9.27]],
  ]),
  ...columns({ source: replication(3), data: 'omniglot', binarise: 'once' }, [
    [1, 1, [113.17, [29], [29], 6.51], [113.2, [28], [28], 8.45]],
    [1, 50, [113.5, [27], [27], 7.51], [109.9, [36], [36], 14.11]],
    [2, 1, [111.4, [95, 8], [25, 8], 7.98], [111.19, [92, 9], [30, 9], 8.32]],
    [2, 50, [111.52, [62, 10], [28, 10], 8.01], [108.48, [99, 10], [39, 10], 15.11]],
  ]),
  ...columns({ source: replication(4), data: 'fashion_mnist', binarise: 'once' }, [
    [1, 1, [235.01, [7], [7], 4.46], [234.68, [8], [8], 3.49]],
    [1, 50, [235.73, [7], [7], 5.68], [231.95, [14], [14], 11.57]],
  ]),
  ...bounds({ source: replication(5), data: 'binarized_mnist', binarise: 'none' }, [
    ['alpha(k=50, alpha=0)', [88.27, [20], [20], 5.12]],
    ['alpha(k=50, alpha=0.25)', [88.45, [19], [19], 5.24]],
    ['alpha(k=50, alpha=0.5)', [88.01, [21], [21], 5.27]],
  ]),
  ...bounds({ source: replication(6), data: 'binarized_mnist', binarise: 'none' }, [
    ['median(k=50)', [88.05, [20], [20], 5.62]],
  ]),
  ...bounds({ source: replication(7), data: 'binarized_mnist', binarise: 'none' }, [
    ['power(k=50, p=0.5)', [87.88, [25], [25], 12.61]],
    ['power(k=50, p=2)', [86.75, [25], [25], 12.52]],
    ['power(k=50, p=3)', [86.7, [26], [26], 13.01]],
    ['power(k=50, p=5)', [86.8, [25], [25], 12.45]],
  ]),
  ...bounds({ source: replication(8), data: 'mnist', binarise: 'once' }, [
    ['ciwae(k=50, beta=0.05)', [87.69, [24], [24], 5.66]],
    ['ciwae(k=50, beta=0.25)', [86.27, [25], [25], 7.2]],
    ['ciwae(k=50, beta=0.5)', [86.59, [23], [23], 5.35]],
  ]),
  ...bounds({ source: replication(9), data: 'mnist', binarise: 'once' }, [
    ['miwae(k1=5, k2=10)', [86.92, [23], [23], 6.8]],
    ['miwae(k1=10, k2=5)', [86.58, [24], [24], 8.19]],
  ]),
];

export const published: readonly Published[] = [...burdaTables, ...replicationTables];

const dataNames: readonly DataName[] = ['mnist', 'binarized_mnist', 'omniglot', 'fashion_mnist'];
export const knownData = (name: string): DataName | null => dataNames.find(known => known === name) ?? null;

/** A bound without regard to spaces and the order of its arguments; with one sample the VAE and the IWAE are one. */
function canonical(bound: string): string {
  const [, name = '', list = ''] = /^\s*(\w+)\s*(?:\((.*)\))?\s*$/.exec(bound) ?? [];
  const given = list
    .split(',')
    .map(argument => argument.replaceAll(/\s/g, ''))
    .filter(argument => argument !== '')
    .sort();
  if (name === 'elbo' && given.length === 0) return 'iwae(k=1)';
  const text = `${name}(${given.join(',')})`;
  return text === 'elbo(k=1)' ? 'iwae(k=1)' : text;
}

/** What a run must be for a published figure to stand beside its own. */
export interface Comparable {
  /** Null: data that no paper has. */
  readonly data: DataName | null;
  readonly binarise: Binarise;
  readonly latents: readonly number[];
  readonly bound: string;
}

/** The same figures in the same table: a VAE of one sample and an IWAE of one sample are one run of the paper. */
const isSame = (a: Published, b: Published): boolean =>
  a.source === b.source && a.nll === b.nll && a.active.join() === b.active.join();

/** Published figures for the same data, binarisation, layers, k and objective, each once. */
export function publishedFor(run: Comparable): readonly Published[] {
  const found = published.filter(
    ({ data, binarise, latents, bound }) =>
      data === run.data &&
      binarise === run.binarise &&
      latents.join() === run.latents.join() &&
      canonical(bound) === canonical(run.bound),
  );
  return found.filter((figures, i) => found.findIndex(other => isSame(other, figures)) === i);
}
