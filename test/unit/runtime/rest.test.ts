import { describe, expect, it } from 'vitest';
import { restWhile } from '../../../runtime/platform/rest.js';

const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

/** Turns that the event loop takes while something asks for one after another, as Dawn does. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let busy = true;
  const turn = () => {
    turns++;
    if (busy) setImmediate(turn);
  };
  setImmediate(turn);
  await work;
  busy = false;
  return turns;
}

describe('a wait for a software device', () => {
  it('leaves the processor to it, and leaves the event loop alone when it is over', async () => {
    const first = pause(200);
    const second = pause(150).then(() => {
      throw new Error('lost');
    });
    for (const work of [first, second]) restWhile(work);
    second.catch(() => undefined);
    // By the share of the time that has passed: 150 turns in the first 30 ms, then one in 2 ms.
    expect(await turnsDuring(first)).toBeLessThan(500);
    expect(await turnsDuring(pause(200))).toBeGreaterThan(2000);
  });
});
