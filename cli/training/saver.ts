import type { Checkpoint } from '../../runtime/index.js';
import { writeCheckpoint } from '../run-checkpoints.js';

/** Writes a run's checkpoints, one at a time and none older than the last. */
export class Saver {
  readonly #run: string;
  readonly #keep: number;
  readonly #failed = new AbortController();
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  /** Of the last checkpoint on disk, or on its way there. */
  #step: number;

  constructor(run: string, keep: number, step: number) {
    this.#run = run;
    this.#keep = keep;
    this.#step = step;
  }

  /** Aborts, with the failure as its reason, when a checkpoint could not be written in the background. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** While training goes on. One that comes while another is written is let go: the next is not far. */
  inBackground(checkpoint: Checkpoint): void {
    if (this.#isWriting || checkpoint.facts.step <= this.#step) return;
    this.#isWriting = true;
    this.#writing = this.#write(checkpoint)
      .catch(error => this.#failed.abort(error))
      .finally(() => {
        this.#isWriting = false;
      });
  }

  /** @throws Failure `write-refused`, that of an earlier checkpoint too */
  async now(checkpoint: Checkpoint): Promise<void> {
    await this.#writing;
    this.failed.throwIfAborted();
    if (checkpoint.facts.step > this.#step) await this.#write(checkpoint);
  }

  async #write(checkpoint: Checkpoint): Promise<void> {
    await writeCheckpoint(this.#run, checkpoint, this.#keep);
    this.#step = checkpoint.facts.step;
  }
}
