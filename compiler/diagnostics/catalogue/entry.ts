export type Severity = 'error' | 'warning';

/** For a code whose words need nothing from the program at hand. */
export type NoFacts = Readonly<Record<string, never>>;

/**
 * One kind of mistake: all its words, made from facts. `message` is one sentence without a full stop; `found` and
 * `expected` are noun phrases; `explain` is the page for the code, Markdown with a wrong and a right example.
 */
export interface Entry<Facts> {
  readonly severity: Severity;
  readonly title: string;
  readonly message: (facts: Facts) => string;
  readonly found?: (facts: Facts) => string | null;
  readonly expected?: (facts: Facts) => string | null;
  readonly help?: (facts: Facts) => string | null;
  readonly explain: string;
}

/** A table of entries of any facts; the keys are the codes. */
export type EntryTable = Readonly<Record<string, Entry<never>>>;

/**
 * Declares an entry: `entry<{ name: string }>({ … })`, or `entry({ … })` where there are no facts. NoInfer keeps the
 * table's type from turning absent facts into `never`.
 */
export const entry = <Facts = NoFacts>(declaration: Entry<Facts>): Entry<NoInfer<Facts>> => declaration;
