import { afterAll, describe, expect, it } from 'vitest';
import { layoutParameters } from '../../compiler/lower/layout.js';
import { updateGraph } from '../../compiler/lower/model-to-tensor/update.js';
import { type Bindings, evaluate } from '../../compiler/tensor/eval.js';
import type { Graph } from '../../compiler/tensor/ir.js';
import type { Device } from '../../runtime/device.js';
import { openCpuDevice } from '../../runtime/node.js';
import { lowerApart } from '../support/lowering.js';
import { modelOf } from '../support/reference.js';
import { runLowered, wasmProgram } from '../support/run-lowered.js';
import { smallModel } from '../unit/check/checked.js';
import { relativeError } from './tolerances.js';

/** f32 on the CPU against f64, relative to the largest element of the array or to 1. */
const tolerance = 1e-6;
/** Of f32; what is smaller may become zero. */
const smallestNormal = 2 ** -126;
const device: Device = openCpuDevice({ threads: 2 });
afterAll(() => device.dispose());

const updateOf = (clip: string): { readonly graph: Graph; readonly size: number } => {
  const model = modelOf(smallModel({ train: `optimizer sgd(lr=1)  ${clip}` }));
  const size = layoutParameters(model).length;
  return { graph: updateGraph(model.training, size), size };
};

const bindingsOf = (size: number, scale: number): Bindings => ({
  inputs: {
    parameters: new Float64Array(size),
    gradients: Float64Array.from({ length: size }, (_, i) => scale * Math.sin(i + 1)),
    'state.velocity': new Float64Array(size),
  },
  datasets: {},
  clocks: { step: 1, epoch: 0, samples: 0, sample_offset: 0, threshold: 0 },
});

const norm = (values: Iterable<number>) => Math.hypot(...values);

/** One step of plain ascent at rate 1 from zero: the parameters become the gradient as the optimizer saw it. */
async function seen(clip: string, scale: number) {
  const { graph, size } = updateOf(clip);
  const bindings = bindingsOf(size, scale);
  const found = Float64Array.from(evaluate(graph, bindings).get('parameters')!);
  const run = await runLowered(device, await wasmProgram(lowerApart(graph, {}), 1), bindings, {
    seed: 0n,
    rowCount: 1,
  });
  // A gradient of tiny elements has no f32 to be equal to within less than the smallest of them.
  const unit = Math.max(...found.map(Math.abs), smallestNormal);
  const ofUnit = (values: Iterable<number>) => Float64Array.from(values, value => value / unit);
  expect(relativeError(ofUnit(run('parameters')), ofUnit(found))).toBeLessThan(tolerance);
  return { found, gradient: bindings.inputs!.gradients as Float64Array };
}

describe('clipping', () => {
  it('by norm keeps the direction and shortens what is too long', async () => {
    const { found, gradient } = await seen('clip_norm 0.5', 3);
    expect(norm(found)).toBeCloseTo(0.5, 12);
    const ratio = 0.5 / norm(gradient);
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(gradient[i]! * ratio, 12);
    });
  });

  it('by norm leaves a short gradient, and none, as they are', async () => {
    for (const scale of [1e-3, 0]) {
      const { found, gradient } = await seen('clip_norm 5', scale);
      found.forEach((value, i) => {
        expect(value).toBeCloseTo(gradient[i]!, 15);
      });
    }
  });

  it.each([1e-42, 1e-25, 1e25, 1e36])('by norm keeps the direction of elements about %s', async scale => {
    for (const limit of [0.5, 10]) {
      const { found, gradient } = await seen(`clip_norm ${limit}`, scale);
      const length = norm(gradient);
      const factor = Math.min(1, limit / length);
      found.forEach((value, i) => {
        expect(value / (length * factor)).toBeCloseTo(gradient[i]! / length, 12);
      });
    }
  });

  it('by value cuts each element', async () => {
    const { found, gradient } = await seen('clip_value 0.25', 3);
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(Math.min(Math.max(gradient[i]!, -0.25), 0.25), 12);
    });
  });

  it.each(['clip_norm 1', 'clip_value 1'])('%s lets a NaN through, for training to stop at', async clip => {
    const { graph, size } = updateOf(clip);
    const bindings = bindingsOf(size, Number.NaN);
    expect(evaluate(graph, bindings).get('parameters')!.every(Number.isNaN)).toBe(true);
    const artefact = await wasmProgram(lowerApart(graph, {}), 1);
    const run = await runLowered(device, artefact, bindings, { seed: 0n, rowCount: 1 });
    expect([...run('parameters')].every(Number.isNaN)).toBe(true);
  });
});
