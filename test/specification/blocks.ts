/** A fenced block of a page. */
interface Fence {
  /** The first word behind the fence, and the others. */
  readonly language: string;
  readonly options: readonly string[];
  readonly text: string;
  /** Of the fence itself, from 1. */
  readonly line: number;
}

export const expectationKinds = ['diagnostics', 'types', 'values', 'bounds', 'formatted'] as const;
export type ExpectationKind = (typeof expectationKinds)[number];

export interface Expectation {
  readonly kind: ExpectationKind;
  readonly text: string;
  readonly line: number;
}

/** What a program is part of: a whole file, members of a model, or statements of a recognition network. */
export const contexts = ['file', 'model', 'network'] as const;
export type Context = (typeof contexts)[number];

/** A block of iwae and all that is said of it. */
export interface Example {
  readonly context: Context;
  readonly accepted: boolean;
  /** The name under which later examples of the page can import it. */
  readonly file: string | null;
  readonly text: string;
  readonly line: number;
  readonly expectations: readonly Expectation[];
}

export interface Page {
  readonly examples: readonly Example[];
  /** Blocks that say nothing that could be tried. */
  readonly untested: readonly string[];
}

/** The examples of a page: each block of iwae with the expectations that follow it, up to the next one. */
export function readPage(markdown: string): Page {
  const examples: Example[] = [];
  const untested: string[] = [];
  for (const fence of fencesOf(markdown)) {
    const last = examples.at(-1);
    if (fence.language === 'iwae') examples.push(exampleOf(fence));
    else if (isExpectation(fence.language) && last !== undefined) {
      const { text, line } = fence;
      const expectation = { kind: fence.language, text, line };
      examples[examples.length - 1] = { ...last, expectations: [...last.expectations, expectation] };
    } else if (fence.language !== 'ebnf') {
      untested.push(`line ${fence.line}: a block of ${fence.language || 'no language'}`);
    }
  }
  for (const { accepted, file, expectations, line } of examples) {
    if (!accepted && file === null && expectations.length === 0)
      untested.push(`line ${line}: no expectation`);
  }
  return { examples, untested };
}

const isExpectation = (language: string): language is ExpectationKind =>
  (expectationKinds as readonly string[]).includes(language);

const fencesOf = (markdown: string): readonly Fence[] =>
  [...markdown.matchAll(/^```([^\n]*)\n((?:.*\n)*?)```$/gm)].map(({ 1: info, 2: text, index }) => {
    const [language = '', ...options] = info!.trim().split(/ +/);
    return { language, options, text: text!, line: markdown.slice(0, index).split('\n').length };
  });

function exampleOf({ options, text, line }: Fence): Example {
  const context = contexts.find(name => options.includes(name)) ?? 'file';
  const file = options.find(option => option.startsWith('as='))?.slice('as='.length) ?? null;
  const unknown = options.filter(
    option => option !== context && option !== 'accepted' && option !== `as=${file}`,
  );
  if (unknown.length > 0) throw new Error(`line ${line}: what is ${unknown.join(', ')}?`);
  return { context, accepted: options.includes('accepted'), file, text, line, expectations: [] };
}

/** The lines of an expectation, without the empty ones. */
export const linesOf = ({ text }: Expectation): readonly string[] =>
  text.split('\n').filter(line => line.trim() !== '');
