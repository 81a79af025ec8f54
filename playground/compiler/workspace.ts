import { type Signal, signal } from '../app/signal.js';
import type { CompilerClient } from './client.js';
import type { Compiled, Problem } from './messages.js';

/** What is known of the text at hand. */
export interface WorkspaceState {
  readonly status: 'checking' | 'errors' | 'compiling' | 'ready' | 'failed';
  /** Of the text that was checked last. */
  readonly problems: readonly Problem[];
  /** The last program that compiled, of this text or of an older one. */
  readonly compiled: Compiled | null;
  /** `compiled` is of an older text. */
  readonly stale: boolean;
  /** Why the compiler itself failed. */
  readonly failure: string | null;
}

const checkAfter = 150;
const compileAfter = 450;

/** Checks a text as it is edited, and compiles it when it is right. */
export class Workspace {
  readonly state: Signal<WorkspaceState> = signal<WorkspaceState>({
    status: 'checking',
    problems: [],
    compiled: null,
    stale: false,
    failure: null,
  });
  readonly text: Signal<string>;
  readonly #compiler: CompilerClient;
  #timer = 0;

  constructor(compiler: CompilerClient, text: string) {
    this.#compiler = compiler;
    this.text = signal(text);
    this.text.subscribe(() => this.#onText());
  }

  #change(changes: Partial<WorkspaceState>): void {
    const state = { ...this.state.get(), ...changes };
    const stale = state.compiled !== null && state.compiled.text !== this.text.get();
    this.state.set({ ...state, stale });
  }

  #onText(): void {
    window.clearTimeout(this.#timer);
    this.#change({ status: 'checking' });
    this.#timer = window.setTimeout(() => void this.#guard(() => this.#check()), checkAfter);
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    const text = this.text.get();
    try {
      await work();
    } catch (error) {
      if (this.text.get() !== text) return;
      this.#change({ status: 'failed', failure: error instanceof Error ? error.message : String(error) });
    }
  }

  async #check(): Promise<void> {
    const text = this.text.get();
    const problems = await this.#compiler.call('check', { text });
    if (this.text.get() !== text) return;
    const wrong = problems.some(({ severity }) => severity === 'error');
    this.#change({ status: wrong ? 'errors' : 'compiling', problems, failure: null });
    if (wrong) return;
    this.#timer = window.setTimeout(() => void this.#guard(() => this.#compile()), compileAfter - checkAfter);
  }

  async #compile(): Promise<void> {
    const text = this.text.get();
    const { problems, compiled } = await this.#compiler.call('compile', { text });
    if (this.text.get() !== text) return;
    if (compiled === null) this.#change({ status: 'errors', problems });
    else this.#change({ status: 'ready', problems, compiled });
  }
}
