import { element } from '../../app/dom.js';
import type { Compiled } from '../../compiler/messages.js';
import type { Pane } from '../pane.js';
import { followProgram } from '../program-view.js';
import { shapeText, tableOf } from '../table.js';
import { drawPlates } from './diagram.js';
import { factorText, factsOf } from './factors.js';
import { layoutPlates } from './layout.js';

/** The model as a plate diagram, and its factors as a table. */
function render({ model, artefact }: Compiled, body: HTMLElement): void {
  const recognition = model.recognition.map(factor => factsOf(model, factor));
  const generative = model.generative.map(factor => factsOf(model, factor));
  const factors = [...recognition, ...generative];
  const latents = model.recognition.map(({ variable, shape }) => ({
    name: variable,
    caption: shapeText(shape),
    observed: false,
  }));
  const data = model.data.map(({ name, element: kind, shape }) => ({
    name,
    caption: `${kind} ${shapeText(shape)}`,
    observed: true,
  }));
  const { axes, text } = model.objective;
  const samples = axes.map(({ name, size }) => `${name} = ${size.toLocaleString('en')}`).join(', ');
  const { batch } = artefact.program.training;
  const diagram = layoutPlates([...latents, ...data], factors, {
    rows: `rows, ${batch.toLocaleString('en')} a batch`,
    samples: samples === '' ? null : `samples, ${samples}`,
  });
  const formula = factors.map(factorText).join(', ');
  const parameters = artefact.program.parameters
    .map(({ shape }) => shape.reduce((product, size) => product * size, 1))
    .reduce((sum, size) => sum + size, 0);
  body.append(
    element('h2', {}, model.name),
    element(
      'p',
      { class: 'lead' },
      `${parameters.toLocaleString('en')} parameters. Bound ${text}, batch ${batch.toLocaleString('en')}.`,
    ),
    element(
      'figure',
      { class: 'plate-figure' },
      drawPlates(diagram, `Plate diagram. ${formula}.`),
      element(
        'figcaption',
        {},
        'Solid: the generative network p. Dashed: the recognition network q. Shaded: observed.',
      ),
    ),
    tableOf(
      'Factors',
      [
        { title: 'Factor' },
        { title: 'Distribution' },
        { title: 'Shape' },
        { title: 'Parameters', numeric: true },
      ],
      factors.map(facts => [
        factorText(facts),
        facts.factor.distribution,
        shapeText(facts.factor.shape),
        facts.parameters.toLocaleString('en'),
      ]),
    ),
  );
}

export const modelPane: Pane = {
  id: 'model',
  title: 'Model',
  create: (host, app) => followProgram(host, app, render),
};
