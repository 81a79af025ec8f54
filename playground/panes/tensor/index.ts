import { element } from '../../app/dom.js';
import { createListing, type Section } from '../listing.js';
import type { Pane } from '../pane.js';
import { followProgram } from '../program-view.js';

/** The compiler prints one graph after another, each under a line with its name. */
export const graphsOf = (text: string): readonly Section[] =>
  text
    .split(/^(?=graph )/m)
    .filter(part => part.startsWith('graph '))
    .map(part => ({ name: part.slice('graph '.length).split('\n', 1)[0]!.trim(), text: part.trimEnd() }));

/** How many nodes of each operation a printed graph has, most frequent first. */
function countText({ text }: Section): string {
  const operations = [...text.matchAll(/^ +%\d+ \[[^\]]*\] ([a-z_]+)/gm)].map(match => match[1]!);
  const nodes = [...text.matchAll(/^ +%\d+ /gm)].length;
  const counts = new Map<string, number>();
  for (const operation of operations) counts.set(operation, (counts.get(operation) ?? 0) + 1);
  const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 6);
  return `${nodes.toLocaleString('en')} nodes: ${most.map(([name, count]) => `${count} ${name}`).join(', ')}`;
}

export const tensorPane: Pane = {
  id: 'tensor',
  title: 'Tensor graph',
  create: (host, app) => {
    const chosen = { name: 'train_step' };
    return followProgram(host, app, async (_, body, isCurrent) => {
      const text = await app.compiler.call('print', { stage: 'tensor' });
      if (!isCurrent() || text === null) return;
      body.append(
        element(
          'p',
          { class: 'lead' },
          'One line for each node: its axes with their sizes, the operation and its arguments. After differentiation and simplification.',
        ),
        createListing('Graph', graphsOf(text), countText, chosen),
      );
    });
  },
};
