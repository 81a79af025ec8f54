/** Of a wait, so much may pass before its end is seen; and never more than this many milliseconds. */
const share = 1 / 16;
const longest = 2;

const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));

let waits = 0;
let started = 0;
let turning = false;

/**
 * Lets the event loop rest between its turns as long as some work given here goes on. In Node, Dawn asks for news in each
 * turn and at once begins another (AsyncRunner::ScheduleProcessEvents in https://dawn.googlesource.com/dawn), a whole core's
 * work: one of those that a software driver computes on.
 */
export function restWhile(work: Promise<unknown>): void {
  if (waits++ === 0) started = performance.now();
  work.then(finished, finished);
  if (turning) return;
  turning = true;
  setImmediate(turn);
}

function finished(): void {
  waits--;
}

function turn(): void {
  turning = waits > 0;
  if (!turning) return;
  Atomics.wait(nobodyWakes, 0, 0, Math.min(longest, share * (performance.now() - started)));
  setImmediate(turn);
}
