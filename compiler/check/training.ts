import { suggest } from '../diagnostics/index.js';
import type { Training } from '../model/ir.js';
import { type Span, spanText } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import type { GivenArgument } from './calls.js';
import { reportUnknown } from './lookup.js';
import { type ElaboratedOptimizer, elaborateOptimizer } from './optimizer.js';
import { optionSpan } from './override.js';
import { type ElaboratedSchedule, elaborateSchedule } from './schedule.js';
import { evaluate, noAmbient, report, type Scope, type Session } from './scope.js';
import { describe } from './value.js';

export const settingNames = [
  'optimizer',
  'batch',
  'schedule',
  'gradient',
  'clip_norm',
  'clip_value',
] as const;
type SettingName = (typeof settingNames)[number];
const isSetting = (name: string): name is SettingName => (settingNames as readonly string[]).includes(name);

/** Where the train block is silent. */
export const trainingDefaults = {
  optimizer: 'adam',
  batch: 100,
  schedule: 'constant',
  gradient: 'mean',
} as const;

const largestBatch = 1_000_000;

/** The train block with its defaults, or null where something is wrong, and reported. */
export function elaborateTraining(
  session: Session,
  train: ast.Train | null,
  model: Span,
  batchOverride: number | undefined,
): Training | null {
  const scope: Scope = { session, names: new Map(), ambient: noAmbient, site: null, axes: null, frame: null };
  const settings = collectSettings(scope, train);
  const optimizer = chosen(scope, settings.get('optimizer') ?? null, 'optimizers', elaborateOptimizer, model);
  const schedule = chosen(scope, settings.get('schedule') ?? null, 'schedules', elaborateSchedule, model);
  const batch = batchOf(scope, settings.get('batch') ?? null, batchOverride);
  const gradient = gradientOf(scope, settings.get('gradient') ?? null);
  const clipping = clippingOf(scope, settings);
  if (optimizer === null || schedule === null || batch === null || gradient === null) return null;
  return clipping === 'failed' ? null : { batch, gradient, clipping, optimizer, schedule };
}

function collectSettings(scope: Scope, train: ast.Train | null): ReadonlyMap<SettingName, ast.Expression> {
  const settings = new Map<SettingName, ast.Expression>();
  for (const {
    name: { name, span },
    value,
  } of train?.settings ?? []) {
    if (!isSetting(name)) {
      report(scope, 'unknown-setting', span, {
        name,
        suggestion: suggest(name, settingNames),
        known: [...settingNames],
      });
    } else if (settings.has(name)) {
      const labels = [{ span: settings.get(name)!.span, text: 'first given here' }];
      report(scope, 'duplicate-member', span, { member: name, of: 'the `train` block' }, labels);
    } else {
      settings.set(name, value);
    }
  }
  return settings;
}

interface Elaborated {
  readonly optimizers: ElaboratedOptimizer;
  readonly schedules: ElaboratedSchedule;
}
interface Declared {
  readonly optimizers: ast.Optimizer;
  readonly schedules: ast.Schedule;
}

/** `adam(lr=1e-3)`, or `adam` with all defaults, elaborated, with its text. */
function chosen<Family extends keyof Elaborated>(
  scope: Scope,
  written: ast.Expression | null,
  family: Family,
  elaborate: (
    scope: Scope,
    declaration: Declared[Family],
    given: readonly GivenArgument[],
    call: Span,
  ) => Elaborated[Family] | null,
  model: Span,
): (Elaborated[Family] & { readonly text: string }) | null {
  const noun = family === 'optimizers' ? 'optimizer' : 'schedule';
  const call = callOf(written, trainingDefaults[noun], model);
  if (call === null) {
    if (written !== null && written.kind !== 'hole') {
      report(scope, 'not-a-choice', written.span, { noun, found: spanText(written.span) });
    }
    return null;
  }
  const declared = scope.session.library[family] as ReadonlyMap<string, Declared[Family]>;
  const declaration = declared.get(call.name);
  if (declaration === undefined) {
    reportUnknown(call.name, call.span, scope, declared.keys());
    return null;
  }
  const given = call.arguments.map(({ name, value }) => ({
    name,
    value: evaluate(value, scope),
    span: value.span,
  }));
  const elaborated = elaborate(scope, declaration, given, written?.span ?? model);
  return elaborated === null
    ? null
    : { ...elaborated, text: written === null ? call.name : oneLine(written.span) };
}

const oneLine = (span: Span) => spanText(span).replaceAll(/\s+/g, ' ');

function callOf(written: ast.Expression | null, otherwise: string, model: Span) {
  if (written === null) return { name: otherwise, span: model, arguments: [] };
  if (written.kind === 'name') return { name: written.name, span: written.span, arguments: [] };
  const isCall = written.kind === 'call' && written.axes === null;
  return isCall
    ? { name: written.callee.name, span: written.callee.span, arguments: written.arguments }
    : null;
}

function batchOf(scope: Scope, written: ast.Expression | null, override: number | undefined): number | null {
  const value = written === null ? null : evaluate(written, scope);
  if (override !== undefined)
    return validBatch(scope, override, `${override}`, optionSpan('--batch', override));
  if (value === null) return trainingDefaults.batch;
  if (value.kind === 'failed') return null;
  return validBatch(scope, value.kind === 'number' ? value.value : NaN, describe(value), written!.span);
}

function validBatch(scope: Scope, batch: number, found: string, span: Span): number | null {
  if (Number.isInteger(batch) && batch >= 1 && batch <= largestBatch) return batch;
  report(scope, 'invalid-batch', span, { found, largest: largestBatch });
  return null;
}

function gradientOf(scope: Scope, written: ast.Expression | null): 'sum' | 'mean' | null {
  if (written === null) return trainingDefaults.gradient;
  if (written.kind === 'name' && (written.name === 'sum' || written.name === 'mean')) return written.name;
  if (written.kind !== 'hole')
    report(scope, 'unknown-gradient', written.span, { found: oneLine(written.span) });
  return null;
}

const clippingSettings = { clip_norm: 'norm', clip_value: 'value' } as const;

function clippingOf(
  scope: Scope,
  settings: ReadonlyMap<SettingName, ast.Expression>,
): Training['clipping'] | 'failed' {
  const given = (['clip_norm', 'clip_value'] as const).filter(name => settings.has(name));
  const [name, other] = given;
  if (name === undefined) return null;
  if (other !== undefined) {
    const labels = [{ span: settings.get(name)!.span, text: 'clipped here already' }];
    report(scope, 'clipped-twice', settings.get(other)!.span, {}, labels);
    return 'failed';
  }
  const written = settings.get(name)!;
  const value = evaluate(written, scope);
  if (value.kind === 'failed') return 'failed';
  const limit = value.kind === 'number' ? value.value : NaN;
  if (limit > 0 && Number.isFinite(limit)) return { by: clippingSettings[name], limit };
  report(scope, 'invalid-clipping', written.span, { setting: name, found: describe(value) });
  return 'failed';
}
