import type { Device } from '../../runtime/index.js';
import { chooseData, evaluationSplit, loadData, rowCount } from '../data.js';
import { runtime } from '../doors.js';
import { compileSpec } from '../spec.js';
import type { Terminal } from '../terminal.js';
import type { Cell } from './grid.js';
import { compileChoices, modelOf } from './model.js';
import { sharesOf, stagesOf } from './stages.js';

/** What a cell costs on a device, measured. */
export interface Cost {
  readonly secondsPerEpoch: number;
  /** Seconds for one sample of one row in an evaluation. */
  readonly secondsPerPair: number;
  /** Seconds of a process before and after the work: compiling, reading data, starting a device. */
  readonly overhead: number;
  readonly testRows: number;
  /** Of the full schedule. */
  readonly epochs: number;
}

/** Long enough for the pace to settle, short beside an epoch. */
const measuredSeconds = 0.5;
const mostSteps = 4096;
const evaluated = { rows: 20, k: 100 };

/** What a cell costs whose stages have bounds of their own: each by its share of the epochs. */
export async function measureCell(terminal: Terminal, device: Device, cell: Cell): Promise<Cost> {
  const stages = stagesOf(await modelOf(terminal, cell.settings));
  if (stages.length < 2) return measureStage(terminal, device, cell);
  // A stage's bound has its k already.
  const { k: _, ...settings } = cell.settings;
  const costs: Cost[] = [];
  for (const { bound } of stages) {
    costs.push(await measureStage(terminal, device, { ...cell, settings: { ...settings, bound } }));
  }
  const last = costs.at(-1)!;
  const shares = sharesOf(stages, last.epochs);
  const secondsPerEpoch = costs.reduce((sum, cost, i) => sum + cost.secondsPerEpoch * shares[i]!, 0);
  return { ...last, secondsPerEpoch };
}

/** Trains for a moment, and throws the outcome away. */
async function measureStage(terminal: Terminal, device: Device, cell: Cell): Promise<Cost> {
  const began = performance.now();
  const { settings } = cell;
  const { artefact } = await compileSpec(terminal, settings.spec!, compileChoices(settings));
  const choice = await chooseData(artefact.program, { data: settings.data, testData: settings['test-data'] });
  const data = await loadData(terminal, artefact.program, choice);
  const { openSession } = await runtime();
  const session = await openSession(device, artefact);
  try {
    session.bind(data);
    await session.initialise();
    const overhead = (performance.now() - began) / 1000;
    // The first steps wait for what a device prepares on first use.
    await session.train({ steps: 2 });
    const secondsPerStep = await timed(async steps => {
      await session.train({ steps });
    });
    const split = evaluationSplit(data);
    const testRows = rowCount(data, split);
    const rows = Array.from({ length: Math.min(evaluated.rows, testRows) }, (_, row) => row);
    await session.evaluate({ k: evaluated.k, rows, split });
    const start = performance.now();
    await session.evaluate({ k: evaluated.k, rows, split });
    return {
      secondsPerEpoch: secondsPerStep * session.stepsPerEpoch,
      secondsPerPair: (performance.now() - start) / 1000 / (rows.length * evaluated.k),
      overhead,
      testRows,
      epochs: Number(settings.epochs ?? artefact.program.training.epochs),
    };
  } finally {
    session.dispose();
  }
}

/** Seconds of one, from as many as take long enough. */
async function timed(work: (count: number) => Promise<void>): Promise<number> {
  for (let count = 2; ; count *= 2) {
    const start = performance.now();
    await work(count);
    const seconds = (performance.now() - start) / 1000;
    if (seconds >= measuredSeconds || count >= mostSteps) return seconds / count;
  }
}
