import type { GraphMap, Program } from 'iwaec';
import { element } from '../../app/dom.js';
import { entryChoices } from '../entries.js';
import type { Pane } from '../pane.js';
import { followProgram } from '../program-view.js';
import { createGraphView } from './graph-view.js';

interface Choice {
  readonly name: string;
  readonly label: string;
  readonly map: GraphMap;
}

/** Every graph of every entry; one that runs behind another is named after it. */
const choicesOf = (program: Program, maps: readonly GraphMap[]): readonly Choice[] =>
  entryChoices(program).flatMap(({ name, label }) =>
    maps
      .filter(({ entry }) => entry === name)
      .map((map, part) => ({
        name: `${name} ${part}`,
        label: part === 0 ? label : `${label}, then ${map.name}`,
        map,
      })),
  );

/** How many nodes of each operation a graph has, most frequent first. */
function countText({ nodes }: GraphMap): string {
  const counts = new Map<string, number>();
  for (const { operation } of nodes) {
    const word = operation.split(' ', 1)[0]!;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].filter(([word]) => Number.isNaN(Number(word)));
  const most = words.sort((a, b) => b[1] - a[1]).slice(0, 6);
  return `${nodes.length.toLocaleString('en')} nodes: ${most.map(([word, count]) => `${count} ${word}`).join(', ')}`;
}

const asText = ({ text }: GraphMap, open: boolean, toggled: (open: boolean) => void): HTMLElement => {
  const details = element(
    'details',
    { open, ontoggle: () => toggled(details.open) },
    element('summary', {}, 'The graph as text'),
    element(
      'p',
      { class: 'lead' },
      'One line for each node: its axes with their sizes, the operation and its arguments.',
    ),
    element('pre', { class: 'listing', tabindex: 0, 'aria-label': 'Graph as text' }, text.trimEnd()),
  );
  return details;
};

export const tensorPane: Pane = {
  id: 'tensor',
  title: 'Tensor graph',
  create: (host, app) => {
    let chosen = 'train_step 0';
    let runs = true;
    let textIsOpen = false;
    return followProgram(host, app, async ({ artefact }, body, isCurrent) => {
      const maps = await app.compiler.call('graphs', null);
      if (!isCurrent()) return;
      const choices = choicesOf(artefact.program, maps);
      const options = choices.map(({ name, label }) => element('option', { value: name }, label));
      const picker = element('select', {}, ...options);
      const joined = element('input', { type: 'checkbox', checked: runs });
      const facts = element('p', { class: 'lead', role: 'status' });
      const place = element('div');
      const show = () => {
        chosen = picker.value;
        runs = joined.checked;
        const choice = choices.find(({ name }) => name === chosen);
        if (choice === undefined) return;
        facts.textContent = countText(choice.map);
        const text = asText(choice.map, textIsOpen, open => {
          textIsOpen = open;
        });
        place.replaceChildren(createGraphView(choice.map, runs), text);
      };
      if (choices.some(({ name }) => name === chosen)) picker.value = chosen;
      picker.onchange = show;
      joined.onchange = show;
      show();
      body.append(
        element('p', { class: 'lead' }, 'After differentiation and simplification.'),
        element(
          'div',
          { class: 'controls' },
          element('label', { class: 'control' }, 'Graph', picker),
          element('label', { class: 'control' }, joined, 'element-wise runs as one box'),
        ),
        facts,
        place,
      );
    });
  },
};
