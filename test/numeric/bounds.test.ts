import { afterAll, describe, expect, it } from 'vitest';
import { parse } from '../../compiler/syntax/index.js';
import { openCpuDevice } from '../../runtime/node.js';
import { stdlibSources } from '../../stdlib/sources.js';
import { gradientValues, type ReferenceCase, type Values } from '../support/reference.js';
import { wasmProgram } from '../support/run-lowered.js';
import { deviceCases, estimated, expectBoundOnDevice } from './bound-devices.js';
import { type BoundCase, boundCases } from './bound-formulas.js';
import { quantitiesOf, sweepCase, sweepParameters, sweepRows } from './bound-model.js';
import { relativeError, tolerances } from './tolerances.js';

const path = 'stdlib/bounds.iwae';
const declared = parse({ path, text: stdlibSources[path]! }).file.items.flatMap(item =>
  item.kind === 'bound' ? [item.name.name] : [],
);
const names = Object.keys(sweepParameters);
const seed = 11;

/** One axis, then two: k1 inside. */
const singleSizes = [1, 2, 5, 8];
const doubleSizes = [
  [1, 1],
  [2, 2],
  [5, 8],
  [8, 5],
  [4, 32],
] as const;

const casesOf = (name: string): readonly BoundCase[] => {
  const entry = boundCases[name]!;
  return entry.axes === 1
    ? singleSizes.flatMap(k => entry.cases(k))
    : doubleSizes.flatMap(([k1, k2]) => entry.cases(k1, k2));
};

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The formula of one clause, averaged over the rows as a batch is, with `parameters` where `fixed` were. */
function independent(
  testCase: ReferenceCase,
  bound: BoundCase,
  role: 'value' | 'recognition',
  parameters: Values,
): number {
  const rows = sweepRows.map((_, row) => {
    const at = (drawn: Values, density: Values) => quantitiesOf(drawn, density, row, bound.samples, testCase);
    if (role === 'value' || bound.recognition === undefined) return bound.value(at(parameters, parameters));
    return bound.recognition({
      fixed: at(sweepParameters, sweepParameters),
      all: at(parameters, parameters),
      path: at(parameters, sweepParameters),
      score: at(sweepParameters, parameters),
    });
  });
  return mean(rows);
}

function stencil(testCase: ReferenceCase, bound: BoundCase, name: string, element: number): number {
  const spacing = tolerances.gradient.spacings[0];
  const role = name.startsWith('recognition') ? 'recognition' : 'value';
  const at = (offset: number) => {
    const moved = Float64Array.from(sweepParameters[name]!);
    moved[element]! += offset * spacing;
    return independent(testCase, bound, role, { ...sweepParameters, [name]: moved });
  };
  return (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / (12 * spacing);
}

const resultOf = (text: string) => {
  const found = gradientValues(sweepCase(text, seed), sweepParameters);
  return { bound: found.bound, gradient: names.flatMap(name => [...found.gradient(name)]) };
};

describe('bounds of the standard library', () => {
  it('have an entry here, each', () => {
    expect(Object.keys(boundCases).sort()).toEqual([...declared].sort());
  });

  it.each(declared)('%s is the formula of its paper, and so are its gradients', name => {
    for (const bound of casesOf(name)) {
      const testCase = sweepCase(bound.text, seed);
      const found = gradientValues(testCase, sweepParameters);
      const expected = independent(testCase, bound, 'value', sweepParameters);
      expect(Math.abs(found.bound - expected), bound.text).toBeLessThan(1e-12 * Math.abs(expected) + 1e-12);
      for (const parameter of names) {
        const gradient = found.gradient(parameter);
        const differences = gradient.map((_, element) => stencil(testCase, bound, parameter, element));
        const error = relativeError(gradient, differences);
        expect(error, `${bound.text}: ${parameter}`).toBeLessThan(tolerances.gradient.relative);
      }
    }
  });
});

describe('identities', () => {
  const same: readonly (readonly [string, string])[] = [
    ['iwae(k=1)', 'elbo(k=1)'],
    ['power(k=5, p=1)', 'iwae(k=5)'],
    ['miwae(k1=5, k2=1)', 'iwae(k=5)'],
    ['miwae(k1=1, k2=5)', 'elbo(k=5)'],
    ['ciwae(k=5, beta=0)', 'iwae(k=5)'],
    ['ciwae(k=5, beta=1)', 'elbo(k=5)'],
    ['alpha(k=5, alpha=1)', 'elbo(k=5)'],
    ['vr(k=5, alpha=0)', 'iwae(k=5)'],
    ['beta(k=5, beta=0.4)', 'alpha(k=5, alpha=0.4)'],
    ['jvi(k=1)', 'elbo(k=1)'],
  ];
  it.each(same)('%s is %s', (a, b) => {
    const [left, right] = [resultOf(a), resultOf(b)];
    expect(relativeError([left.bound], [right.bound])).toBeLessThan(1e-12);
    expect(relativeError(left.gradient, right.gradient)).toBeLessThan(1e-12);
    expect(Math.max(...right.gradient.map(Math.abs))).toBeGreaterThan(0.01);
  });

  it('vr tends to iwae as alpha falls to 0', () => {
    const limit = resultOf('iwae(k=5)');
    const distances = [1e-2, 1e-4, 1e-6].map(alpha => {
      const { bound, gradient } = resultOf(`vr(k=5, alpha=${alpha})`);
      return Math.max(Math.abs(bound - limit.bound), relativeError(gradient, limit.gradient));
    });
    expect(distances[0]).toBeGreaterThan(1e-5);
    // In proportion to alpha.
    expect(distances[1]! / distances[0]!).toBeCloseTo(1e-2, 3);
    expect(distances[2]! / distances[0]!).toBeCloseTo(1e-4, 5);
  });

  it('tvo of one partition has the value of elbo', () => {
    expect(resultOf('tvo(k=5, partitions=1)').bound).toBeCloseTo(resultOf('elbo(k=5)').bound, 12);
  });
});

describe('on the CPU device', () => {
  const device = openCpuDevice({ threads: 1 });
  afterAll(() => device.dispose());

  it.each(declared)('%s has the value and gradients of the f64 graph', async name => {
    for (const { text } of deviceCases(name)) await expectBoundOnDevice(text, device, wasmProgram);
  });

  it.each(estimated)('%s has the value and gradients of the f64 graph', async text => {
    expect.hasAssertions();
    await expectBoundOnDevice(text, device, wasmProgram);
  });
});
