import type { Workspace } from '../compiler/workspace.js';
import { type Example, examples } from '../examples.js';
import { earlierText, keepEarlierText, keepTheme, keptTheme, type Theme, themes } from '../storage/kept.js';
import { fragmentOf } from '../storage/share.js';
import { element } from './dom.js';
import type { Notices } from './notices.js';

const isExample = (text: string) => examples.some(example => example.text === text);

/** Replaces the text; one of the person's own is kept, and can be had back. */
export function replaceText(workspace: Workspace, notices: Notices, text: string): void {
  const before = workspace.text.get();
  const worthKeeping = before !== text && before.trim() !== '' && !isExample(before);
  if (worthKeeping) keepEarlierText(before);
  workspace.text.set(text);
  if (!worthKeeping) return;
  notices.show('Your text was replaced.', { label: 'Get it back', run: () => workspace.text.set(before) });
}

async function share(workspace: Workspace, notices: Notices): Promise<void> {
  try {
    const address = new URL(fragmentOf(workspace.text.get()), location.href).href;
    history.replaceState(null, '', address);
    await navigator.clipboard.writeText(address).then(
      () => notices.show('The address of this model is copied; it is in the address bar as well.'),
      () => notices.show('The address of this model is in the address bar.'),
    );
  } catch (error) {
    notices.show(`This model cannot be shared: ${error instanceof Error ? error.message : error}.`);
  }
}

function exampleMenu(workspace: Workspace, notices: Notices): HTMLElement {
  const options = examples.map(({ name, title }: Example) =>
    element('option', { value: name }, `${name}: ${title}`),
  );
  const menu = element(
    'select',
    {
      onchange: () => {
        const example = examples.find(({ name }) => name === menu.value);
        if (example !== undefined) replaceText(workspace, notices, example.text);
      },
    },
    element('option', { value: '' }, 'Your own text'),
    ...options,
  );
  workspace.text.subscribe(text => {
    menu.value = examples.find(example => example.text === text)?.name ?? '';
  });
  return element('label', { class: 'control' }, 'Example', menu);
}

function themeMenu(): HTMLElement {
  const show = (theme: Theme) => {
    document.documentElement.style.colorScheme = theme === 'system' ? '' : theme;
  };
  const menu = element('select', {}, ...themes.map(theme => element('option', { value: theme }, theme)));
  menu.onchange = () => {
    const theme = themes.find(candidate => candidate === menu.value) ?? 'system';
    show(theme);
    keepTheme(theme);
  };
  const kept = keptTheme();
  menu.value = kept;
  show(kept);
  return element('label', { class: 'control' }, 'Colours', menu);
}

/** Brings back the text that was replaced last, which may be of an earlier visit. */
function earlierButton(workspace: Workspace, notices: Notices): HTMLElement {
  const button = element('button', { type: 'button' }, 'Earlier text');
  const update = () => {
    const earlier = earlierText();
    button.hidden = earlier === null || earlier === workspace.text.get();
  };
  button.onclick = () => {
    const earlier = earlierText();
    if (earlier !== null) replaceText(workspace, notices, earlier);
    update();
  };
  workspace.text.subscribe(update);
  return button;
}

export function createToolbar(host: HTMLElement, workspace: Workspace, notices: Notices): void {
  host.append(
    exampleMenu(workspace, notices),
    element('button', { type: 'button', onclick: () => void share(workspace, notices) }, 'Share'),
    earlierButton(workspace, notices),
    themeMenu(),
  );
}
