import type { Artefact, Program } from 'iwaec';
import { element } from '../../app/dom.js';
import { type Entry, entryChoices } from '../entries.js';
import type { Pane } from '../pane.js';
import { followProgram } from '../program-view.js';
import { bytesText, tableOf } from '../table.js';

interface DispatchFacts {
  readonly name: string;
  readonly source: string;
  readonly kernels: readonly string[];
  readonly workgroups: number;
  readonly flops: number;
  readonly bytes: number;
}

function dispatchesOf({ dispatches, kernels }: Program, entry: Entry): readonly DispatchFacts[] {
  return entry.dispatches.gpu.map(index => {
    const { name, source, jobs, workgroups } = dispatches[index]!;
    const parts = jobs.flat().map(kernel => kernels[kernel]!);
    return {
      name,
      source,
      kernels: parts.map(part => part.name),
      workgroups: workgroups.reduce((product, count) => product * count, 1),
      flops: parts.reduce((sum, { flops }) => sum + flops, 0),
      bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  });
}

function entryView(artefact: Artefact, entry: Entry): HTMLElement {
  const dispatches = dispatchesOf(artefact.program, entry);
  const picker = element(
    'select',
    {},
    ...dispatches.map(({ source }, i) => element('option', { value: i }, `${i}: ${source}`)),
  );
  const kernels = element('p', { class: 'lead', role: 'status' });
  const text = element('pre', { class: 'listing', tabindex: 0, 'aria-label': 'WGSL' });
  const show = () => {
    const dispatch = dispatches[Number(picker.value)];
    if (dispatch === undefined) return;
    kernels.textContent = `Kernels: ${dispatch.kernels.join(', ')}`;
    text.textContent = artefact.wgsl[dispatch.source] ?? 'No text.';
    text.scrollTop = 0;
  };
  picker.onchange = show;
  show();
  return element(
    'div',
    {},
    element(
      'p',
      { class: 'lead' },
      `${entry.launches.length} kernels: ${dispatches.length} dispatches on a GPU, one by one on the CPU.`,
    ),
    tableOf(
      'Dispatches, for one run of the entry',
      [
        { title: 'Dispatch' },
        { title: 'Kernels', numeric: true },
        { title: 'Workgroups', numeric: true },
        { title: 'MFLOP', numeric: true },
        { title: 'Bytes moved', numeric: true },
      ],
      dispatches.map(({ name, kernels: parts, workgroups, flops, bytes }, i) => [
        `${i}: ${name}`,
        String(parts.length),
        workgroups.toLocaleString('en'),
        (flops / 1e6).toLocaleString('en', { maximumFractionDigits: 2 }),
        bytesText(bytes),
      ]),
    ),
    element('label', { class: 'control' }, 'WGSL of dispatch', picker),
    kernels,
    text,
  );
}

export const kernelsPane: Pane = {
  id: 'kernels',
  title: 'Kernels',
  create: (host, app) => {
    let chosen = 'train_step';
    return followProgram(host, app, ({ artefact }, body) => {
      const choices = entryChoices(artefact.program);
      const options = choices.map(({ name, label }) => element('option', { value: name }, label));
      const picker = element('select', {}, ...options);
      const place = element('div');
      const show = () => {
        chosen = picker.value;
        const choice = choices.find(({ name }) => name === chosen);
        if (choice !== undefined) place.replaceChildren(entryView(artefact, choice.entry));
      };
      if (choices.some(({ name }) => name === chosen)) picker.value = chosen;
      picker.onchange = show;
      show();
      body.append(element('label', { class: 'control' }, 'Entry', picker), place);
    });
  },
};
