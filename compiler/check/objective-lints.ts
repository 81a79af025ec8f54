import { gradientQuantities, isPathwise, quantitiesOf } from '../model/gradient-quantities.js';
import type { BoundExpr, QuantityName, SampleAxis } from '../model/ir.js';
import { boundChildren, nodesOf } from '../model/traverse.js';
import type { Span } from '../support/source.js';
import type { DrawnFactor } from './network.js';
import { averagesPathByWeight } from './path-weights.js';
import { type Clause, report, type Scope } from './scope.js';

type Clauses = Readonly<Record<Clause, BoundExpr>>;

/** Quantities whose gradient reaches the parameters of each network, and those that read the data. */
const reaching: Readonly<Record<'generative' | 'recognition' | 'data', readonly QuantityName[]>> = {
  generative: ['log_w', 'log_joint', 'log_lik', 'log_prior', 'log_w_path', 'kl'],
  recognition: ['log_w', 'log_joint', 'log_lik', 'log_prior', 'log_q', 'log_w_path', 'log_q_score', 'kl'],
  data: ['log_w', 'log_joint', 'log_lik', 'log_w_path'],
};

/** Reports what the formulas of an objective let through silently: they compile, and train something else. */
export function lintObjective(scope: Scope, clauses: Clauses, span: Span): void {
  for (const role of ['generative', 'recognition'] as const) {
    const found = gradientQuantities(clauses[role]);
    if (found.some(name => reaching[role].includes(name))) continue;
    report(scope, 'constant-objective', span, { role, found, reaching: reaching[role] });
  }
  const value = quantitiesOf(clauses.value);
  if (!value.some(name => reaching.data.includes(name))) {
    report(scope, 'objective-ignores-data', span, { found: value, reaching: reaching.data });
  }
  const axes = usedAxes(scope, clauses);
  if (averagesPathByWeight(clauses.recognition, axes)) report(scope, 'biased-path-gradient', span, {});
  lintAxisNames(scope, axes, span);
}

/** Reports latents whose draw passes no gradient on, where the recognition network's formula needs one to. */
export function checkReparameterised(
  scope: Scope,
  recognition: BoundExpr,
  drawn: readonly DrawnFactor[],
): void {
  if (!isPathwise(recognition)) return;
  for (const { name, factor, written } of drawn) {
    if (factor === null || factor.reparameterised) continue;
    const { distribution, support } = factor;
    report(scope, 'not-reparameterised', written, { name, distribution, support });
  }
}

function usedAxes(scope: Scope, clauses: Clauses): readonly SampleAxis[] {
  const nodes = nodesOf<BoundExpr>(Object.values(clauses), boundChildren);
  const over = new Set(nodes.flatMap(node => (node.kind === 'reduce' ? node.over : [])));
  return scope.session.maker.axes.used().filter(({ id }) => over.has(id));
}

/** Two axes of one name are two sets of samples: where their sizes differ, a number was given instead of the axis. */
function lintAxisNames(scope: Scope, axes: readonly SampleAxis[], span: Span): void {
  const { maker, library } = scope.session;
  for (const [position, axis] of axes.entries()) {
    const first = axes.findIndex(({ name }) => name === axis.name);
    const other = axes[first]!;
    if (first === position || other.size === axis.size) continue;
    const labels = [other, axis].flatMap(({ id, name, size }) => {
      const given = maker.axes.spanOf(id);
      return given === null || library.isStandard(given.file)
        ? []
        : { span: given, text: `${name} = ${size}` };
    });
    report(scope, 'axis-of-two-sizes', span, { axis: axis.name, sizes: [other.size, axis.size] }, labels);
  }
}
