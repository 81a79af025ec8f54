import type { Pane, PaneView } from '../panes/pane.js';
import type { App } from './app.js';
import { element } from './dom.js';
import type { Shortcut } from './shortcut.js';

const keySteps: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowRight: (index, count) => (index + 1) % count,
  ArrowLeft: (index, count) => (index + count - 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

export const tabShortcuts: readonly Shortcut[] = [
  { keys: ['Left', 'Right'], does: 'show the view before and the next one' },
  { keys: ['Home', 'End'], does: 'show the first and the last view' },
];

/** Tabs by the WAI-ARIA pattern: arrow keys move between them, each shows its panel at once. */
export function createTabs(host: HTMLElement, panes: readonly Pane[], app: App): void {
  const views = new Map<string, PaneView>();
  let current: Pane | null = null;
  const panels = panes.map(({ id }) =>
    element('div', {
      id: `panel-${id}`,
      class: 'panel',
      role: 'tabpanel',
      'aria-labelledby': `tab-${id}`,
      tabindex: 0,
      hidden: true,
    }),
  );
  const tabs = panes.map(({ id, title }, index) =>
    element(
      'button',
      {
        id: `tab-${id}`,
        role: 'tab',
        type: 'button',
        'aria-controls': `panel-${id}`,
        onclick: () => select(index),
        onkeydown: (event: KeyboardEvent) => onKey(event, index),
      },
      title,
    ),
  );

  function select(index: number): void {
    const pane = panes[index]!;
    tabs.forEach((tab, i) => {
      tab.setAttribute('aria-selected', String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
      panels[i]!.hidden = i !== index;
    });
    if (current !== null && current !== pane) views.get(current.id)?.hide?.();
    current = pane;
    const view = views.get(pane.id) ?? pane.create(panels[index]!, app);
    views.set(pane.id, view);
    view.show?.();
  }

  function onKey(event: KeyboardEvent, index: number): void {
    const step = keySteps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = step(index, panes.length);
    select(next);
    tabs[next]!.focus();
  }

  host.append(
    element('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Views of the model' }, ...tabs),
    ...panels,
  );
  select(
    Math.max(
      0,
      panes.findIndex(({ id }) => id === 'train'),
    ),
  );
}
