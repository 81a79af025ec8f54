/**
 * The frame: 256 bytes (or a multiple) of uniforms for each run, u32 words first, then `host` scalars as f32.
 */
export const frameWords = {
  /** Step counter and seed of the model's noise. */
  step: 0,
  seedLow: 1,
  seedHigh: 2,
  /** Step counter and seed of the data's noise (binarisation). */
  dataStep: 3,
  dataSeedLow: 4,
  dataSeedHigh: 5,
  /** Rows of this run: position + b, modulo rowCount, permuted by (seed, epoch) if `shuffle` is 1, or looked up in `order`. */
  position: 6,
  rowCount: 7,
  epoch: 8,
  shuffle: 9,
  sampleOffset: 10,
  /** Which slot of the result buffers this run writes; results are at slot · length. */
  slot: 11,
} as const;
/** Texts for the class `subgroups` count on subgroups of at least so many invocations. */
export const subgroupLanes = 4;

/** First word of the f32 host scalars. */
export const frameHostStart = 12;

/** Words of a frame with this many host scalars, rounded up to 256 bytes: what a uniform binding's offset must be a multiple of. */
export const frameLength = (hostScalars: number): number =>
  Math.ceil((frameHostStart + hostScalars) / 64) * 64;
