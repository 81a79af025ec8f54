/**
 * A compiler bug, never a user's mistake: an invariant of the compiler does not hold.
 * `dump` is the text of the intermediate program at fault, for the bug report.
 */
export class CompilerBug extends Error {
  override readonly name = 'CompilerBug';
  readonly dump: string | undefined;
  constructor(message: string, dump?: string) {
    super(message);
    this.dump = dump;
  }
}

export function invariant(condition: unknown, message: string | (() => string)): asserts condition {
  if (!condition) throw new CompilerBug(typeof message === 'string' ? message : message());
}

export const unreachable = (value: never, what: string): never => {
  throw new CompilerBug(`unexpected ${what}: ${JSON.stringify(value)}`);
};
