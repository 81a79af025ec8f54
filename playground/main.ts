import type { App } from './app/app.js';
import { Notices } from './app/notices.js';
import { createProblemList } from './app/problem-list.js';
import { createShortcuts } from './app/shortcuts.js';
import { createTabs, tabShortcuts } from './app/tabs.js';
import { createToolbar, replaceText } from './app/toolbar.js';
import { CompilerClient } from './compiler/client.js';
import { Workspace } from './compiler/workspace.js';
import { createEditor, editorShortcuts } from './editor/editor.js';
import { firstExample } from './examples.js';
import { panes } from './panes/registry.js';
import { graphShortcuts } from './panes/tensor/viewport.js';
import { keepText, keptText } from './storage/kept.js';
import { textOfFragment } from './storage/share.js';
import { Trainer } from './training/trainer.js';

const place = (id: string): HTMLElement => document.getElementById(id)!;

const notices = new Notices(place('notices'));
const compiler = new CompilerClient();
const workspace = new Workspace(compiler, keptText() ?? firstExample.text);
const app: App = {
  compiler,
  workspace,
  trainer: new Trainer(),
  announce: text => {
    place('announcer').textContent = text;
  },
};

function openShared(): void {
  try {
    const shared = textOfFragment(location.hash);
    if (shared !== null) replaceText(workspace, notices, shared);
  } catch (error) {
    notices.show(
      `The model in this address cannot be read: ${error instanceof Error ? error.message : error}.`,
    );
  }
}

function dropAddress(): void {
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
}

openShared();
window.addEventListener('hashchange', openShared);

const notKept =
  'This browser does not keep your text (its storage is full or switched off): save it elsewhere before you leave.';
const opened = workspace.text.get();
workspace.text.subscribe(text => {
  // An address that no longer says what the text is would bring the old text back on a reload.
  if (text !== opened) dropAddress();
  if (keepText(text)) notices.close(notKept);
  else notices.show(notKept);
});

createToolbar(place('toolbar'), workspace, notices);
createShortcuts(place('toolbar'), [
  { title: 'Editor', shortcuts: editorShortcuts },
  { title: 'Tabs of the views', shortcuts: tabShortcuts },
  { title: 'Picture of a tensor graph', shortcuts: graphShortcuts },
]);
const editor = createEditor(place('editor'), app);
createProblemList(place('problems'), workspace, editor.goTo);
createTabs(place('views'), panes, app);
