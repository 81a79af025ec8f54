import type { PageDeviceChoice } from 'iwaec/runtime/browser';
import type { App } from '../../app/app.js';
import { element } from '../../app/dom.js';
import { type DataChoice, dataNeeded, fitsDigits } from '../../training/data.js';
import type { TrainerSettings } from '../../training/trainer.js';

const option = (value: string, text: string) => element('option', { value }, text);

const labelled = (text: string, control: HTMLElement) =>
  element('label', { class: 'control' }, text, control);

/** The buttons and settings of the pane. Settings count when training starts over. */
export function createControls(host: HTMLElement, app: App): void {
  const { trainer, workspace } = app;
  const device = element(
    'select',
    {},
    option('auto', 'the fastest there is'),
    option('webgpu', 'GPU (WebGPU)'),
    option('cpu', 'CPU (WebAssembly)'),
  );
  const data = element(
    'select',
    {},
    option('digits', '2,000 digits of MNIST'),
    option('all-digits', 'all 60,000 digits (fetches 10 MB)'),
    option('file', 'a file of your own'),
  );
  const file = element('input', {
    type: 'file',
    accept: '.npy,.npz,.mat,.csv,.amat,.txt,.bits,.idx,.gz',
    'aria-label': 'A file of rows',
    hidden: true,
  });
  const seed = element('input', { type: 'number', min: 0, max: 4294967295, step: 1, value: 1 });
  const main = element('button', { type: 'button', class: 'primary' }, 'Train');
  const again = element('button', { type: 'button' }, 'Start over');
  const hint = element('p', { class: 'hint' });

  const dataChoice = (): DataChoice | null => {
    if (data.value === 'file') return file.files?.[0] ?? null;
    return data.value === 'all-digits' ? 'all-digits' : 'digits';
  };
  const settings = (): TrainerSettings | null => {
    const chosen = dataChoice();
    if (chosen === null) return null;
    return { device: device.value as PageDeviceChoice, data: chosen, seed: seed.valueAsNumber || 0 };
  };
  const start = () => {
    const { compiled } = workspace.state.get();
    const chosen = settings();
    if (compiled !== null && chosen !== null) void trainer.start(compiled, chosen);
  };
  main.onclick = () => {
    const { status } = trainer.state.get();
    const chosen = settings();
    if (status === 'training') void trainer.pause();
    else if (status === 'paused' && chosen !== null) trainer.resume(chosen);
    else start();
  };
  again.onclick = start;

  const update = () => {
    const { status, compiled: trained } = trainer.state.get();
    const { compiled } = workspace.state.get();
    const busy = status === 'preparing' || status === 'recovering';
    const needsFile = compiled !== null && !fitsDigits(compiled.artefact);
    if (needsFile) data.value = 'file';
    file.hidden = data.value !== 'file';
    const ready = compiled !== null && dataChoice() !== null;
    main.textContent = status === 'training' ? 'Pause' : status === 'paused' ? 'Resume' : 'Train';
    main.disabled = busy || (status !== 'training' && status !== 'paused' && !ready);
    again.disabled = busy || !ready || status === 'idle';
    const edited = trained !== null && compiled !== null && trained.text !== compiled.text;
    hint.textContent =
      compiled === null
        ? 'Nothing has compiled yet.'
        : needsFile && dataChoice() === null
          ? `This model needs ${dataNeeded(compiled.artefact)}: choose a file with such rows (.npy, idx, .mat, CSV, text).`
          : edited
            ? 'The model was edited: “Start over” trains the new one.'
            : '';
  };
  for (const control of [data, file]) control.addEventListener('change', update);
  trainer.state.subscribe(update);
  workspace.state.subscribe(update);
  host.append(
    element(
      'div',
      { class: 'controls' },
      main,
      again,
      labelled('Device', device),
      labelled('Data', data),
      file,
      labelled('Seed', seed),
    ),
    hint,
  );
}
