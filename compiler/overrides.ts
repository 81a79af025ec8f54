import type { Span } from './support/source.js';
import type {
  Argument,
  Call,
  Expression,
  File,
  Model,
  ModelMember,
  NumberLiteral,
  Setting,
} from './syntax/ast.js';

/** Numbers a caller may change without touching the text. */
export interface Overrides {
  /** Importance samples: the argument `k` of each model's bound. */
  readonly k?: number;
  /** Rows in a batch. */
  readonly batch?: number;
}

const literal = (value: number, span: Span): NumberLiteral => ({
  kind: 'number',
  value,
  isInteger: true,
  span,
});

/**
 * The argument `k` by name. One given by position is not looked for, because which position `k` has is known to the
 * checker only: it then reports an argument that is given twice, and a wrong number is never used.
 */
function withSamples(call: Call, k: number): Call {
  const named = call.arguments.find(argument => argument.name?.name === 'k');
  const span = named?.value.span ?? call.span;
  const argument: Argument = { name: named?.name ?? { name: 'k', span }, value: literal(k, span), span };
  const others = call.arguments.filter(other => other !== named);
  return { ...call, arguments: [...others, argument] };
}

function withBatch(settings: readonly Setting[], batch: number, span: Span): readonly Setting[] {
  const written = settings.find(setting => setting.name.name === 'batch');
  const name = written?.name ?? { name: 'batch', span };
  const replacement: Setting = {
    span: written?.span ?? span,
    name,
    value: literal(batch, written?.value.span ?? span),
  };
  return [...settings.filter(setting => setting !== written), replacement];
}

function ofMember(member: ModelMember, { k, batch }: Overrides): ModelMember {
  if (member.kind === 'train' && batch !== undefined) {
    return { ...member, settings: withBatch(member.settings, batch, member.span) };
  }
  if (member.kind === 'bound-choice' && k !== undefined)
    return { ...member, value: ofBound(member.value, k) };
  return member;
}

/** A bound is written `iwae(k=5)` or, with its defaults, `elbo`. */
function ofBound(value: Expression, k: number): Expression {
  if (value.kind === 'call') return withSamples(value, k);
  if (value.kind !== 'name') return value;
  const callee = { name: value.name, span: value.span };
  return withSamples({ kind: 'call', callee, axes: null, arguments: [], span: value.span }, k);
}

function ofModel(model: Model, overrides: Overrides): Model {
  const trains = model.members.some(member => member.kind === 'train');
  const empty: ModelMember = { kind: 'train', settings: [], span: model.name.span };
  const members = trains || overrides.batch === undefined ? model.members : [...model.members, empty];
  return { ...model, members: members.map(member => ofMember(member, overrides)) };
}

/** The file as if `overrides` were written in each of its models. */
export const withOverrides = (file: File, overrides: Overrides): File => ({
  ...file,
  items: file.items.map(item => (item.kind === 'model' ? ofModel(item, overrides) : item)),
});
