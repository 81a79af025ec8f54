import type { Family, Library } from '../check/index.js';
import { scalarOps, scalars } from '../scalar/registry.js';
import { spanText } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import type { Place } from './place.js';

/** What an editor shows of something that can be called. */
export interface Described {
  readonly name: string;
  /** `layer`, `bound`, … */
  readonly kind: string;
  /** `dense(x: real[n], size: int, activation: function = identity)` */
  readonly signature: string;
  readonly doc: string | null;
  readonly parameters: readonly string[];
}

type Declaration = Exclude<ast.Item, ast.Import | ast.Model>;

const parametersOf = (declaration: Declaration): readonly string[] =>
  'parameters' in declaration
    ? declaration.parameters.map(({ name }) => name.name)
    : [declaration.parameter.name];

function signatureOf(declaration: Declaration): string {
  const { name } = declaration.name;
  if (!('parameters' in declaration))
    return `${name}[${declaration.axis.name}](${declaration.parameter.name})`;
  return `${name}(${declaration.parameters.map(({ span }) => spanText(span)).join(', ')})`;
}

export const describeDeclaration = (declaration: Declaration): Described => ({
  name: declaration.name.name,
  kind: declaration.kind,
  signature: signatureOf(declaration),
  doc: declaration.doc,
  parameters: parametersOf(declaration),
});

const builtinDocs: Readonly<Record<string, string>> = {
  sum: 'The sum of all elements; over a sample axis, `sum[k](v)`.',
  mean: 'The mean of all elements, or of a data set: `mean(data x)`.',
  range: 'The list 0, 1, …, n - 1.',
  stop: 'v itself, through which no gradient passes.',
  rank: 'The rank of each sample along an axis, from 0.',
  max: 'The largest sample along an axis.',
};

/** A function or a reduction that is built in. */
export function describeBuiltin(name: string, parameters: readonly string[]): Described {
  const op = scalarOps.find(candidate => candidate === name);
  const doc = builtinDocs[name] ?? (op === undefined ? null : scalars[op].doc);
  return { name, kind: 'function', signature: `${name}(${parameters.join(', ')})`, doc, parameters };
}

/** The families whose names mean something at a place, the likeliest first. */
export function familiesAt({ path }: Place): readonly Family[] {
  const train = path.findIndex(({ kind }) => kind === 'train');
  const setting = train < 0 ? undefined : (path[train + 1] as ast.Setting | undefined);
  if (setting?.name.name === 'optimizer') return ['optimizers'];
  if (setting?.name.name === 'schedule') return ['schedules'];
  const inBound = path.some(
    ({ kind }) => kind === 'bound-choice' || kind === 'bound' || kind === 'reduction' || kind === 'weights',
  );
  return inBound ? ['bounds', 'reductions', 'functions'] : ['functions'];
}

export const declarationsIn = (library: Library, family: Family): readonly Described[] =>
  [...library[family].values()].map(describeDeclaration);
