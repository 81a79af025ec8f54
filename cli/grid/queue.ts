import { setTimeout as sleep } from 'node:timers/promises';
import type { Exit } from '../exit-codes.js';
import type { Stopped } from '../interrupt.js';
import type { DeviceWish } from '../options.js';
import { isRun } from '../run-folder.js';
import { isLocked } from '../run-lock.js';
import type { Terminal } from '../terminal.js';
import { duration } from '../words.js';
import { type ChildOutcome, errorOf, runChild } from './child.js';
import { cellFolder, evalArguments, trainArguments } from './command-line.js';
import type { Cell } from './grid.js';
import { type CellResult, readResult, resultOf, writeResult } from './results.js';

interface Queue {
  readonly terminal: Terminal;
  readonly out: string;
  readonly wish: DeviceWish;
  readonly signal: AbortSignal;
}

const isStopped = (exit: Exit): exit is Stopped => exit === 'interrupted' || exit === 'terminated';

/** How many cells failed, or that the queue was stopped: by its signal, or a cell by one of its own. */
export type QueueEnd = { readonly failed: number } | { readonly stopped: Stopped };

/**
 * Runs cells one after another. Those with a result are left alone, one that was interrupted goes on, and one that fails
 * does not stop the others.
 */
export async function runCells(cells: readonly Cell[], queue: Queue): Promise<QueueEnd> {
  const { terminal, out, signal } = queue;
  const open = cells.filter(cell => readResult(out, cell)?.kind !== 'finished');
  if (open.length < cells.length) {
    terminal.note(`${cells.length - open.length} of ${cells.length} cells are finished already`);
  }
  const started = performance.now();
  let failed = 0;
  for (const [done, cell] of open.entries()) {
    if (signal.aborted) return { stopped: 'interrupted' };
    const left =
      done === 0
        ? ''
        : `, ETA ${duration(((performance.now() - started) / 1000 / done) * (open.length - done))}`;
    terminal.note(`\ncell ${done + 1} of ${open.length}: ${cell.id}${left}`);
    const result = await runCell(cell, queue);
    if (typeof result === 'string') return { stopped: result };
    await writeResult(out, cell, result);
    if (result.kind === 'failed') {
      failed++;
      terminal.note(`${cell.id} failed: ${result.message}`);
    }
  }
  return { failed };
}

async function runCell(cell: Cell, queue: Queue): Promise<CellResult | Stopped> {
  const { out, wish, signal } = queue;
  const folder = cellFolder(out, cell);
  await untilFree(folder, queue);
  if (signal.aborted) return 'interrupted';
  const resume = isRun(folder) ? ['--resume'] : [];
  const trained = await runChild([...trainArguments(cell, out, wish), ...resume], signal);
  if (isStopped(trained.exit)) return trained.exit;
  if (signal.aborted) return 'interrupted';
  if (trained.exit !== 'ok' && !isDone(trained)) return { kind: 'failed', ...errorOf(trained) };
  const evaluated = await runChild(evalArguments(cell, out, wish), signal);
  if (isStopped(evaluated.exit)) return evaluated.exit;
  if (signal.aborted) return 'interrupted';
  if (evaluated.exit !== 'ok') return { kind: 'failed', ...errorOf(evaluated) };
  return resultOf(out, cell, evaluated.result);
}

const mostWaitSeconds = 60;

/** The training that a killed queue left ends by itself, once its steps under way are done and kept. */
async function untilFree(folder: string, { terminal, signal }: Queue): Promise<void> {
  if (!isLocked(folder)) return;
  terminal.note(`waiting for another process to leave ${folder}`);
  const started = performance.now();
  while (isLocked(folder) && !signal.aborted && performance.now() - started < mostWaitSeconds * 1000)
    await sleep(100);
}

/** A run that was trained to its end before its evaluation was interrupted. */
const isDone = (outcome: ChildOutcome): boolean => errorOf(outcome).code === 'nothing-to-do';
