import { suggest } from '../diagnostics/index.js';
import type { DataVariable, Expr, TypedModel } from '../model/ir.js';
import type { Span } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import { elaborateDivergences } from './divergence.js';
import { checkFactors } from './factors.js';
import { limits } from './functions.js';
import { type DrawnFactor, elaborateNetwork } from './network.js';
import { checkReparameterised } from './objective-lints.js';
import type { OverrideTexts } from './override.js';
import { elementRanges, isElementType } from './range.js';
import { noAmbient, report, type Scope, type Session } from './scope.js';
import { checkStages, elaborateStages } from './stages.js';
import { checkStepSize } from './step-size.js';
import { elaborateTraining } from './training.js';
import { evaluateShape } from './types.js';

/** Values that replace the file's own. */
export interface Overrides extends OverrideTexts {
  /** The argument `k` of the model's bound, or of the one above. */
  readonly k?: number;
  readonly batch?: number;
}

type Members = {
  readonly recognition: ast.Network | null;
  readonly generative: ast.Network | null;
  readonly bound: ast.BoundChoice | null;
  readonly train: ast.Train | null;
};

/** The typed model; null where something is wrong, and reported. All its parts are checked in any case. */
export function elaborateModel(session: Session, model: ast.Model, overrides: Overrides): TypedModel | null {
  const scope: Scope = { session, names: new Map(), ambient: noAmbient, site: null, axes: null, frame: null };
  const members = membersOf(scope, model);
  declareData(scope, model);
  const { dataSpans } = session.model;
  const recognition = elaborateRole(session, members.recognition, members.generative);
  const generative = elaborateRole(session, members.generative, members.recognition);
  const span = {
    recognition: members.recognition?.span ?? null,
    generative: members.generative?.span ?? null,
  };
  checkFactors(session, { recognition, generative, span });
  const latent = recognition.map(({ name }) => name);
  const layers = { latent, data: [...dataSpans.keys()] };
  const stages = members.bound && elaborateStages(session, members.bound, layers, overrides.k);
  const objectives =
    stages === null ? [] : [...stages.earlier.map(stage => stage.objective), stages.objective];
  const divergences = new Map<string, Expr>();
  for (const objective of objectives) {
    const found = elaborateDivergences(session, objective, { recognition, generative }, members.bound!.span);
    for (const [layer, expr] of found) divergences.set(layer, expr);
    checkReparameterised(scope, objective.recognition, recognition);
  }
  const training = elaborateTraining(session, members.train, model.name.span, overrides.batch);
  if (session.maker.depth() > limits.depth) report(scope, 'model-too-large', model.name.span, { limits });
  if (stages === null || training === null) return null;
  checkStages(scope, members.bound!, stages, training);
  const factors = (drawn: readonly DrawnFactor[]) => drawn.flatMap(({ factor }) => factor ?? []);
  const typed: TypedModel = {
    name: model.name.name,
    data: [...session.model.data.values()],
    recognition: factors(recognition).map(factor => ({
      ...factor,
      kl: divergences.get(factor.variable) ?? null,
    })),
    generative: factors(generative),
    parameters: [...session.model.parameters.values()],
    ...stages,
    training,
  };
  const isWhole =
    members.recognition !== null &&
    members.generative !== null &&
    [...recognition, ...generative].every(({ factor }) => factor !== null);
  if (isWhole && typed.parameters.length === 0) report(scope, 'no-parameters', model.name.span, {});
  for (const objective of objectives) checkStepSize(scope, { ...typed, objective }, members.bound!.span);
  return typed;
}

/** The blocks of a model: each once, and all but `train` needed. */
function membersOf(scope: Scope, model: ast.Model): Members {
  const of = `the model \`${model.name.name}\``;
  const single = <Member extends ast.ModelMember>(
    name: string,
    found: readonly Member[],
    needed: boolean,
  ): Member | null => {
    for (const extra of found.slice(1)) {
      const labels = [{ span: headOf(found[0]!.span), text: 'first given here' }];
      report(scope, 'duplicate-member', headOf(extra.span), { member: name, of }, labels);
    }
    if (found.length === 0 && needed) report(scope, 'missing-member', model.name.span, { member: name, of });
    return found[0] ?? null;
  };
  const networks = model.members.filter(member => member.kind === 'network');
  if (!model.members.some(member => member.kind === 'data')) {
    report(scope, 'missing-member', model.name.span, { member: 'data', of });
  }
  return {
    recognition: single(
      'recognition',
      networks.filter(({ role }) => role === 'recognition'),
      true,
    ),
    generative: single(
      'generative',
      networks.filter(({ role }) => role === 'generative'),
      true,
    ),
    bound: single(
      'bound',
      model.members.filter(member => member.kind === 'bound-choice'),
      true,
    ),
    train: single(
      'train',
      model.members.filter(member => member.kind === 'train'),
      false,
    ),
  };
}

/** The word that a member starts with. */
function headOf(span: Span): Span {
  const word = /^\w+/.exec(span.file.text.slice(span.start, span.end))?.[0] ?? '';
  return { ...span, end: span.start + word.length };
}

/** Collects the data variables, and where they are declared. */
function declareData(scope: Scope, model: ast.Model): void {
  const { data, dataSpans: spans } = scope.session.model;
  for (const member of model.members) {
    if (member.kind !== 'data') continue;
    const { name, span } = member.name;
    const first = spans.get(name);
    if (first !== undefined) {
      report(scope, 'already-declared', span, { name, kind: 'data', where: 'network' }, [
        { span: first, text: 'first declared here' },
      ]);
      continue;
    }
    spans.set(name, span);
    const variable = dataVariable(scope, member);
    if (variable !== null) data.set(name, variable);
  }
}

function dataVariable(scope: Scope, { name, type }: ast.Data): DataVariable | null {
  const element = type.name.name;
  const shape = evaluateShape(scope, type.dimensions ?? []);
  if (!isElementType(element)) {
    const known = Object.keys(elementRanges);
    report(scope, 'unknown-type', type.name.span, {
      name: element,
      suggestion: suggest(element, known),
      known,
    });
    return null;
  }
  return shape === null ? null : { name: name.name, element, shape };
}

function elaborateRole(
  session: Session,
  own: ast.Network | null,
  other: ast.Network | null,
): readonly DrawnFactor[] {
  if (own === null) return [];
  const drawn = (other?.statements ?? []).flatMap(statement =>
    statement.kind === 'draw' ? [statement.name.name] : [],
  );
  const drawnElsewhere = new Set(drawn.filter(name => !session.model.dataSpans.has(name)));
  return elaborateNetwork(session, { own, drawnElsewhere, circular: new Set() });
}
