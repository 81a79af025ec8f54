import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noiseAt } from '../../compiler/program/index.js';
import { type RandomModel, randomModel } from '../support/random-model.js';
import {
  gradientValues,
  initialParameters,
  modelOf,
  noiseOf,
  objectiveOf,
  type ReferenceCase,
  type Values,
} from '../support/reference.js';

/** Largest difference from the five-point stencil, relative to the largest element of the gradient or 1. */
const tolerance = 1e-6;
/** The stencil's error is h⁴/30 of a fifth derivative, below the rounding of f64 for such functions. */
const spacing = 1e-4;

const clocks = { step: 1, epoch: 0, samples: 0, sample_offset: 0, threshold: 0 };

function caseOf({ source, dataSize, binary, batch }: RandomModel, seed: number): ReferenceCase {
  const at = (element: number) =>
    noiseAt('uniform', { seedLow: seed, seedHigh: 1, step: 0, stream: 0, row: 0, sample: 0, element });
  const scale = binary ? (value: number) => Math.round(255 * value) : (value: number) => 4 * value - 2;
  const values = Float64Array.from({ length: batch * dataSize }, (_, i) => scale(at(i)));
  return {
    model: modelOf(source),
    bindings: {
      inputs: { 'mean.x': Float64Array.from({ length: dataSize }, (_, i) => at(1000 + i)) },
      datasets: { x: { width: dataSize, values } },
      clocks,
      noise: noiseOf(seed, 1),
    },
  };
}

/** f'(0) of t ↦ f(parameter element + t), five points. */
function derivative(
  objective: ReturnType<typeof objectiveOf>,
  parameters: Values,
  name: string,
  element: number,
  role: 'generative' | 'recognition',
) {
  const at = (offset: number) => {
    const moved = Float64Array.from(parameters[name]!);
    moved[element]! += offset * spacing;
    return objective({ ...parameters, [name]: moved }).ascent(role);
  };
  return (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / (12 * spacing);
}

describe('gradients of random models', () => {
  it('agree with finite differences of the definition, each network on its own objective', () => {
    let compared = 0;
    const property = fc.property(randomModel, fc.nat(1e6), (random, seed) => {
      const testCase = caseOf(random, seed);
      const parameters = initialParameters(testCase.model, testCase.bindings);
      const objective = objectiveOf(testCase);
      const found = gradientValues(testCase, parameters);
      expect(found.bound).toBeCloseTo(objective(parameters).bound, 9);
      for (const { name, role } of testCase.model.parameters) {
        const gradient = found.gradient(name);
        const scale = Math.max(1, ...gradient.map(Math.abs));
        gradient.forEach((value, element) => {
          const expected = derivative(objective, parameters, name, element, role);
          compared++;
          expect(Math.abs(value - expected) / scale, `${name}[${element}] of\n${random.source}`).toBeLessThan(
            tolerance,
          );
        });
      }
    });
    fc.assert(property, { numRuns: 40, seed: 20160, endOnFailure: true });
    expect(compared).toBeGreaterThan(1000);
  }, 120_000);
});
