/** Where a benchmark runs: the CPU, a GPU, or a GPU's program on a software driver. */
export const places = ['cpu', 'webgpu', 'software'] as const;
export type Place = (typeof places)[number];

/** A training step that is measured. */
export interface StepCase {
  readonly spec: 'mnist1l' | 'mnist2l';
  readonly batch: number;
  readonly k: number;
  /** Milliseconds to reach on a machine of two cores, without and with relaxed SIMD; null: nothing is set. */
  readonly target: { readonly plain: number; readonly relaxed: number } | null;
}

export const caseName = ({ spec, batch, k }: StepCase): string => `${spec} ${batch}x${k}`;

const same = (milliseconds: number) => ({ plain: milliseconds, relaxed: milliseconds });

export const stepCases: Readonly<Record<Place, readonly StepCase[]>> = {
  cpu: [
    { spec: 'mnist1l', batch: 20, k: 50, target: { plain: 20, relaxed: 15 } },
    { spec: 'mnist1l', batch: 20, k: 5, target: same(3) },
    { spec: 'mnist1l', batch: 20, k: 1, target: same(2) },
    { spec: 'mnist1l', batch: 100, k: 50, target: same(90) },
    { spec: 'mnist2l', batch: 20, k: 50, target: same(32) },
  ],
  webgpu: [
    { spec: 'mnist1l', batch: 20, k: 50, target: null },
    { spec: 'mnist1l', batch: 100, k: 50, target: null },
  ],
  software: [{ spec: 'mnist1l', batch: 20, k: 50, target: null }],
};

/** Steps with a gradient estimated from one sample; how many times those of the full gradient to reach. */
export const estimatorCase = {
  spec: 'mnist1l',
  batch: 20,
  bound: 'iwae(k=50)',
  estimator: 'one_sample',
  target: 2.2,
} as const;

/** L_k on test images; (image, sample) pairs a second to reach. */
export const evaluationCase = { spec: 'mnist1l', k: 5000, images: 40, target: 130_000 } as const;

/** `iwaec build`, from the command to its end, in seconds to reach. */
export const buildCase = { spec: 'mnist2l', target: 1.5 } as const;

/** Milliseconds to reach from a program in memory to its first step done, pipelines included. */
export const firstStepTarget: Readonly<Record<Place, number | null>> = {
  cpu: 300,
  webgpu: null,
  software: 2000,
};

/** How much longer peers should take at least. */
export const peerTargets: Readonly<Record<Place, string>> = {
  cpu: '3.5 x for jaxjs and tfjs; at 20x50 0.5 x for jax',
  webgpu: '1 x for jax and torch',
  software: '2 x for jaxjs and tfjs',
};

/** Of all that is measured at a place; an estimator's steps and evaluations on the CPU only. */
export const caseNames = (place: Place): readonly string[] => [
  ...stepCases[place].map(caseName),
  ...(place === 'cpu' ? [estimatorCase.estimator, 'evaluation'] : []),
  'build',
];
