import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDevice } from '../device.js';
import { Failure } from '../failure.js';
import { writeWhole } from '../files.js';
import type { DeviceWish } from '../options.js';
import type { Terminal } from '../terminal.js';
import { count, counted, duration } from '../words.js';
import { evalWords, trainWords } from './command-line.js';
import { type Cell, type Grid, matching, withSettings } from './grid.js';
import { type Cost, measureCell } from './measure.js';
import { modelOf } from './model.js';
import type { Settings } from './settings.js';
import { scaledStages, stagesOf } from './stages.js';

/** A grid cut down to a time: the same epochs and the same evaluation for every cell. */
export interface ShortPlan {
  readonly epochs: number;
  /** Of the whole schedule. */
  readonly fullEpochs: number;
  readonly evalK: number;
  readonly evalImages: number;
  /** What it was measured to take. */
  readonly seconds: number;
}

const planFile = 'plan.json';
/** Of the time, what evaluations may take. */
const evaluationShare = 0.25;
const mostImages = 1000;
const leastK = 50;
const mostK = 5000;

/** Cells of the short version of a grid, as its file describes it. */
export const shortCells = ({ short }: Grid, cells: readonly Cell[]): readonly Cell[] =>
  short === null ? cells : matching(cells, short.only).map(cell => withSettings(cell, short.settings));

/**
 * Shortens cells to a budget, and says how. The plan is kept in the folder, so that a grid that goes on keeps it, on
 * however fast a machine.
 */
export async function shortened(
  terminal: Terminal,
  cells: readonly Cell[],
  budget: { readonly seconds: number; readonly out: string; readonly wish: DeviceWish },
): Promise<readonly Cell[]> {
  const kept = keptPlan(budget.out, cells);
  const stages = await Promise.all(cells.map(async cell => stagesOf(await modelOf(terminal, cell.settings))));
  const stageCount = Math.max(...stages.map(({ length }) => length));
  const plan = kept ?? (await makePlan(terminal, cells, { ...budget, stageCount }));
  if (kept === null)
    await writeWhole(
      join(budget.out, planFile),
      `${JSON.stringify({ words: wordsOf(cells), plan }, null, 2)}\n`,
    );
  terminal.note(
    `shortened to ${duration(budget.seconds)}: ${counted(plan.epochs, 'epoch')} for each of ${counted(cells.length, 'cell')}, ` +
      `-L_${plan.evalK} on ${count(plan.evalImages)} test rows; about ${duration(plan.seconds)}${kept === null ? '' : ' (as planned before)'}`,
  );
  const settings = {
    epochs: String(plan.epochs),
    'eval-k': String(plan.evalK),
    'eval-images': String(plan.evalImages),
  };
  return cells.map((cell, i) =>
    withSettings(cell, {
      ...settings,
      ...lastingSchedule(cell.settings, plan.epochs),
      ...scaledStages(stages[i]!, plan.epochs, plan.fullEpochs),
    }),
  );
}

/** A schedule that is only named, such as `cosine`, lasts the epochs that there are. */
export const lastingSchedule = ({ schedule }: Settings, epochs: number): Settings =>
  schedule !== undefined && /^[A-Za-z_]\w*$/.test(schedule)
    ? { schedule: `${schedule}(epochs=${epochs})` }
    : {};

const wordsOf = (cells: readonly Cell[]): string =>
  JSON.stringify(cells.map(cell => [trainWords(cell), evalWords(cell)]));

function keptPlan(out: string, cells: readonly Cell[]): ShortPlan | null {
  try {
    const kept = JSON.parse(readFileSync(join(out, planFile), 'utf8')) as {
      words?: unknown;
      plan?: Partial<ShortPlan>;
    };
    const { epochs, fullEpochs, evalK, evalImages, seconds } = kept.plan ?? {};
    const sound = [epochs, fullEpochs, evalK, evalImages].every(
      value => Number.isSafeInteger(value) && (value as number) > 0,
    );
    if (kept.words !== wordsOf(cells) || !sound || typeof seconds !== 'number') return null;
    return kept.plan as ShortPlan;
  } catch {
    // None, or one that is damaged: a new one is made.
    return null;
  }
}

async function makePlan(
  terminal: Terminal,
  cells: readonly Cell[],
  {
    seconds,
    wish,
    stageCount,
  }: { readonly seconds: number; readonly wish: DeviceWish; readonly stageCount: number },
): Promise<ShortPlan> {
  terminal.note(`measuring ${counted(cells.length, 'cell')}`);
  const costs = await withDevice(terminal, wish, async device => {
    const measured = new Map<string, Cost>();
    for (const cell of cells) {
      const { epochs: _, ...rest } = cell.settings;
      const key = JSON.stringify(rest);
      if (!measured.has(key)) measured.set(key, await measureCell(terminal, device, cell));
    }
    return cells.map(({ settings: { epochs: _, ...rest } }) => measured.get(JSON.stringify(rest))!);
  });
  return planFrom(costs, seconds, stageCount);
}

const total = (costs: readonly Cost[], of: (cost: Cost) => number): number =>
  costs.reduce((sum, cost) => sum + of(cost), 0);

/**
 * @throws Failure where the fewest epochs of each do not fit: one for each of the stages of its training, if the grid
 * itself has as many
 */
export function planFrom(costs: readonly Cost[], seconds: number, stageCount = 1): ShortPlan {
  const evalImages = Math.min(mostImages, ...costs.map(({ testRows }) => testRows));
  const pairCost = total(costs, cost => cost.secondsPerPair) * evalImages;
  const evalK = rounded(Math.min(mostK, Math.max(leastK, (evaluationShare * seconds) / pairCost)));
  // Each cell is two processes, one that trains and one that evaluates.
  const fixed = 2 * total(costs, cost => cost.overhead) + pairCost * evalK;
  const perEpoch = total(costs, cost => cost.secondsPerEpoch);
  const most = Math.min(...costs.map(({ epochs }) => epochs));
  const least = Math.min(stageCount, most);
  const epochs = Math.min(most, Math.floor((seconds - fixed) / perEpoch));
  if (epochs < least) {
    throw new Failure(
      'usage',
      `${duration(seconds)} is too short: ${counted(least, 'epoch')} of each cell take about ${duration(fixed + least * perEpoch)}`,
      {
        code: 'budget-too-short',
        help: 'give a larger --budget, or choose fewer cells with --only AXIS=VALUE',
      },
    );
  }
  return { epochs, fullEpochs: most, evalK, evalImages, seconds: fixed + epochs * perEpoch };
}

/** To one figure, downwards: 1730 is 1000, 640 is 600. */
function rounded(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return Math.floor(value / power) * power;
}
