/** What is measured, and the milliseconds a step to reach on a machine of two cores. */
export interface StepCase {
  readonly spec: string;
  readonly batch: number;
  readonly k: number;
  readonly target: { readonly plain: number; readonly relaxed: number };
}

const same = (milliseconds: number) => ({ plain: milliseconds, relaxed: milliseconds });

export const stepCases: readonly StepCase[] = [
  { spec: 'mnist1l', batch: 20, k: 50, target: { plain: 20, relaxed: 15 } },
  { spec: 'mnist1l', batch: 20, k: 5, target: same(3) },
  { spec: 'mnist1l', batch: 20, k: 1, target: same(2) },
  { spec: 'mnist1l', batch: 100, k: 50, target: same(90) },
  { spec: 'mnist2l', batch: 20, k: 50, target: same(32) },
];

/** L_k on test images; (image, sample) pairs a second to reach. */
export const evaluationCase = { spec: 'mnist1l', k: 5000, images: 40, target: 130_000 } as const;
