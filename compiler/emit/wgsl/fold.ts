import { pointCount } from '../../kernel/affine.js';
import type { Loop, Reduction, Store } from '../../kernel/ir.js';
import { lowestFinite, reductionScalars } from '../../kernel/scalar.js';
import { printAffine, printScalars, type Scope } from './expression.js';
import type { ModuleText } from './module.js';
import { identifier, literal, type Text } from './text.js';

type Combine = 'sum' | 'max';

export const combineOf = (reduction: Reduction): Combine =>
  reduction.kind === 'fold' ? reduction.combine : 'sum';

export const identityOf = (combine: Combine): string => literal(combine === 'sum' ? 0 : lowestFinite);

export const combined = (combine: Combine, a: string, b: string): string =>
  combine === 'sum' ? `${a} + ${b}` : `max(${a}, ${b})`;

/** What one point of a reduction contributes. */
export function printTerm(text: Text, module: ModuleText, reduction: Reduction, scope: Scope): string {
  const values = printScalars(text, module, reductionScalars(reduction), scope);
  return reduction.kind === 'fold' ? values[0]! : `${values[0]} * ${values[1]}`;
}

/** A reduction as loops of one invocation; returns the name of its result. */
export function printFold(text: Text, module: ModuleText, reduction: Reduction, scope: Scope): string {
  const combine = combineOf(reduction);
  const result = module.fresh('sum');
  text.line(`var ${result} = ${identityOf(combine)};`);
  forEachTerm(text, module, reduction.loops, counters => {
    const term = printTerm(text, module, reduction, {
      ...scope,
      loops: new Map([...scope.loops, ...counters]),
    });
    text.line(`${result} = ${combined(combine, result, term)};`);
  });
  return result;
}

/** A reduction's loops around what is done for one of its terms. */
export function forEachTerm(
  text: Text,
  module: ModuleText,
  loops: readonly Loop[],
  print: (counters: ReadonlyMap<string, string>) => void,
): void {
  const [loop, ...inner] = loops;
  if (loop === undefined) {
    print(new Map());
    return;
  }
  const counter = module.fresh(`${identifier('at', loop.name)}_`);
  module.loop(text, counter, loop.extent, () => {
    forEachTerm(text, module, inner, counters => print(new Map([[loop.name, counter], ...counters])));
  });
}

/** Evaluates whole-element stores and then writes them, so that a point reads what it replaces before it replaces it. */
export function printStores(
  text: Text,
  module: ModuleText,
  stores: readonly Store[],
  scope: Scope,
): readonly string[] {
  const values = printScalars(
    text,
    module,
    stores.map(store => store.value),
    scope,
  );
  const results = stores.map((store, i) => {
    if (store.partial !== null || stores.length === 1) return values[i]!;
    const name = module.fresh('result');
    text.line(`let ${name} = ${values[i]};`);
    return name;
  });
  stores.forEach((store, i) => {
    if (store.partial !== null) return;
    text.line(module.store(store.buffer, printAffine(module, store.index, scope.loops), results[i]!));
  });
  return results;
}

export const termCount = (reduction: Reduction): number => pointCount(reduction.loops);
