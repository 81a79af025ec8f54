import { gradientGraph } from '../driver.js';
import { differentiate } from '../lower/differentiate.js';
import { objectiveGraph } from '../lower/model-to-tensor/index.js';
import type { Role, TypedModel } from '../model/ir.js';
import { runPasses } from '../pipeline.js';
import { evaluate } from '../tensor/eval.js';
import type { Graph } from '../tensor/ir.js';
import { eraseStops, passesAfterGradient } from '../tensor/passes/index.js';
import { printGraph } from '../tensor/print.js';
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
  /** Networks whose gradient is that of the value in every draw: nothing to average. */
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
/** Gradients this close, relative to the largest element, are one gradient in another order of summation. */
const same = 1e-9;
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
  const roles = (['generative', 'recognition'] as const).filter(role =>
    model.parameters.some(parameter => parameter.role === role),
  );
  const draw = gradientPairs(setting);
  const measured = roles.filter(role => !agrees(setting.model, role, draw));
  const exact = roles.filter(role => !measured.includes(role));
  const draws = measured.length === 0 ? 0 : (options.draws ?? defaultDraws(setting.model));
  const rows = measured.length === 0 ? [] : measure(setting, measured, draw, draws, options.onProgress);
  const biased = measured.filter(role => rows.some(row => row.role === role && !row.ok));
  const { batch: rowCount } = setting.model.training;
  return { batch: rowCount, draws, tolerance, exact, biased, rows, ok: biased.length === 0 };
}

function defaultDraws({ parameters, objective, training }: TypedModel): number {
  const samples = objective.axes.reduce((product, axis) => product * axis.size, 1);
  const weights = parameters.reduce((sum, { shape }) => sum + shape.reduce((size, n) => size * n, 1), 0);
  return Math.round(Math.min(2000, Math.max(200, workLimit / (6 * samples * weights * training.batch))));
}

type Gradients = (parameter: string) => Float64Array;
type Pairs = (draw: number) => { readonly estimator: Gradients; readonly value: Gradients };

/** The gradients of what the networks ascend, and those of the value, which no `stop` holds back, in one draw. */
function gradientPairs({ model, parameters, bindings }: Setting): Pairs {
  const { value } = model.objective;
  const ofValue = {
    ...model,
    objective: { ...model.objective, generative: value, recognition: value, estimator: null },
  };
  const unstopped = [eraseStops, differentiate(ofValue), ...passesAfterGradient];
  const graphs = {
    estimator: gradientGraph(model),
    value: runPasses(objectiveGraph(ofValue), unstopped, { print: printGraph }),
  };
  return draw => {
    const bound = withParameters(bindings(draw), parameters);
    const gradientsIn = (graph: Graph): Gradients => {
      const values = evaluate(graph, bound);
      return parameter => gradientOf(values, parameter);
    };
    return { estimator: gradientsIn(graphs.estimator), value: gradientsIn(graphs.value) };
  };
}

/** Whether both gradients of a network are the same number, but for rounding, in the first draws. */
function agrees({ parameters }: TypedModel, role: Role, draw: Pairs): boolean {
  const own = parameters.filter(parameter => parameter.role === role);
  return [1, 2, 3].every(each => {
    const { estimator, value } = draw(each);
    return own.every(({ name }) => {
      const expected = value(name);
      const scale = expected.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
      return estimator(name).every((x, i) => Math.abs(x - expected[i]!) <= same * scale);
    });
  });
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
  pairs: Pairs,
  draws: number,
  onProgress: CertificateOptions['onProgress'],
): readonly BiasRow[] {
  const plan = setting.model.parameters
    .filter(({ role }) => roles.includes(role))
    .map(parameter => ({
      parameter,
      elements: setting
        .elementsOf(parameter)
        .map(position => ({ position, sums: { difference: 0, squares: 0, gradient: 0 } as Sums })),
    }));
  for (let draw = 1; draw <= draws; draw++) {
    onProgress?.(draw - 1, draws);
    const { estimator, value } = pairs(draw);
    for (const { parameter, elements } of plan) {
      const [own, expected] = [estimator, value].map(gradients => gradients(parameter.name));
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
