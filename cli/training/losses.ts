import { runtime } from '../doors.js';

/** How often in a row a device may be lost without a step of progress between. */
const mostLosses = 3;

interface Work<Value> {
  /** `isRetry`: a device was lost before. */
  readonly work: (isRetry: boolean) => Promise<Value>;
  /** The step that a retry goes on from; null if there is nothing to go on from, or no wish to. */
  readonly progress: () => Promise<number | null>;
  readonly onLoss: (reason: string, step: number) => void;
}

/**
 * Does the work again, with a device of its own each time, when a device is lost: by its driver, a reset or a thread
 * that died.
 * @throws RuntimeFault `device-lost` when it is lost time and again
 */
export async function throughLosses<Value>({ work, progress, onLoss }: Work<Value>): Promise<Value> {
  const { isFault } = await runtime();
  let last = -1;
  for (let losses = 0; ; ) {
    try {
      return await work(last >= 0);
    } catch (error) {
      if (!isFault(error) || error.code !== 'device-lost') throw error;
      const step = await progress();
      losses = step !== null && step > last ? 1 : losses + 1;
      if (step === null || losses > mostLosses) throw error;
      last = step;
      onLoss(error.message, step);
    }
  }
}
