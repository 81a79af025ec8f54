import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, wherever it runs. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process began, as the system counts; null where the system does not say. */
  readonly birth: string | null;
}

/**
 * Start of a process in clock ticks after boot: a pid alone is given again after a restart of the machine.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, field 22; the name in field 2 may hold anything but `)`.
 */
function birthOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

export const thisProcess = (): Owner => ({
  pid: process.pid,
  host: hostname(),
  birth: birthOf(process.pid),
});

/** Of a process of another machine nobody knows: it counts as alive. */
export function isAlive({ pid, host, birth }: Owner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const found = birthOf(pid);
  return birth === null || found === null || birth === found;
}
