import type { Tensor } from '../checkpoint.js';

/** A unit with more activity than this counts as active. Burda et al. (2016), section 5.2. */
export const activeThreshold = 0.01;

/** How much the units of one latent say about the data. */
export interface UnitActivity {
  /** A_u = Var_x(E_q[u | x]) for each unit. */
  readonly variances: Float64Array;
  /** Eigenvalues of the covariance of E_q[h | x] over rows, largest first: activity along the best rotation. */
  readonly eigenvalues: Float64Array;
}

/**
 * Activity from the means E_q[h | x] of each row, [rows, ...shape]. The variance over rows is divided by their number, not
 * by one less.
 */
export function unitActivity({ shape, values }: Tensor): UnitActivity {
  const [rows = 0, ...rest] = shape;
  const units = rest.reduce((product, size) => product * size, 1);
  const covariance = covarianceOf(values, rows, units);
  const variances = Float64Array.from({ length: units }, (_, u) => covariance[u]![u]!);
  return { variances, eigenvalues: symmetricEigenvalues(covariance) };
}

export const countActive = (activity: Float64Array): number =>
  activity.reduce((count, value) => count + (value > activeThreshold ? 1 : 0), 0);

type Matrix = readonly Float64Array[];

function covarianceOf(values: Float32Array, rows: number, units: number): Matrix {
  const means = new Float64Array(units);
  for (let r = 0; r < rows; r++)
    for (let u = 0; u < units; u++) means[u] = means[u]! + values[r * units + u]! / rows;
  const covariance = Array.from({ length: units }, () => new Float64Array(units));
  const centred = new Float64Array(units);
  for (let r = 0; r < rows; r++) {
    for (let u = 0; u < units; u++) centred[u] = values[r * units + u]! - means[u]!;
    for (let u = 0; u < units; u++) {
      const line = covariance[u]!;
      const scaled = centred[u]! / rows;
      for (let v = 0; v < units; v++) line[v] = line[v]! + scaled * centred[v]!;
    }
  }
  return covariance;
}

/** Turns of the whole matrix; each squares what is off the diagonal, so that far fewer are needed. */
const mostSweeps = 60;

/**
 * Eigenvalues of a symmetric matrix, largest first, by cyclic Jacobi rotations: each makes one element off the diagonal
 * zero (Golub & Van Loan, "Matrix computations", section 8.5).
 */
export function symmetricEigenvalues(matrix: Matrix): Float64Array {
  const a = matrix.map(line => line.slice());
  const size = a.length;
  const scale = a.reduce((sum, line) => sum + line.reduce((part, value) => part + value * value, 0), 0);
  for (let sweep = 0; sweep < mostSweeps && offDiagonal(a) > scale * 1e-30; sweep++) {
    for (let p = 0; p < size - 1; p++) for (let q = p + 1; q < size; q++) rotate(a, p, q);
  }
  return Float64Array.from(a, (line, i) => line[i]!)
    .sort()
    .reverse();
}

const offDiagonal = (a: Matrix): number =>
  a.reduce((sum, line, i) => sum + line.reduce((part, value, j) => part + (i === j ? 0 : value ** 2), 0), 0);

/** a ← Jᵀ a J with the rotation J in the plane (p, q) that makes a_pq zero. */
function rotate(a: Matrix, p: number, q: number): void {
  const [rowP, rowQ] = [a[p]!, a[q]!];
  if (rowP[q] === 0) return;
  const theta = (rowQ[q]! - rowP[p]!) / (2 * rowP[q]!);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  for (const line of a) {
    const [x, y] = [line[p]!, line[q]!];
    line[p] = cosine * x - sine * y;
    line[q] = sine * x + cosine * y;
  }
  for (let j = 0; j < a.length; j++) {
    const [x, y] = [rowP[j]!, rowQ[j]!];
    rowP[j] = cosine * x - sine * y;
    rowQ[j] = sine * x + cosine * y;
  }
}
