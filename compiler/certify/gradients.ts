import { gradientGraph } from '../driver.js';
import { outputName } from '../lower/model-to-tensor/entries.js';
import { objectiveGraph } from '../lower/model-to-tensor/index.js';
import type { Parameter, Role, TypedModel } from '../model/ir.js';
import { type Bindings, evaluate } from '../tensor/eval.js';
import { freezeStops } from './frozen.js';
import { type CertificateOptions, gradientOf, makeSetting, type Setting, withParameters } from './setting.js';

/** One parameter's gradient against differences. */
export interface GradientRow {
  readonly parameter: string;
  readonly role: Role;
  readonly size: number;
  /** How many of its elements were compared. */
  readonly elements: number;
  /** Largest difference, relative to the parameter's largest gradient; NaN where one is no number. */
  readonly error: number;
  readonly ok: boolean;
}

export interface GradientCertificate {
  readonly batch: number;
  readonly tolerance: number;
  readonly rows: readonly GradientRow[];
  readonly ok: boolean;
}

const tolerance = 1e-6;
/**
 * The five-point stencil's error is h⁴/30 of a fifth derivative, and its rounding 1e-16 / h of the objective; the narrow
 * one is for a point beside a kink, which the wide one steps across.
 */
const spacings = [1e-4, 1e-6];
/** Gradients below this share of the objective drown in its rounding. */
const smallest = 1e-3;
const batch = 2;

/**
 * Compares the gradient of every parameter with five-point differences of the objective that its network ascends, in
 * f64, on made-up data. What stands under `stop` is held where it is.
 */
export function checkGradients(model: TypedModel, options: CertificateOptions = {}): GradientCertificate {
  const setting = makeSetting(model, batch, options);
  const { parameters } = setting;
  const bindings = setting.bindings(1);
  const values = evaluate(gradientGraph(setting.model), withParameters(bindings, parameters));
  const ascent = frozenAscents(setting, bindings);
  const plan = setting.model.parameters.map(parameter => ({
    parameter,
    positions: setting.elementsOf(parameter),
  }));
  const total = plan.reduce((sum, { positions }) => sum + positions.length, 0);
  let done = 0;
  const rows = plan.map(({ parameter, positions }): GradientRow => {
    const { name, role } = parameter;
    const gradient = gradientOf(values, name);
    const scale = Math.max(
      smallest * Math.max(1, Math.abs(ascent(role, name, 0, 0))),
      gradient.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0),
    );
    const errors = positions.map(position => {
      options.onProgress?.(done++, total);
      return errorAt(gradient[position]!, scale, offset => ascent(role, name, position, offset));
    });
    const error = Math.max(0, ...errors);
    return {
      parameter: name,
      role,
      size: gradient.length,
      elements: positions.length,
      error,
      ok: error <= tolerance,
    };
  });
  return { batch: setting.model.training.batch, tolerance, rows, ok: rows.every(({ ok }) => ok) };
}

function errorAt(gradient: number, scale: number, ascent: (offset: number) => number): number {
  let best = Number.POSITIVE_INFINITY;
  for (const h of spacings) {
    const derivative = (ascent(-2 * h) - 8 * ascent(-h) + 8 * ascent(h) - ascent(2 * h)) / (12 * h);
    const error = Math.abs(gradient - derivative) / scale;
    best = Math.min(best, error);
    if (best <= tolerance) return best;
  }
  return best;
}

/** What `role` ascends, with one element of a parameter moved. */
function frozenAscents({ model, parameters }: Setting, bindings: Bindings) {
  const graph = objectiveGraph(model);
  const frozen = freezeStops(graph, withParameters(bindings, parameters));
  const fixed = withParameters(bindings, { ...parameters, ...frozen.inputs });
  return (role: Role, name: Parameter['name'], position: number, offset: number): number => {
    const moved = Float64Array.from(parameters[name]!);
    moved[position]! += offset;
    const outputs = frozen.graph.outputs.filter(output => output.name === outputName.ascent(role));
    return evaluate({ ...frozen.graph, outputs }, withParameters(fixed, { [name]: moved })).get(
      outputName.ascent(role),
    )![0]!;
  };
}
