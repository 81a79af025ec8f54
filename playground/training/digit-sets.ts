/** One packed set of MNIST digits: the first `rows` of a split. */
export interface DigitSet {
  readonly split: 'train' | 'test';
  readonly rows: number;
  /** Files below the page's address. */
  readonly images: string;
  readonly labels: string;
}

/** What is packed when the page is built; `allTrain` is fetched on demand alone. */
export const digitSets = {
  train: {
    split: 'train',
    rows: 2000,
    images: 'digits/train-2000-images.idx.gz',
    labels: 'digits/train-2000-labels.idx.gz',
  },
  test: {
    split: 'test',
    rows: 500,
    images: 'digits/test-500-images.idx.gz',
    labels: 'digits/test-500-labels.idx.gz',
  },
  allTrain: {
    split: 'train',
    rows: 60000,
    images: 'digits/train-60000-images.idx.gz',
    labels: 'digits/train-60000-labels.idx.gz',
  },
} as const satisfies Readonly<Record<string, DigitSet>>;
