import { describe, expect, it } from 'vitest';
import { expressionLowering } from '../../compiler/lower/model-to-tensor/expression.js';
import type { Expr, Factor } from '../../compiler/model/ir.js';
import { parse } from '../../compiler/syntax/index.js';
import { GraphBuilder } from '../../compiler/tensor/build.js';
import { evaluate } from '../../compiler/tensor/eval.js';
import type { Axis } from '../../compiler/tensor/ir.js';
import { stdlibSources } from '../../stdlib/sources.js';
import { modelOf, noiseOf } from '../support/reference.js';

/*
 * Every distribution of the standard library against its density written down here: log_prob is that density, draws have
 * its distribution, and kl is the integral that it stands for.
 */
interface Reference {
  /** Arguments, and those of another one for the divergence. */
  readonly arguments: readonly [string, string];
  readonly density: (x: number, other: boolean) => number;
  readonly mean: number;
  /** Where almost all of the probability lies; null for values 0 and 1. */
  readonly interval: readonly [number, number] | null;
  readonly reparameterised: boolean;
}

const normal = (x: number, mean: number, scale: number) =>
  Math.exp(-0.5 * ((x - mean) / scale) ** 2) / (scale * Math.sqrt(2 * Math.PI));
const laplace = (x: number, mean: number, scale: number) =>
  Math.exp(-Math.abs(x - mean) / scale) / (2 * scale);

const references: Readonly<Record<string, Reference>> = {
  normal: {
    arguments: ['mean=0.3, scale=0.7', 'mean=-0.5, scale=1.2'],
    density: (x, other) => (other ? normal(x, -0.5, 1.2) : normal(x, 0.3, 0.7)),
    mean: 0.3,
    interval: [-8, 9],
    reparameterised: true,
  },
  laplace: {
    arguments: ['mean=0.3, scale=0.7', 'mean=-0.5, scale=1.2'],
    density: (x, other) => (other ? laplace(x, -0.5, 1.2) : laplace(x, 0.3, 0.7)),
    mean: 0.3,
    interval: [-25, 25],
    reparameterised: true,
  },
  uniform: {
    arguments: ['low=-0.5, high=1.5', 'low=-2, high=2'],
    density: (x, other) => (other ? 1 / 4 : x >= -0.5 && x <= 1.5 ? 1 / 2 : 0),
    mean: 0.5,
    interval: [-1, 3],
    reparameterised: true,
  },
  bernoulli: {
    arguments: ['logits=0.4', 'logits=-1'],
    density: (x, other) => {
      const one = 1 / (1 + Math.exp(other ? 1 : -0.4));
      return x === 1 ? one : 1 - one;
    },
    mean: 1 / (1 + Math.exp(-0.4)),
    interval: null,
    reparameterised: false,
  },
};

const path = 'stdlib/distributions.iwae';
const declarations = parse({ path, text: stdlibSources[path]! }).file.items.flatMap(item =>
  item.kind === 'distribution' ? [item] : [],
);

/** The factor of a latent or, where that cannot be, of data. */
function factorOf(name: string): Factor {
  const { arguments: both, interval } = references[name]!;
  const [own, other] = both.map(text => `${name}(${text})`);
  const hasKl = declarations
    .find(declaration => declaration.name.name === name)!
    .members.some(member => member.kind === 'formula' && member.name.name === 'kl');
  const model = modelOf(`model one {
    data x: ${interval === null ? 'binary' : 'real'}
    recognition { h ~ ${interval === null ? 'normal(0, 1)' : own} }
    generative {
      param shift: real = 0
      h ~ ${interval === null ? 'normal(shift, 1)' : other}
      x ~ ${interval === null ? own : 'normal(h + shift, 1)'}
    }
    bound ${hasKl ? 'elbo_analytic' : 'elbo'}
  }`);
  return interval === null ? model.generative.find(({ kind }) => kind === 'data')! : model.recognition[0]!;
}

const draws: Axis = { name: 'k', kind: 'sample', size: 20_000 };

/** An expression of a factor; `values` stand for its variable, along the axis of draws. */
function valuesOf(factor: Factor, expr: Expr, values: ArrayLike<number> | null): Float64Array {
  const builder = new GraphBuilder('distribution');
  const axis = values === null ? draws : { ...draws, size: values.length };
  const lower = expressionLowering({
    builder,
    outerAxes: [axis],
    sample: null,
    variables: new Map([[factor.variable, builder.input('variable', [axis])]]),
    parameter: (name, axes) => builder.input(name, axes),
    stream: site => site,
  });
  builder.output('values', lower(expr), [axis]);
  const inputs = values === null ? {} : { variable: values };
  return evaluate(builder.build(), { inputs, noise: noiseOf(5, 1) }).get('values')!;
}

/** Midpoints of a fine grid, no point of which falls on a corner of a density. */
function grid([low, high]: readonly [number, number]) {
  const count = 100_000;
  const width = (high - low) / count;
  return { points: Float64Array.from({ length: count }, (_, i) => low + (i + 0.5) * width), width };
}

it('has an entry for every distribution of the library', () => {
  expect(Object.keys(references).sort()).toEqual(declarations.map(({ name }) => name.name).sort());
});

describe.each(Object.keys(references))('%s', name => {
  const reference = references[name]!;
  const factor = factorOf(name);
  const { points, width } =
    reference.interval === null ? { points: Float64Array.of(0, 1), width: 1 } : grid(reference.interval);
  const density = points.map(x => reference.density(x, false));

  it('has the density, which adds up to 1', () => {
    const found = valuesOf(factor, factor.logProb, points);
    const differences = density.map((expected, i) => Math.abs(Math.exp(found[i]!) - expected));
    expect(differences.reduce((a, b) => Math.max(a, b), 0)).toBeLessThan(1e-12);
    expect(density.reduce((sum, value) => sum + value * width, 0)).toBeCloseTo(1, 6);
  });

  it('has its mean, and is reparameterised where a draw is smooth in the arguments', () => {
    expect(valuesOf(factor, factor.mean!, Float64Array.of(0))[0]).toBeCloseTo(reference.mean, 12);
    expect(factor.reparameterised).toBe(reference.reparameterised);
  });

  it('draws from it', () => {
    const drawn = valuesOf(factor, factor.sample, null).sort();
    let [below, distance, probability] = [0, 0, 0];
    points.forEach((x, i) => {
      probability += density[i]! * width;
      while (below < drawn.length && drawn[below]! <= x + width / 2) below++;
      distance = Math.max(distance, Math.abs(below / drawn.length - probability));
    });
    // Kolmogorov and Smirnov: a larger distance occurs by chance once in a thousand.
    expect(distance).toBeLessThan(1.95 / Math.sqrt(drawn.length));
    expect(below).toBe(drawn.length);
  });

  it.runIf(factor.kl !== null)('has the divergence', () => {
    const integral = points.reduce((sum, x, i) => {
      const ratio = density[i]! > 0 ? Math.log(density[i]! / reference.density(x, true)) : 0;
      return sum + density[i]! * ratio * width;
    }, 0);
    expect(valuesOf(factor, factor.kl!, Float64Array.of(0))[0]).toBeCloseTo(integral, 6);
    expect(integral).toBeGreaterThan(0.1);
  });
});
