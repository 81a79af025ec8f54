import type { PageDeviceChoice } from 'iwaec/runtime/browser';
import type { App } from '../../app/app.js';
import { element } from '../../app/dom.js';
import { Comparison, type ComparisonState, estimateK, turnPoints } from '../../training/comparison.js';
import { dataNeeded, fitsDigits } from '../../training/data.js';
import type { Pane, PaneView } from '../pane.js';
import { tableOf } from '../table.js';
import { createCurvePlot } from '../train/plot.js';

const statusWords: Readonly<Record<ComparisonState['status'], string>> = {
  idle: 'Not started',
  preparing: 'Preparing: both programs, data, device…',
  training: 'Training, in turns of 20 steps',
  estimating: 'Estimating the log-likelihood of held-out digits…',
  recovering: 'The device was lost: going on with the last good state',
  paused: 'Paused',
  failed: 'Stopped',
};

const defaultBounds = ['elbo(k=1)', 'iwae(k=50)'] as const;

const control = (text: string, input: HTMLElement) => element('label', { class: 'control' }, text, input);

/** What is estimated, with its standard error, k and n. */
function figures({ contenders }: ComparisonState): HTMLElement {
  const n = contenders[0]?.evaluation?.images;
  const caption =
    n === undefined
      ? 'The two objectives; “Pause and estimate” fills in the log-likelihoods'
      : `Lower bounds L_k of log p(x), nats a row: mean ± standard error, n = ${n} held-out digits`;
  return tableOf(
    caption,
    [
      { title: 'Trained with' },
      { title: 'Steps', numeric: true },
      { title: 'Steps/s', numeric: true },
      ...estimateK.map(k => ({ title: `L_${k}`, numeric: true })),
    ],
    contenders.map(({ bound, run, evaluation }) => [
      bound,
      run.session.step.toLocaleString('en'),
      run.progress === null ? '–' : run.progress.stepsPerSecond.toFixed(1),
      ...estimateK.map(k => {
        const found = evaluation?.bounds.find(each => each.k === k);
        return found === undefined ? '–' : `${found.mean.toFixed(2)} ± ${found.standardError.toFixed(2)}`;
      }),
    ]),
  );
}

function create(host: HTMLElement, app: App): PaneView {
  const comparison = new Comparison();
  const bounds = defaultBounds.map(value =>
    element('input', { type: 'text', value, spellcheck: 'false', class: 'bound' }),
  );
  const device = element(
    'select',
    {},
    element('option', { value: 'auto' }, 'the fastest there is'),
    element('option', { value: 'webgpu' }, 'GPU (WebGPU)'),
    element('option', { value: 'cpu' }, 'CPU (WebAssembly)'),
  );
  const seed = element('input', { type: 'number', min: 0, max: 4294967295, step: 1, value: 1 });
  const main = element('button', { type: 'button', class: 'primary' }, 'Compare');
  const estimate = element('button', { type: 'button' }, 'Pause and estimate');
  const again = element('button', { type: 'button' }, 'Start over');
  const status = element('p', { class: 'status', role: 'status' });
  const failure = element('p', { class: 'failure', role: 'alert', hidden: true });
  const table = element('div');

  const complain = (text: string) => {
    failure.hidden = text === '';
    failure.textContent = text;
  };
  let starting = false;
  const start = async () => {
    const { compiled } = app.workspace.state.get();
    if (compiled === null) return complain('Nothing has compiled yet.');
    if (!fitsDigits(compiled.artefact))
      return complain(
        `The comparison trains on digits, and this model needs ${dataNeeded(compiled.artefact)}.`,
      );
    if (starting) return;
    starting = true;
    complain('');
    update(comparison.state.get());
    try {
      const artefacts = [];
      for (const { value } of bounds) {
        const answer = await app.compiler.call('variant', { text: compiled.text, bound: value });
        if (answer.artefact === null)
          return complain(`${value}: ${answer.problems[0]?.message ?? 'it does not compile'}`);
        artefacts.push(answer.artefact);
      }
      await comparison.start(artefacts, device.value as PageDeviceChoice, seed.valueAsNumber || 0);
    } catch (error) {
      complain(error instanceof Error ? error.message : String(error));
    } finally {
      starting = false;
      update(comparison.state.get());
    }
  };
  main.onclick = () => {
    const state = comparison.state.get();
    if (state.status === 'training') void comparison.pause();
    else if (state.status === 'paused') comparison.resume();
    else void start();
  };
  again.onclick = () => void start();
  estimate.onclick = () => void comparison.estimate();

  host.append(
    element(
      'p',
      { class: 'lead' },
      'The model at hand with two bounds: the same data, seed and initial parameters, step by step in turns.',
    ),
    element(
      'div',
      { class: 'controls' },
      main,
      estimate,
      again,
      control('First bound', bounds[0]!),
      control('Second bound', bounds[1]!),
      control('Device', device),
      control('Seed', seed),
    ),
    status,
    failure,
    table,
  );
  const plot = createCurvePlot(host);
  host.append(
    element(
      'p',
      { class: 'lead' },
      'The curves are two different bounds of the same log-likelihood on training rows, averaged over each turn of 20 steps. Their heights do not compare: L_k with the same k does.',
    ),
  );

  function update(state: ComparisonState): void {
    const { status: now, deviceName, contenders } = state;
    const where = deviceName === null ? '' : `, on ${deviceName}`;
    const text = `${statusWords[now]}${where}`;
    if (status.textContent !== text) status.textContent = text;
    const busy = starting || now === 'preparing' || now === 'estimating' || now === 'recovering';
    main.textContent = now === 'training' ? 'Pause' : now === 'paused' ? 'Resume' : 'Compare';
    main.disabled = busy;
    estimate.disabled = starting || (now !== 'training' && now !== 'paused');
    again.disabled = busy || now === 'idle';
    if (state.failure !== null) complain(`${state.failure.message} ${state.failure.help}`);
    table.replaceChildren(...(contenders.length === 0 ? [] : [figures(state)]));
    plot.update(contenders.map(({ bound, run }) => ({ label: bound, points: turnPoints(run.points) })));
  }
  comparison.state.subscribe(update);
  return {};
}

export const comparePane: Pane = { id: 'compare', title: 'Compare', create };
