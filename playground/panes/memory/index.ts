import type { MemoryMap, Program } from 'iwaec';
import { element } from '../../app/dom.js';
import { entryChoices } from '../entries.js';
import type { Pane } from '../pane.js';
import { followProgram } from '../program-view.js';
import { bytesText, tableOf } from '../table.js';
import { drawMemory } from './picture.js';

const buffersTable = ({ buffers }: Program): HTMLElement =>
  tableOf(
    'Buffers on the device',
    [{ title: 'Buffer' }, { title: 'Filled with' }, { title: 'Size', numeric: true }],
    buffers.map(({ name, role, length, element: type }) => [
      name,
      role,
      length === 0 ? 'that of the data' : bytesText((type === 'f16' ? 2 : 4) * length),
    ]),
  );

const arraysTable = ({ arrays }: MemoryMap): HTMLElement =>
  tableOf(
    'Temporary arrays, largest first',
    [
      { title: 'Array' },
      { title: 'Size', numeric: true },
      { title: 'Offset', numeric: true },
      { title: 'Launches', numeric: true },
    ],
    arrays
      .toSorted((a, b) => b.bytes - a.bytes)
      .map(({ name, bytes, offsetBytes, firstLaunch, lastLaunch }) => [
        name,
        bytesText(bytes),
        bytesText(offsetBytes),
        `${firstLaunch}–${lastLaunch}`,
      ]),
  );

function entryView(map: MemoryMap): readonly HTMLElement[] {
  const unshared = map.arrays.reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    element(
      'p',
      { class: 'lead' },
      map.arrays.length === 0
        ? 'No temporary arrays.'
        : `Peak ${bytesText(map.peakBytes)} for ${map.arrays.length} temporary arrays, whose sizes add up to ${bytesText(unshared)}. What one dispatch touches never shares a place, since all of it runs at once.`,
    ),
    ...(map.arrays.length === 0
      ? []
      : [element('div', { class: 'plot-frame' }, drawMemory(map)), arraysTable(map)]),
  ];
}

export const memoryPane: Pane = {
  id: 'memory',
  title: 'Memory',
  create: (host, app) => {
    let chosen = 'train_step';
    return followProgram(host, app, async ({ artefact }, body, isCurrent) => {
      const maps = await app.compiler.call('memory', null);
      if (!isCurrent()) return;
      const choices = entryChoices(artefact.program);
      const options = choices.map(({ name, label }) => element('option', { value: name }, label));
      const picker = element('select', {}, ...options);
      if (choices.some(({ name }) => name === chosen)) picker.value = chosen;
      const place = element('div');
      const show = () => {
        chosen = picker.value;
        const map = maps.find(({ entry }) => entry === chosen);
        if (map !== undefined) place.replaceChildren(...entryView(map));
      };
      picker.onchange = show;
      show();
      body.append(
        element('label', { class: 'control' }, 'Entry', picker),
        place,
        buffersTable(artefact.program),
      );
    });
  },
};
