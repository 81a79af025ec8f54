import type { App } from '../../app/app.js';
import { element } from '../../app/dom.js';
import type { TrainerState } from '../../training/trainer.js';
import type { Pane, PaneView } from '../pane.js';
import { createControls } from './controls.js';
import { createFiles } from './files.js';
import { createGallery } from './gallery.js';
import { createLatents } from './latents.js';
import { createCurvePlot } from './plot.js';

const statusWords: Readonly<Record<TrainerState['status'], string>> = {
  idle: 'Not started',
  preparing: 'Preparing: data, device, kernels…',
  training: 'Training (it goes on while this tab is in the background, though the browser may slow it)',
  paused: 'Paused',
  recovering: 'The device was lost: going on with the last good state',
  failed: 'Stopped',
};

function deviceText({ device }: TrainerState): string {
  if (device === null) return 'No device is open yet.';
  const emulated = device.software ? ', a GPU emulated in software' : '';
  return `Runs on ${device.name}${emulated}.${device.note === undefined ? '' : ` Why: ${device.note}.`}`;
}

/** Facts of the run with their units; k, batch and rows beside the numbers that depend on them. */
function factsOf({ run, compiled }: TrainerState): readonly (readonly [string, string])[] {
  if (run === null || compiled === null) return [];
  const { model, training } = compiled.artefact.program;
  const { progress, session } = run;
  const rate = progress === null ? '–' : `${progress.stepsPerSecond.toFixed(1)} steps/s`;
  const bound = progress === null ? '–' : `${progress.bound.toFixed(2)} nats`;
  const epochs = progress === null ? 0 : session.step / progress.stepsPerEpoch;
  return [
    [`bound ${model.bound}, training rows`, bound],
    ['step', `${session.step.toLocaleString('en')} (epoch ${epochs.toFixed(1)})`],
    [`speed, batch ${training.batch}`, rate],
  ];
}

function create(host: HTMLElement, app: App): PaneView {
  const { trainer } = app;
  createControls(host, app);
  const device = element('p', { class: 'device' });
  const status = element('p', { class: 'status', role: 'status' });
  const failure = element('div', { class: 'failure', role: 'alert', hidden: true });
  const facts = element('dl', { class: 'facts' });
  host.append(device, status, failure, facts);
  const plot = createCurvePlot(host);
  const galleries = element('div', { class: 'galleries' });
  host.append(galleries);
  const samples = createGallery(galleries, 'Samples: means of p(x | h), h drawn from the prior');
  const data = createGallery(galleries, 'Held-out data');
  const means = createGallery(galleries, 'Reconstructions: means of p(x | h), h drawn from q(h | x)');
  const latents = createLatents(host);
  createFiles(host, app);

  const drawProgress = (state: TrainerState) => {
    facts.replaceChildren(
      ...factsOf(state).map(([name, value]) =>
        element('div', {}, element('dt', {}, name), element('dd', {}, value)),
      ),
    );
    const label = state.compiled?.artefact.program.model.bound ?? '';
    plot.update(state.run === null ? [] : [{ label, points: state.run.points }]);
  };
  let scheduled = false;
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    setTimeout(() => {
      scheduled = false;
      drawProgress(trainer.state.get());
    }, 200);
  };
  let pictures: TrainerState['pictures'] = null;
  trainer.state.subscribe(state => {
    device.textContent = deviceText(state);
    if (status.textContent !== statusWords[state.status]) status.textContent = statusWords[state.status];
    status.dataset.status = state.status;
    failure.hidden = state.failure === null;
    if (state.failure !== null)
      failure.replaceChildren(
        element('p', {}, state.failure.message),
        element('p', { class: 'help' }, state.failure.help),
      );
    if (state.pictures !== null && state.pictures !== pictures) {
      pictures = state.pictures;
      samples.update(pictures.samples, 'Sixteen samples of the model');
      data.update(pictures.data, 'Sixteen held-out rows');
      latents.update(pictures.codes);
      means.update(pictures.means, 'What the model makes of the sixteen held-out rows');
    }
    schedule();
  });
  return {};
}

export const trainPane: Pane = { id: 'train', title: 'Train', create };
