import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect } from 'vitest';

export const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const specs = fileURLToPath(new URL('../../specs/', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  /** That ended the process, where none of its own listened. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that is removed when the test file is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'iwaec-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function write(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

export interface Running {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
  /** Resolves when stdout or stderr has said this. */
  said(text: string): Promise<void>;
}

/** Starts the built command line. */
export function start(cwd: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Running {
  const env = { ...process.env, NO_COLOR: '1', ...more };
  const child = spawn(process.execPath, [main, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...output }));
  });
  const said = async (text: string): Promise<void> => {
    while (!`${output.stdout}${output.stderr}`.includes(text)) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`ended without saying '${text}': ${output.stderr}`);
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  };
  return { child, outcome, said };
}

export const iwaec = (cwd: string, ...args: readonly string[]): Promise<Outcome> => start(cwd, args).outcome;

/** The outcome of a command that must succeed. */
export async function succeeds(cwd: string, ...args: readonly string[]): Promise<Outcome> {
  const outcome = await iwaec(cwd, ...args);
  expect(outcome.code, `iwaec ${args.join(' ')}\n${outcome.stdout}\n${outcome.stderr}`).toBe(0);
  return outcome;
}

/** The one object that a command prints with `--json`. */
export function jsonOf({ stdout }: Outcome): Record<string, unknown> {
  const parsed: unknown = JSON.parse(stdout);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(parsed).toBeTypeOf('object');
  return parsed as Record<string, unknown>;
}

const stackLine = /^\s+at .+:\d+:\d+\)?$/m;

/** One clear error: this status, these words, no stack trace, nothing on stdout. */
export function expectError(outcome: Outcome, code: number, words: RegExp): void {
  expect(outcome.stderr).toMatch(words);
  expect(outcome.code, outcome.stderr).toBe(code);
  expect(outcome.stderr).not.toMatch(stackLine);
  expect(outcome.stderr).toMatch(/^(error|device: .*\n(.*\n)*error)/);
}
