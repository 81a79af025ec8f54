import {
  artefactFiles,
  artefactPaths,
  type Compilation,
  check,
  compile,
  complete,
  type Diagnostic,
  highlightRules,
  hover,
} from 'iwaec';
import type { Answer, AnswerMessage, CallMessage, CallName, Problem, Request } from './messages.js';

const path = 'model.iwae';
const requestFor = (text: string) => ({ source: { path, text }, readImport: () => null });

/** A diagnostic in another file is shown at the start. */
function problemOf({ span, code, severity, message, found, expected, help, notes }: Diagnostic): Problem {
  const own = span.file.path === path;
  const from = own ? span.start : 0;
  const to = own ? span.end : 0;
  return { code, severity, from, to, message, found, expected, help, notes };
}

let last: Compilation | null = null;

async function compileText(text: string): Promise<Answer<'compile'>> {
  const start = performance.now();
  const compilation = await compile(requestFor(text));
  const problems = compilation.diagnostics.map(problemOf);
  const { artefact } = compilation;
  const { model } = check(requestFor(text));
  if (artefact === null || model === null) return { problems, compiled: null };
  last = compilation;
  return { problems, compiled: { text, model, artefact, milliseconds: performance.now() - start } };
}

async function compileVariant(text: string, bound: string): Promise<Answer<'variant'>> {
  const { diagnostics, artefact } = await compile({ ...requestFor(text), overrides: { bound } });
  return { problems: diagnostics.map(problemOf), artefact };
}

const handlers: { readonly [Name in CallName]: (request: Request<Name>) => Promise<Answer<Name>> } = {
  highlight: async () => highlightRules,
  check: async ({ text }) => check(requestFor(text)).diagnostics.map(problemOf),
  compile: ({ text }) => compileText(text),
  variant: ({ text, bound }) => compileVariant(text, bound),
  files: async ({ artefact }) => ({ files: artefactFiles(artefact), runtime: artefactPaths.runtime }),
  hover: async ({ text, offset }) => hover(requestFor(text), offset),
  complete: async ({ text, offset }) => complete(requestFor(text), offset),
  graphs: async () => last?.graphs() ?? [],
  memory: async () => last?.memory() ?? [],
};

const reply = (message: AnswerMessage) => self.postMessage(message);

self.onmessage = ({ data: { number, name, request } }: MessageEvent<CallMessage>) => {
  const handle = handlers[name] as (request: Request<CallName>) => Promise<Answer<CallName>>;
  handle(request).then(
    answer => reply({ number, answer }),
    error => reply({ number, failure: error instanceof Error ? error.message : String(error) }),
  );
};
