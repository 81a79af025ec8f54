import type { Problem } from '../compiler/messages.js';
import type { Workspace, WorkspaceState } from '../compiler/workspace.js';
import { element } from './dom.js';

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

function summaryOf({ status, problems, compiled, failure }: WorkspaceState): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  const warned = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`;
  switch (status) {
    case 'checking':
      return 'Checking…';
    case 'compiling':
      return 'Compiling…';
    case 'errors':
      return `${counted(errors, 'error')}${warned}${compiled === null ? '' : ': the other panes show the last model that compiled'}`;
    case 'failed':
      return `The compiler failed: ${failure}. Your text is kept; edit it to try again.`;
    case 'ready':
      return `Compiled in ${(compiled!.milliseconds / 1000).toFixed(1)} s${warned}`;
  }
}

const placeOf = (text: string, offset: number): string => {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${before.at(-1)!.length + 1}`;
};

/** The state of the text in a line, and its problems as a list that leads to their places. */
export function createProblemList(
  host: HTMLElement,
  workspace: Workspace,
  goTo: (offset: number) => void,
): void {
  const summary = element('p', { class: 'status', role: 'status' });
  const list = element('ul', { class: 'problems', 'aria-label': 'Problems of the model' });
  host.append(summary, list);
  let shown: readonly Problem[] = [];
  workspace.state.subscribe(state => {
    const text = summaryOf(state);
    if (summary.textContent !== text) summary.textContent = text;
    summary.dataset.status = state.status;
    if (state.status === 'checking' || state.problems === shown) return;
    shown = state.problems;
    list.replaceChildren(...shown.map(problem => itemOf(problem, workspace.text.get(), goTo)));
  });
}

function itemOf(problem: Problem, text: string, goTo: (offset: number) => void): HTMLElement {
  const { severity, message, help, from, code } = problem;
  return element(
    'li',
    { class: severity },
    element(
      'button',
      { type: 'button', onclick: () => goTo(from) },
      element('span', { class: 'severity' }, severity),
      ' ',
      element('span', {}, message),
      ' ',
      element('span', { class: 'place' }, `${placeOf(text, from)} (${code})`),
    ),
    help === null ? null : element('p', { class: 'help' }, help),
  );
}
