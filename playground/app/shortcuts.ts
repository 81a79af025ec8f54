import { element } from './dom.js';
import type { Shortcut } from './shortcut.js';

export interface ShortcutGroup {
  readonly title: string;
  readonly shortcuts: readonly Shortcut[];
}

const openKey = '?';

const pageShortcuts: ShortcutGroup = {
  title: 'Anywhere but in a field of text',
  shortcuts: [
    { keys: [openKey], does: 'shows this list' },
    { keys: ['Tab'], does: 'goes to the next control, out of the editor too' },
  ],
};

const rowsOf = ({ title, shortcuts }: ShortcutGroup): readonly HTMLElement[] => [
  element('h3', {}, title),
  element(
    'dl',
    {},
    ...shortcuts.map(({ keys, does }) =>
      element(
        'div',
        { class: 'shortcut' },
        element('dt', {}, ...keys.map(key => element('kbd', {}, key))),
        element('dd', {}, does),
      ),
    ),
  ),
];

const isTyped = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, select, textarea, [contenteditable=true]') !== null;

/** A list of all keys, behind a button and the key `?`. */
export function createShortcuts(host: HTMLElement, groups: readonly ShortcutGroup[]): void {
  const dialog = element(
    'dialog',
    { class: 'shortcuts', 'aria-labelledby': 'shortcuts-title' },
    element(
      'div',
      { class: 'heading' },
      element('h2', { id: 'shortcuts-title' }, 'Keyboard shortcuts'),
      element('button', { type: 'button', autofocus: true, onclick: () => dialog.close() }, 'Close'),
    ),
    ...[pageShortcuts, ...groups].flatMap(rowsOf),
  );
  const open = () => {
    if (!dialog.open) dialog.showModal();
  };
  document.addEventListener('keydown', event => {
    if (event.key !== openKey || event.ctrlKey || event.metaKey || event.altKey || isTyped(event.target))
      return;
    event.preventDefault();
    open();
  });
  host.append(
    element('button', { type: 'button', 'aria-keyshortcuts': openKey, onclick: open }, 'Shortcuts'),
    dialog,
  );
}
