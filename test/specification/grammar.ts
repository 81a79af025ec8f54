import { binaryOperators } from '../../compiler/syntax/index.js';
import { Parser } from '../../compiler/syntax/parse.js';

/** A grammar as a reader wants it, without what the parser only reads to report it. */
export type Part =
  | { readonly kind: 'text' | 'token' | 'rule'; readonly name: string }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Part[] }
  | { readonly kind: 'optional'; readonly part: Part }
  | { readonly kind: 'repeat'; readonly least: 0 | 1; readonly part: Part; readonly separator: Part | null };

export interface Rule {
  readonly name: string;
  readonly part: Part;
}

/** Tokens that a rule reads to say what to write instead. */
const mistakes: Readonly<Record<string, readonly string[]>> = { draw: ['Equals'], argument: ['Colon'] };

/** Rules that are a token under another name, or only report. */
const withoutDiagram: ReadonlySet<string> = new Set(['identifier', 'stray']);

const tokens: Readonly<Record<string, string>> = { Identifier: 'name', Number: 'number', String: 'string' };

/** A production as chevrotain serializes it. */
interface Serialized {
  readonly type: string;
  readonly name?: string;
  readonly pattern?: string;
  readonly definition?: readonly Serialized[];
  readonly separator?: Serialized;
}

/** The grammar that the parser itself holds, file first. */
export function grammar(): readonly Rule[] {
  const productions = new Parser().getSerializedGastProductions() as unknown as readonly Serialized[];
  const rules = productions
    .filter(({ name }) => !withoutDiagram.has(name!))
    .map(({ name, definition }) => ({
      name: ruleName(name!),
      part: simplified(sequenceOf(definition!, mistakes[name!] ?? [])),
    }));
  const order = inOrderOfUse(rules);
  return order.map(wanted => rules.find(({ name }) => name === wanted)!);
}

/** `formalParameters` is called formal-parameters, `letStatement` let. */
const ruleName = (name: string): string =>
  name
    .replace(/(?<=.)(Item|Statement|Literal|Declaration|Expression)$/, '')
    .replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);

const sequenceOf = (definition: readonly Serialized[], left: readonly string[]): Part => ({
  kind: 'sequence',
  parts: definition.flatMap(item => partOf(item, left) ?? []),
});

function partOf(item: Serialized, left: readonly string[]): Part | null {
  const inner = () => sequenceOf(item.definition ?? [], left);
  switch (item.type) {
    case 'Terminal':
      return terminal(item, left);
    case 'NonTerminal':
      if (item.name === 'stray') return null;
      return item.name === 'identifier'
        ? { kind: 'token', name: tokens.Identifier! }
        : { kind: 'rule', name: ruleName(item.name!) };
    case 'Option':
      return { kind: 'optional', part: inner() };
    case 'Repetition':
      return { kind: 'repeat', least: 0, part: inner(), separator: null };
    case 'RepetitionMandatory':
      return { kind: 'repeat', least: 1, part: inner(), separator: null };
    case 'RepetitionWithSeparator':
    case 'RepetitionMandatoryWithSeparator': {
      const least = item.type === 'RepetitionWithSeparator' ? 0 : 1;
      return { kind: 'repeat', least, part: inner(), separator: terminal(item.separator!, left) };
    }
    case 'Alternation':
      return {
        kind: 'choice',
        parts: item.definition!.flatMap(alternative => partOf(alternative, left) ?? []),
      };
    case 'Alternative': {
      const part = inner();
      return part.kind === 'sequence' && part.parts.length === 0 ? null : part;
    }
    default:
      throw new Error(`a ${item.type} in the grammar`);
  }
}

function terminal({ name, pattern }: Serialized, left: readonly string[]): Part | null {
  if (left.includes(name!) || name === 'Reserved' || name === 'Stray') return null;
  if (name === 'Infix') {
    return {
      kind: 'choice',
      parts: Object.keys(binaryOperators).map(text => ({ kind: 'text', name: text })),
    };
  }
  const token = tokens[name!];
  return token === undefined ? { kind: 'text', name: pattern! } : { kind: 'token', name: token };
}

const same = (a: Part, b: Part): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Sequences of one, choices of one and `x { , x }`, written as they would be by hand. */
function simplified(part: Part): Part {
  switch (part.kind) {
    case 'optional':
      return { ...part, part: simplified(part.part) };
    case 'repeat':
      return { ...part, part: simplified(part.part) };
    case 'choice': {
      const parts = part.parts.map(simplified);
      return parts.length === 1 ? parts[0]! : { ...part, parts };
    }
    case 'sequence': {
      const parts = separated(part.parts.map(simplified));
      return parts.length === 1 ? parts[0]! : { ...part, parts };
    }
    default:
      return part;
  }
}

/** `x { separator x }` as one repetition with a separator. */
function separated(parts: readonly Part[]): readonly Part[] {
  const result: Part[] = [];
  for (const part of parts) {
    const before = result.at(-1);
    const repeated = part.kind === 'repeat' && part.part.kind === 'sequence' ? part.part.parts : [];
    const [separator, again] = repeated;
    if (before && separator && again && repeated.length === 2 && same(before, again)) {
      result[result.length - 1] = { kind: 'repeat', least: 1, part: before, separator };
    } else {
      result.push(part);
    }
  }
  return result;
}

function rulesIn(part: Part): readonly string[] {
  switch (part.kind) {
    case 'rule':
      return [part.name];
    case 'sequence':
    case 'choice':
      return part.parts.flatMap(rulesIn);
    case 'optional':
    case 'repeat':
      return rulesIn(part.part);
    default:
      return [];
  }
}

/** `file` first, then each rule behind the one that first needs it. */
function inOrderOfUse(rules: readonly Rule[]): readonly string[] {
  const order = ['file'];
  for (const name of order) {
    const rule = rules.find(candidate => candidate.name === name);
    if (rule === undefined) throw new Error(`the grammar has no rule ${name}`);
    for (const used of rulesIn(rule.part)) if (!order.includes(used)) order.push(used);
  }
  return order;
}
