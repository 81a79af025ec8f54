import { gradientGraph } from '../driver.js';
import type { Role, TypedModel } from '../model/ir.js';
import { evaluate } from '../tensor/eval.js';
import type { Graph } from '../tensor/ir.js';
import { type CertificateOptions, gradientOf, makeSetting, type Setting, withParameters } from './setting.js';

/** One parameter's expected gradient against that of the reported value. */
export interface BiasRow {
  readonly parameter: string;
  readonly role: Role;
  readonly size: number;
  readonly elements: number;
  /** Largest difference of the means, in standard errors of the difference. */
  readonly deviation: number;
  readonly ok: boolean;
}

export interface BiasCertificate {
  readonly batch: number;
  /** 0 where no network needs any. */
  readonly draws: number;
  /** Standard errors that chance is allowed. */
  readonly tolerance: number;
  /** Networks that ascend the very formula of the value: nothing to measure. */
  readonly exact: readonly Role[];
  readonly biased: readonly Role[];
  readonly rows: readonly BiasRow[];
  readonly ok: boolean;
}

export interface BiasOptions extends CertificateOptions {
  /** Default: as many as take seconds, from 200 to 2000. */
  readonly draws?: number;
}

const tolerance = 4;
const batch = 4;
/** A mean difference below this share of the gradient is rounding, whatever its standard error. */
const rounding = 1e-10;
/** Multiplications that the default number of draws may take. */
const workLimit = 2e9;

/**
 * Estimates whether each network's gradient has the expectation of the gradient of the reported value, over draws of the
 * latents that both share. At made-up parameters, so q is far from the posterior and a bias is large.
 */
export function checkBias(model: TypedModel, options: BiasOptions = {}): BiasCertificate {
  const setting = makeSetting(model, batch, { elements: 8, ...options });
  const { value, generative, recognition } = model.objective;
  const clauses = { generative, recognition };
  const roles = (['generative', 'recognition'] as const).filter(role =>
    model.parameters.some(parameter => parameter.role === role),
  );
  // Equal formulas of one objective are one object.
  const exact = roles.filter(role => clauses[role] === value);
  const measured = roles.filter(role => clauses[role] !== value);
  const draws = measured.length === 0 ? 0 : (options.draws ?? defaultDraws(setting.model));
  const rows = measured.length === 0 ? [] : measure(setting, measured, draws, options.onProgress);
  const biased = measured.filter(role => rows.some(row => row.role === role && !row.ok));
  const { batch: rowCount } = setting.model.training;
  return { batch: rowCount, draws, tolerance, exact, biased, rows, ok: biased.length === 0 };
}

function defaultDraws({ parameters, objective, training }: TypedModel): number {
  const samples = objective.axes.reduce((product, axis) => product * axis.size, 1);
  const weights = parameters.reduce((sum, { shape }) => sum + shape.reduce((size, n) => size * n, 1), 0);
  return Math.round(Math.min(2000, Math.max(200, workLimit / (6 * samples * weights * training.batch))));
}

/** Running sums of one element's difference and gradient. */
interface Sums {
  difference: number;
  squares: number;
  gradient: number;
}

function measure(
  setting: Setting,
  roles: readonly Role[],
  draws: number,
  onProgress: CertificateOptions['onProgress'],
): readonly BiasRow[] {
  const { model, parameters } = setting;
  const { value } = model.objective;
  const ofValue = { ...model, objective: { ...model.objective, generative: value, recognition: value } };
  const graphs = { estimator: gradientGraph(model), value: gradientGraph(ofValue) };
  const plan = model.parameters
    .filter(({ role }) => roles.includes(role))
    .map(parameter => ({
      parameter,
      elements: setting
        .elementsOf(parameter)
        .map(position => ({ position, sums: { difference: 0, squares: 0, gradient: 0 } as Sums })),
    }));
  for (let draw = 1; draw <= draws; draw++) {
    onProgress?.(draw - 1, draws);
    const bindings = withParameters(setting.bindings(draw), parameters);
    const valuesOf = (graph: Graph) => evaluate(graph, bindings);
    const found = { estimator: valuesOf(graphs.estimator), value: valuesOf(graphs.value) };
    for (const { parameter, elements } of plan) {
      const [own, expected] = [found.estimator, found.value].map(each => gradientOf(each, parameter.name));
      for (const { position, sums } of elements) {
        const difference = own![position]! - expected![position]!;
        sums.difference += difference;
        sums.squares += difference ** 2;
        sums.gradient += Math.abs(expected![position]!);
      }
    }
  }
  return plan.map(({ parameter: { name, role, shape }, elements }) => {
    const deviation = Math.max(0, ...elements.map(({ sums }) => deviationOf(sums, draws)));
    const size = shape.reduce((product, n) => product * n, 1);
    return {
      parameter: name,
      role,
      size,
      elements: elements.length,
      deviation,
      ok: deviation <= tolerance,
    };
  });
}

/** |mean difference| in its standard errors; NaN where a gradient is no number. */
function deviationOf({ difference, squares, gradient }: Sums, draws: number): number {
  const mean = difference / draws;
  if (Math.abs(mean) <= (rounding * gradient) / draws) return 0;
  const variance = Math.max(0, squares / draws - mean ** 2);
  return Math.abs(mean) / Math.sqrt(variance / draws);
}
