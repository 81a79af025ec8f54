import { CompilerBug } from './support/bug.js';

/** One step from a program to the same program, better. A value, so that pipelines are data. */
export interface Pass<IR> {
  /** Kebab-case; what dumps and errors call it. */
  readonly name: string;
  /** What it is for, in one line. */
  readonly purpose: string;
  readonly run: (ir: IR) => IR;
}

export interface PassOptions<IR> {
  /** Text of the program, for the report of a failing pass. */
  readonly print: (ir: IR) => string;
  /** Checks the IR's invariants, throwing CompilerBug; runs on what comes in and after each pass, where given. */
  readonly verify?: ((ir: IR) => void) | undefined;
  /** Sees the program after each pass. */
  readonly onDump?: ((pass: Pass<IR>, ir: IR) => void) | undefined;
}

function blaming<IR, Value>(what: string, ir: IR, print: (ir: IR) => string, run: () => Value): Value {
  try {
    return run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const dump = error instanceof CompilerBug ? error.dump : undefined;
    throw new CompilerBug(`${what}: ${reason}`, dump ?? print(ir));
  }
}

/** Runs `passes` in order. A failure is a CompilerBug that names the pass and holds the program's text. */
export function runPasses<IR>(ir: IR, passes: readonly Pass<IR>[], options: PassOptions<IR>): IR {
  const { print, verify, onDump } = options;
  if (verify) blaming('before the first pass', ir, print, () => verify(ir));
  return passes.reduce((before, pass) => {
    const after = blaming(`pass ${pass.name}`, before, print, () => pass.run(before));
    if (verify) blaming(`after pass ${pass.name}`, after, print, () => verify(after));
    onDump?.(pass, after);
    return after;
  }, ir);
}
