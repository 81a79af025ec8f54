import type * as ast from '../syntax/ast.js';
import { boundAmbient, clockValue } from './bound.js';
import type { Frame } from './frame.js';
import { elementRanges, isElementType } from './range.js';
import { applyReduction } from './reductions.js';
import type { Ambient, Scope } from './scope.js';
import { bindAxis, bodyScope, evaluate } from './scope.js';
import { failed, type Value } from './value.js';

/** Two samples are the fewest that tell a reduction over them from none. */
const probeSize = 2;

/**
 * Inlines a bound for arguments that stand for any: mistakes with its sample axes show even where nothing uses it, and
 * without a detour by its use where something does.
 */
export function probeBound(scope: Scope, declaration: ast.Bound): void {
  const frame: Frame = {
    what: 'the bound',
    name: declaration.name.name,
    declaration,
    call: null,
    parent: null,
  };
  const ambient: Ambient = boundAmbient(null);
  for (const clause of ['value', 'generative', 'recognition'] as const) {
    const axes = { kind: 'bound', open: [], clause } as const;
    const inner = bodyScope({ ...scope, ambient }, frame, new Map(), { ambient, axes });
    for (const parameter of declaration.parameters) {
      inner.names.set(parameter.name.name, probeArgument(inner, frame, parameter));
    }
    const formula = declaration.clauses.find(({ role }) => role === clause || role === 'all');
    if (formula !== undefined) evaluate(formula.value, inner);
  }
}

function probeArgument(scope: Scope, frame: Frame, { name, type }: ast.FormalParameter): Value {
  const element = type.name.name;
  if (type.dimensions !== null || !isElementType(element)) return failed;
  const axis = bindAxis(scope, frame, name.name, probeSize, name.span);
  if (element === 'int') return { kind: 'number', value: probeSize, axis };
  // Anything that is no number: what depends on the value itself is not decided here.
  return { ...clockValue(scope, 'epoch'), range: elementRanges[element] };
}

/** The same for a reduction. */
export function probeReduction(scope: Scope, declaration: ast.Reduction): void {
  const { maker } = scope.session;
  const binding = maker.axes.bind('probe', {
    name: declaration.axis.name,
    size: probeSize,
    span: declaration.axis.span,
  });
  const axis = maker.axes.use(binding);
  const expr = maker.intern({ kind: 'quantity', axes: [axis.id], name: 'log_w', layer: null } as const);
  applyReduction(scope, declaration, [axis], { kind: 'bound', expr, range: elementRanges.real }, null);
}
