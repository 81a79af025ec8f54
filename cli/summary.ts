import type { Checked } from '../compiler/index.js';
import { count, counted, table } from './words.js';

type Model = NonNullable<Checked['model']>;

const extents = (shape: readonly number[]): string => (shape.length === 0 ? '' : `[${shape.join(', ')}]`);
const elements = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);
const parameterCount = ({ parameters }: Model): number =>
  parameters.reduce((sum, { shape }) => sum + elements(shape), 0);

/** What a model is, in a few lines. */
export function summary(model: Model): string {
  const { data, recognition, parameters, training } = model;
  const arrays = (role: 'recognition' | 'generative') =>
    parameters.filter(parameter => parameter.role === role).length;
  const epochs = counted(training.schedule.epochs, 'epoch');
  return table([
    ['data', data.map(({ name, element, shape }) => `${name}: ${element}${extents(shape)}`).join(', ')],
    ['latents', recognition.map(({ variable, shape }) => `${variable}${extents(shape)}`).join(', ')],
    [
      'parameters',
      `${count(parameterCount(model))} in ${counted(parameters.length, 'array')} ` +
        `(${arrays('recognition')} recognition, ${arrays('generative')} generative)`,
    ],
    ['bound', stagesText(model)],
    ['training', `${training.optimizer.text}, batch ${training.batch}, ${training.schedule.text}: ${epochs}`],
  ]);
}

/** `elbo(k=5) for 10 epochs then iwae(k=50)` */
const stagesText = ({ earlier, objective }: Model): string =>
  [
    ...earlier.map(stage => `${stage.objective.text} for ${counted(stage.epochs, 'epoch')}`),
    objective.text,
  ].join(' then ');

/** The same for machines. */
export const summaryJson = (model: Model) => ({
  model: model.name,
  bound: model.objective.text,
  earlier: model.earlier.map(({ objective, epochs }) => ({ bound: objective.text, epochs })),
  data: model.data.map(({ name, element, shape }) => ({ name, element, shape })),
  latents: model.recognition.map(({ variable, shape }) => ({ name: variable, shape })),
  parameters: parameterCount(model),
  arrays: model.parameters.map(({ name, role, shape }) => ({ name, role, shape })),
  training: {
    batch: model.training.batch,
    optimizer: model.training.optimizer.text,
    schedule: model.training.schedule.text,
    epochs: model.training.schedule.epochs,
  },
});
