/** Part of a plane. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

/** A density on a square grid, row by row from the bottom, scaled to a maximum of 1. */
export interface Density {
  readonly side: number;
  readonly values: Float64Array;
}

/** Where the first look is taken: beyond it a standard normal prior leaves a probability of about 1e-5. */
export const coarseBox: Box = { left: -4.5, right: 4.5, bottom: -4.5, top: 4.5 };

/** Centres of the cells of a grid, [x, y] of each, row by row from the bottom. */
export function gridPoints(box: Box, side: number): Float32Array {
  const points = new Float32Array(2 * side * side);
  for (let i = 0; i < side * side; i++) {
    points[2 * i] = box.left + ((box.right - box.left) * ((i % side) + 0.5)) / side;
    points[2 * i + 1] = box.bottom + ((box.top - box.bottom) * (Math.floor(i / side) + 0.5)) / side;
  }
  return points;
}

/** From logarithms up to a constant. */
export function densityOf(logs: Float32Array, side: number): Density {
  const largest = logs.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return { side, values: Float64Array.from(logs, value => Math.exp(value - largest)) };
}

/** Below this part of its maximum a density is taken to have ended. */
const visible = 1e-3;

/** The smallest square window on the grid of `box` that shows every density where it is visible, with some room. */
export function windowOf(densities: readonly Density[], box: Box): Box {
  const side = densities[0]!.side;
  const cell = (box.right - box.left) / side;
  let [left, right, bottom, top] = [side, -1, side, -1];
  for (const { values } of densities) {
    values.forEach((value, i) => {
      if (value < visible) return;
      left = Math.min(left, i % side);
      right = Math.max(right, i % side);
      bottom = Math.min(bottom, Math.floor(i / side));
      top = Math.max(top, Math.floor(i / side));
    });
  }
  const half = cell * (Math.max(right - left, top - bottom) / 2 + 1.5);
  const x = box.left + cell * ((left + right + 1) / 2);
  const y = box.bottom + cell * ((bottom + top + 1) / 2);
  return { left: x - half, right: x + half, bottom: y - half, top: y + half };
}
