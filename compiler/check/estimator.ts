import { type FactsOf, suggest } from '../diagnostics/index.js';
import { type EstimatorName, estimatorNames } from '../model/estimators.js';
import type { BoundExpr } from '../model/ir.js';
import { boundChildren, nodesOf } from '../model/traverse.js';
import type * as ast from '../syntax/ast.js';
import { type Clause, report, type Scope } from './scope.js';

type Clauses = Readonly<Record<Clause, BoundExpr>>;
type Objection = FactsOf<'unsuitable-estimator'>['objection'];

/** The estimator behind `using`; null where there is none of that name, or it means nothing here, which is reported. */
export function chooseEstimator(
  scope: Scope,
  { name, span }: ast.Identifier,
  clauses: Clauses,
): EstimatorName | null {
  const estimator = estimatorNames.find(known => known === name);
  if (estimator === undefined) {
    report(scope, 'unknown-estimator', span, {
      name,
      suggestion: suggest(name, estimatorNames),
      known: estimatorNames,
    });
    return null;
  }
  const objection = objectionTo(clauses);
  if (objection === null) return estimator;
  report(scope, 'unsuitable-estimator', span, { estimator, objection });
  return null;
}

/** Why these formulas are no function of the log-weights of one set of samples, which is all that an estimator sees. */
function objectionTo({ value, generative, recognition }: Clauses): Objection | null {
  if (value !== generative || value !== recognition) return { kind: 'clauses' };
  const quantities = nodesOf([value], boundChildren).filter(node => node.kind === 'quantity');
  const others = new Set(quantities.flatMap(({ name }) => (name === 'log_w' ? [] : [name])));
  if (others.size > 0) return { kind: 'quantities', found: [...others] };
  if (quantities.length === 0) return { kind: 'no-samples' };
  return quantities.length > 1 ? { kind: 'sample-sets', axes: quantities.map(({ axes }) => axes) } : null;
}
