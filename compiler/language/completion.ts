import {
  builtins,
  type CheckResult,
  elementRanges,
  type Family,
  primitiveNames,
  settingNames,
} from '../check/index.js';
import { quantityNames } from '../model/ir.js';
import type * as ast from '../syntax/ast.js';
import { keywords } from '../syntax/index.js';
import { type Described, declarationsIn, describeBuiltin } from './declarations.js';
import type { Place } from './place.js';

/** What an editor offers at a place. */
export interface Completion {
  readonly label: string;
  readonly kind: 'call' | 'variable' | 'argument' | 'type' | 'keyword';
  /** A signature, or what it is. */
  readonly detail: string | null;
  readonly doc: string | null;
}

export interface Completions {
  /** Where the word starts that they stand in for. */
  readonly from: number;
  readonly items: readonly Completion[];
}

const callOf = ({ name, kind, signature, doc }: Described): Completion => ({
  label: name,
  kind: 'call',
  detail: `${kind} ${signature}`,
  doc,
});

const plain = (
  kind: Completion['kind'],
  labels: readonly string[],
  detail: string | null = null,
): readonly Completion[] => labels.map(label => ({ label, kind, detail, doc: null }));

/** The call whose parentheses are open at the end of the text, by name. */
function openCall(text: string): string | null {
  let depth = 0;
  for (let at = text.length - 1; at >= 0 && text.length - at < 2000; at--) {
    const letter = text[at]!;
    if (letter === ')' || letter === ']') depth++;
    else if (letter === '(' || letter === '[') depth--;
    else if (letter === '{' || letter === '}') return null;
    if (depth < 0) return /([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\s*$/.exec(text.slice(0, at))?.[1] ?? null;
  }
  return null;
}

/** Names that the statements on lines before this place define. */
function variablesAt(text: string, { path, from }: Place): readonly string[] {
  const model = path.find(({ kind }) => kind === 'model') as ast.Model | undefined;
  const network = path.find(({ kind }) => kind === 'network') as ast.Network | undefined;
  if (model === undefined || network === undefined) return [];
  const data = model.members.flatMap(member => (member.kind === 'data' ? [member.name.name] : []));
  const before = network.statements.flatMap(statement =>
    statement.kind !== 'return' && text.slice(statement.span.end, from).includes('\n')
      ? [statement.name.name]
      : [],
  );
  return [...new Set([...(network.role === 'recognition' ? data : []), ...before])];
}

/** What the beginning of a line alone decides; null: an expression. */
function ofLine(line: string, { library }: CheckResult, { path }: Place): readonly Completion[] | null {
  const declared = (family: Family) => declarationsIn(library, family).map(callOf);
  const inModel = path.some(({ kind }) => kind === 'model');
  if (/^\s*optimizer\s+\w*$/.test(line) && inModel) return declared('optimizers');
  if (/^\s*schedule\s+\w*$/.test(line) && inModel) return declared('schedules');
  if (/^\s*bound\s+\w*$/.test(line) && inModel) return declared('bounds');
  if (/^\s*gradient\s+\w*$/.test(line)) return plain('keyword', ['sum', 'mean'], 'over the batch');
  if (/^\s*data\s+\w+\s*:\s*\w*$/.test(line)) return plain('type', Object.keys(elementRanges));
  if (!/^\s*\w*$/.test(line)) return null;
  if (path.some(({ kind }) => kind === 'train')) return plain('keyword', settingNames);
  if (path.some(({ kind }) => kind === 'network')) return plain('keyword', ['let', 'param']);
  if (inModel) return plain('keyword', ['data', 'recognition', 'generative', 'bound', 'train']);
  return plain('keyword', ['import', ...keywords.declarations]);
}

/** What may stand at a place: names with their signatures, arguments of the call around, words of the language. */
export function completionsAt(checked: CheckResult, text: string, place: Place): Completions {
  const { from } = place;
  const before = text.slice(0, from);
  const line = before.slice(before.lastIndexOf('\n') + 1) + place.word;
  const decided = ofLine(line, checked, place);
  if (decided !== null) return { from, items: decided };
  const { library } = checked;
  const inBound = place.path.some(({ kind }) => kind === 'bound' || kind === 'bound-choice');
  const families: readonly Family[] = inBound ? ['bounds', 'reductions', 'functions'] : ['functions'];
  const callee = openCall(before);
  const all: readonly Family[] = ['functions', 'bounds', 'optimizers', 'schedules'];
  const called =
    callee === null
      ? []
      : all.flatMap(family => declarationsIn(library, family)).filter(({ name }) => name === callee);
  const named = called.flatMap(({ parameters, name }) =>
    plain(
      'argument',
      parameters.map(parameter => `${parameter}=`),
      `of ${name}`,
    ),
  );
  return {
    from,
    items: [
      ...named,
      ...plain('variable', variablesAt(text, place)),
      ...(inBound ? plain('variable', quantityNames, 'one value for each sample') : []),
      ...families.flatMap(family => declarationsIn(library, family)).map(callOf),
      ...(inBound ? primitiveNames.map(name => callOf(describeBuiltin(name, ['v']))) : []),
      ...Object.entries(builtins).map(([name, { parameters }]) => callOf(describeBuiltin(name, parameters))),
    ].filter(
      (item, i, items) =>
        items.findIndex(({ label, kind }) => label === item.label && kind === item.kind) === i,
    ),
  };
}
