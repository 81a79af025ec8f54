import {
  builtins,
  type CheckResult,
  describeValue,
  type Library,
  type Observation,
  primitiveNames,
} from '../check/index.js';
import type { Parameter } from '../model/ir.js';
import { counted } from '../support/words.js';
import type * as ast from '../syntax/ast.js';
import type { AnyNode } from '../syntax/index.js';
import { type Described, describeBuiltin, describeDeclaration, familiesAt } from './declarations.js';
import type { Place } from './place.js';

/** What an editor shows of the word under the pointer. */
export interface Hover {
  readonly from: number;
  readonly to: number;
  /** `layer dense(x: real[n], size: int)`, or `h`. */
  readonly title: string;
  /** What it is worth here, such as `real[200]`. */
  readonly value: string | null;
  /** Learned numbers that it brings along, such as `157,000 parameters: dense1.weight [784, 200], …`. */
  readonly parameters: string | null;
  readonly doc: string | null;
}

const mostNamed = 6;

/** Shapes, and how many numbers they are in all. */
function parametersText(parameters: readonly Parameter[]): string | null {
  if (parameters.length === 0) return null;
  const sizes = parameters.map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const named = parameters
    .slice(0, mostNamed)
    .map(({ name, shape }) => `${name.split('.').slice(2).join('.') || name} [${shape.join(', ')}]`);
  const more = parameters.length > mostNamed ? [`${parameters.length - mostNamed} more`] : [];
  const count = total === 1 ? '1 parameter' : `${total.toLocaleString('en')} parameters`;
  return `${count}: ${[...named, ...more].join(', ')}`;
}

/** Without the quotes of a sentence: `real[200]`, `normal[50]`. */
const worthOf = ({ value }: Observation): string | null =>
  value.kind === 'failed'
    ? null
    : describeValue(value)
        .replace(/^the distribution /, '')
        .replaceAll('`', '');

/** Those of the innermost call: what is piped into it has its own. */
function ownParameters(
  { expression, parameters }: Observation,
  observations: ReadonlyMap<ast.Expression, Observation>,
): readonly Parameter[] {
  if (expression.kind !== 'binary' || expression.operator !== '|>') return parameters;
  const piped = new Set(observations.get(expression.left)?.parameters);
  return parameters.filter(parameter => !piped.has(parameter));
}

/** What is called by this name where the place stands. */
function calledHere(library: Library, place: Place): Described | null {
  for (const family of familiesAt(place)) {
    const declaration = library[family].get(place.word);
    if (declaration !== undefined) return describeDeclaration(declaration);
  }
  if (Object.hasOwn(builtins, place.word))
    return describeBuiltin(place.word, builtins[place.word]!.parameters);
  return (primitiveNames as readonly string[]).includes(place.word)
    ? describeBuiltin(place.word, ['v'])
    : null;
}

/** The statement that gives the word its name, where the word is that name. */
const namedStatement = ({
  path,
  from,
}: Place): (AnyNode & (ast.Let | ast.Draw | ast.ParameterDeclaration)) | null => {
  const node = path.find(({ kind }) => kind === 'let' || kind === 'draw' || kind === 'parameter') as
    | (AnyNode & (ast.Let | ast.Draw | ast.ParameterDeclaration))
    | undefined;
  return node !== undefined && node.name.span.start === from ? node : null;
};

/** Null where there is nothing to say. `observations` are those of the check. */
export function hoverAt(
  { library, model }: CheckResult,
  observations: ReadonlyMap<ast.Expression, Observation>,
  place: Place,
): Hover | null {
  const { word, from, to, path } = place;
  if (word === '' || /^\d/.test(word)) return null;
  const at = { from, to };
  const statement = namedStatement(place);
  if (statement !== null) {
    const seen = observations.get(statement.value);
    const verb = statement.kind === 'draw' ? '~' : '=';
    return {
      ...at,
      title: `${word} ${verb} …`,
      value: seen === undefined ? null : worthOf(seen),
      parameters: seen === undefined ? null : parametersText(seen.parameters),
      doc: null,
    };
  }
  const inner = [...path].reverse().find(node => observations.has(node as ast.Expression)) as
    | ast.Expression
    | undefined;
  const seen = inner === undefined ? undefined : observations.get(inner);
  const worth = seen === undefined ? null : worthOf(seen);
  if (inner?.kind === 'name' && seen?.value.kind !== 'function' && worth !== null) {
    return { ...at, title: word, value: worth, parameters: null, doc: null };
  }
  const data = model?.data.find(({ name }) => name === word && path.some(({ kind }) => kind === 'data'));
  if (data !== undefined) {
    return {
      ...at,
      title: `data ${word}`,
      value: `${data.element}[${data.shape.join(', ')}]`,
      parameters: null,
      doc: null,
    };
  }
  const called = calledHere(library, place);
  if (called === null) return modelHover(model, place);
  const isCallee = inner?.kind !== 'name' && seen !== undefined;
  return {
    ...at,
    title: `${called.kind} ${called.signature}`,
    value: isCallee ? worth : null,
    parameters: isCallee ? parametersText(ownParameters(seen, observations)) : null,
    doc: called.doc,
  };
}

/** The name of the model stands for all of its parameters. */
function modelHover(model: CheckResult['model'], { word, from, to }: Place): Hover | null {
  if (model === null || model.name !== word) return null;
  const total = (role: Parameter['role']) =>
    model.parameters
      .filter(parameter => parameter.role === role)
      .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  const [recognition, generative] = [total('recognition'), total('generative')];
  const latents = counted(model.recognition.length, 'stochastic layer');
  return {
    from,
    to,
    title: `model ${word}`,
    value: `${latents}, ${model.objective.text}`,
    parameters: `${(recognition + generative).toLocaleString('en')} parameters: ${recognition.toLocaleString('en')} of q, ${generative.toLocaleString('en')} of p`,
    doc: null,
  };
}
