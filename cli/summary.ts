import type { Program } from '../compiler/index.js';
import { parameterCount } from './statistics.js';
import { count, counted, table } from './words.js';

const extents = (shape: readonly number[]): string => (shape.length === 0 ? '' : `[${shape.join(', ')}]`);

/** What a program is, in a few lines. */
export function summary(program: Program): string {
  const { model, training } = program;
  const arrays = (role: 'recognition' | 'generative') =>
    program.parameters.filter(slot => slot.role === role);
  return table([
    ['data', model.data.map(({ name, element, shape }) => `${name}: ${element}${extents(shape)}`).join(', ')],
    ['latents', model.latents.map(({ name, shape }) => `${name}${extents(shape)}`).join(', ')],
    [
      'parameters',
      `${count(parameterCount(program))} in ${counted(program.parameters.length, 'array')} ` +
        `(${arrays('recognition').length} recognition, ${arrays('generative').length} generative)`,
    ],
    ['bound', model.bound],
    [
      'training',
      `${training.optimizer}, batch ${training.batch}, ${training.schedule}: ${counted(training.epochs, 'epoch')}`,
    ],
  ]);
}

/** The same for machines. */
export const summaryJson = (program: Program) => ({
  model: program.model.name,
  signature: program.model.signature,
  bound: program.model.bound,
  k: program.model.k,
  data: program.model.data.map(({ name, element, shape }) => ({ name, element, shape })),
  latents: program.model.latents.map(({ name, shape }) => ({ name, shape })),
  parameters: parameterCount(program),
  arrays: program.parameters.map(({ name, role, shape }) => ({ name, role, shape })),
  training: { ...program.training },
});
