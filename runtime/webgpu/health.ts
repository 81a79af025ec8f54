import { fault, isFault, type RuntimeFault } from '../errors.js';

/** How long news of a loss may take after the errors that it causes. */
const lossMilliseconds = 500;

const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

/**
 * What went wrong with a device outside a call. Errors that no scope caught are kept for the next call, because
 * unhandled they can end a Node process.
 */
export class DeviceHealth {
  readonly #device: GPUDevice;
  readonly #onWait: ((work: Promise<unknown>) => void) | undefined;
  #lost: string | null = null;
  #disposed = false;
  #pending: RuntimeFault | null = null;
  /** Resolves with the reason when the device is lost other than by `dispose`. */
  readonly lost: Promise<string>;

  constructor(device: GPUDevice, onWait?: (work: Promise<unknown>) => void) {
    this.#device = device;
    this.#onWait = onWait;
    device.addEventListener('uncapturederror', event => {
      event.preventDefault();
      this.#pending ??= fault('device-error', { reason: event.error.message.trim() });
    });
    this.lost = new Promise(resolve => {
      device.lost.then(information => {
        this.#lost = information.message.trim() || information.reason;
        if (!this.#disposed) resolve(this.#lost);
      });
    });
  }

  /** @throws RuntimeFault for a device that cannot be used, or an error that came up since the last call. */
  check(): void {
    if (this.#disposed) throw fault('device-lost', { reason: 'it was disposed of' });
    if (this.#lost !== null) throw fault('device-lost', { reason: this.#lost });
    const pending = this.#pending;
    this.#pending = null;
    if (pending !== null) throw pending;
  }

  /** Waits for work on the device; what it rejects with becomes a fault. */
  async guard<Value>(work: Promise<Value>): Promise<Value> {
    this.#onWait?.(work);
    try {
      return await work;
    } catch (error) {
      if (isFault(error)) throw error;
      // A lost device rejects pending work first and tells of its loss later: a browser after some messages.
      await Promise.race([this.#device.lost, pause(lossMilliseconds)]);
      this.check();
      throw fault('device-error', { reason: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Runs synchronous calls of the API; rejects if one of them is not valid. */
  async scoped<Value>(
    filter: GPUErrorFilter,
    calls: () => Value,
    toFault: (message: string) => RuntimeFault,
  ): Promise<Value> {
    this.check();
    this.#device.pushErrorScope(filter);
    let error: Promise<GPUError | null>;
    let value: Value;
    try {
      value = calls();
    } finally {
      error = this.#device.popErrorScope();
      // Awaited below, unless `calls` threw.
      error.catch(() => undefined);
    }
    const found = await this.guard(error);
    if (found !== null) throw toFault(found.message.trim());
    return value;
  }

  dispose(): void {
    this.#disposed = true;
  }
}
