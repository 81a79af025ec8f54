import type {
  Artefact,
  Completions,
  Files,
  GraphMap,
  HighlightRule,
  Hover,
  MemoryMap,
  TypedModel,
} from 'iwaec';

/** A diagnostic as the page needs it: places are offsets of UTF-16 units in the text. */
export interface Problem {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly from: number;
  readonly to: number;
  readonly message: string;
  readonly found: string | null;
  readonly expected: string | null;
  readonly help: string | null;
  readonly notes: readonly string[];
}

/** A program that compiles. */
export interface Compiled {
  readonly text: string;
  readonly model: TypedModel;
  readonly artefact: Artefact;
  readonly milliseconds: number;
}

export interface TextPlace {
  readonly text: string;
  readonly offset: number;
}

/** What the compiler's worker is asked for, and what it answers. */
export interface CompilerCalls {
  /** How to colour a text. */
  highlight: { readonly request: null; readonly answer: readonly HighlightRule[] };
  /** What is wrong with a text. */
  check: { readonly request: { readonly text: string }; readonly answer: readonly Problem[] };
  compile: {
    readonly request: { readonly text: string };
    readonly answer: { readonly problems: readonly Problem[]; readonly compiled: Compiled | null };
  };
  /** The text with another bound in place of its own; `graphs` and the like go on with the text's own program. */
  variant: {
    readonly request: { readonly text: string; readonly bound: string };
    readonly answer: { readonly problems: readonly Problem[]; readonly artefact: Artefact | null };
  };
  /** What `iwaec build` writes of a program, and the paths of the runtime's files, which it writes beside that. */
  files: {
    readonly request: { readonly artefact: Artefact };
    readonly answer: { readonly files: Files; readonly runtime: readonly string[] };
  };
  /** What the word at an offset means and is worth. */
  hover: { readonly request: TextPlace; readonly answer: Hover | null };
  /** What may stand at an offset. */
  complete: { readonly request: TextPlace; readonly answer: Completions | null };
  /** The tensor graphs of the last program that compiled. */
  graphs: { readonly request: null; readonly answer: readonly GraphMap[] };
  /** Where the temporary arrays of that program's entries lie. */
  memory: { readonly request: null; readonly answer: readonly MemoryMap[] };
}

export type CallName = keyof CompilerCalls;
export type Request<Name extends CallName> = CompilerCalls[Name]['request'];
export type Answer<Name extends CallName> = CompilerCalls[Name]['answer'];

export interface CallMessage {
  readonly number: number;
  readonly name: CallName;
  readonly request: Request<CallName>;
}

export interface AnswerMessage {
  readonly number: number;
  readonly answer?: Answer<CallName>;
  /** What went wrong inside the compiler itself. */
  readonly failure?: string;
}
