import { closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, indentUnit } from '@codemirror/language';
import { lintGutter, lintKeymap } from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import type { App } from '../app/app.js';
import type { Shortcut } from '../app/shortcut.js';
import { assistance } from './assistance.js';
import { highlighting } from './highlighting.js';
import { showProblems } from './problems.js';

export interface Editor {
  /** Moves the cursor there, and the focus into the editor. */
  goTo(offset: number): void;
}

/** Of its key maps, what one has to know; the rest is as in other editors. */
export const editorShortcuts: readonly Shortcut[] = [
  { keys: ['Ctrl I', 'Cmd I'], does: 'says what the word at the cursor means and is worth' },
  { keys: ['Ctrl Space'], does: 'completes the word at the cursor' },
  { keys: ['F8'], does: 'goes to the next problem' },
  { keys: ['Ctrl /', 'Cmd /'], does: 'makes lines comments, and back' },
  { keys: ['Ctrl Z', 'Cmd Z'], does: 'undoes' },
  { keys: ['Tab'], does: 'leaves the editor' },
];

/** The editor of the workspace's text. Tab moves the focus on, as everywhere in the page. */
export function createEditor(host: HTMLElement, { workspace, compiler, announce }: App): Editor {
  const colours = new Compartment();
  const view = new EditorView({
    parent: host,
    state: EditorState.create({
      doc: workspace.text.get(),
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        bracketMatching(),
        closeBrackets(),
        indentUnit.of('  '),
        lintGutter(),
        assistance(compiler, announce),
        keymap.of([
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...lintKeymap,
          ...historyKeymap,
          ...defaultKeymap,
        ]),
        colours.of([]),
        EditorView.contentAttributes.of({
          'aria-label': 'The model, in the language iwae',
          spellcheck: 'false',
        }),
        EditorView.updateListener.of(update => {
          if (update.docChanged) workspace.text.set(update.state.doc.toString());
        }),
      ],
    }),
  });
  void compiler
    .call('highlight', null)
    .then(rules => view.dispatch({ effects: colours.reconfigure(highlighting(rules)) }));
  workspace.text.subscribe(text => {
    if (text === view.state.doc.toString()) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  });
  workspace.state.subscribe(({ status, problems }) => {
    if (status !== 'checking') view.dispatch(showProblems(view, problems));
  });
  return {
    goTo(offset) {
      const anchor = Math.min(offset, view.state.doc.length);
      view.dispatch({ selection: { anchor }, scrollIntoView: true });
      view.focus();
    },
  };
}
