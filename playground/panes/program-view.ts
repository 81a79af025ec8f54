import type { App } from '../app/app.js';
import { element } from '../app/dom.js';
import type { Compiled } from '../compiler/messages.js';
import type { WorkspaceState } from '../compiler/workspace.js';
import type { PaneView } from './pane.js';

/** Fills `body` from a program. `isCurrent` is false once another program has taken its place. */
export type Render = (
  compiled: Compiled,
  body: HTMLElement,
  isCurrent: () => boolean,
) => void | Promise<void>;

const noteOf = ({ status, compiled, stale }: WorkspaceState): string => {
  if (compiled === null) {
    return status === 'errors'
      ? 'Nothing to show yet: the model has errors, listed below its text.'
      : 'Nothing has compiled yet.';
  }
  return stale ? 'Of the last text that compiled, not of the text as it stands.' : '';
};

/** A pane that shows the last program that compiled, drawn anew when it changes and only while it is seen. */
export function followProgram(host: HTMLElement, { workspace }: App, render: Render): PaneView {
  const note = element('p', { class: 'stale', role: 'status' });
  const body = element('div', { class: 'program' });
  host.append(note, body);
  let drawn: Compiled | null = null;
  let visible = false;
  const draw = async (compiled: Compiled) => {
    drawn = compiled;
    body.replaceChildren();
    try {
      await render(compiled, body, () => drawn === compiled);
    } catch (error) {
      if (drawn !== compiled) return;
      const reason = error instanceof Error ? error.message : String(error);
      body.replaceChildren(element('p', { role: 'alert' }, `This view cannot be drawn: ${reason}.`));
    }
  };
  const update = () => {
    const state = workspace.state.get();
    const text = noteOf(state);
    if (note.textContent !== text) note.textContent = text;
    body.classList.toggle('is-stale', state.stale);
    if (visible && state.compiled !== null && state.compiled !== drawn) void draw(state.compiled);
  };
  workspace.state.subscribe(update);
  return {
    show() {
      visible = true;
      update();
    },
    hide() {
      visible = false;
    },
  };
}
