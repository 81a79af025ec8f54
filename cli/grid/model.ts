import type { Checked } from '../../compiler/index.js';
import { compiler } from '../doors.js';
import { type CompileChoices, overridesOf, readSpec, reportDiagnostics, requestFor } from '../spec.js';
import type { Terminal } from '../terminal.js';
import type { Settings } from './settings.js';

export type Model = NonNullable<Checked['model']>;

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

/** What the compiler is told of a cell. */
export function compileChoices({ model, bound, schedule, k, batch }: Settings): CompileChoices {
  return {
    model,
    overrides: overridesOf({ bound, schedule, k: numberOf(k), batch: numberOf(batch) }),
  };
}

/**
 * The model of a cell.
 * @throws Failure `program` with all that is wrong with it
 */
export async function modelOf(terminal: Terminal, settings: Settings): Promise<Model> {
  const { check } = await compiler();
  const { diagnostics, model } = check(requestFor(readSpec(settings.spec!), compileChoices(settings)));
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  await reportDiagnostics(terminal, errors);
  if (model === null) throw new Error('the compiler gave neither a model nor an error');
  return model;
}
