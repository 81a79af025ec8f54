import { type Diagnostic as Mark, setDiagnostics } from '@codemirror/lint';
import type { Text, TransactionSpec } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { element } from '../app/dom.js';
import type { Problem } from '../compiler/messages.js';

/** Everything that is said of a problem but its message. */
export function detailsOf({ found, expected, help, notes }: Problem): HTMLElement {
  const rows = [
    ['found', found],
    ['expected', expected],
    ['help', help],
    ...notes.map(note => ['note', note] as const),
  ] as const;
  const present = rows.filter(([, text]) => text !== null);
  const items = present.map(([name, text]) =>
    element('div', { class: 'problem-row' }, element('dt', {}, name), element('dd', {}, text)),
  );
  return element('dl', { class: 'problem-details' }, ...items);
}

function markOf(problem: Problem, document: Text): Mark {
  const from = Math.min(problem.from, document.length);
  const to = Math.min(Math.max(problem.to, from), document.length);
  return {
    from,
    to,
    severity: problem.severity,
    message: problem.message,
    source: problem.code,
    renderMessage: () =>
      element('div', {}, element('p', { class: 'problem-message' }, problem.message), detailsOf(problem)),
  };
}

/** Underlines the problems of the editor's text. */
export const showProblems = (view: EditorView, problems: readonly Problem[]): TransactionSpec =>
  setDiagnostics(
    view.state,
    problems.map(problem => markOf(problem, view.state.doc)),
  );
