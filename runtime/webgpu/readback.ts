import { bufferUsage, mapModeRead } from './constants.js';

/** A part of a device buffer that the host wants to see, in bytes. */
export interface Piece {
  readonly buffer: GPUBuffer;
  readonly bytes: number;
}

/**
 * Brings results to the host through staging buffers, which are kept and used again: as many as submissions were ever
 * in flight at once.
 */
export class ReadbackRing {
  readonly #device: GPUDevice;
  readonly #free: GPUBuffer[] = [];
  readonly #all = new Set<GPUBuffer>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Records the copies behind what the encoder holds; after `queue.submit`, `read` waits for them. */
  record(
    encoder: GPUCommandEncoder,
    pieces: readonly Piece[],
  ): { readonly read: () => Promise<readonly ArrayBuffer[]> } {
    const total = pieces.reduce((sum, { bytes }) => sum + bytes, 0);
    const staging = this.#acquire(total);
    let at = 0;
    for (const { buffer, bytes } of pieces) {
      encoder.copyBufferToBuffer(buffer, 0, staging, at, bytes);
      at += bytes;
    }
    return { read: () => this.#read(staging, pieces, total) };
  }

  async #read(staging: GPUBuffer, pieces: readonly Piece[], total: number): Promise<readonly ArrayBuffer[]> {
    await staging.mapAsync(mapModeRead, 0, total);
    const content = staging.getMappedRange(0, total);
    let at = 0;
    const copies = pieces.map(({ bytes }) => {
      at += bytes;
      return content.slice(at - bytes, at);
    });
    staging.unmap();
    this.#free.push(staging);
    return copies;
  }

  #acquire(bytes: number): GPUBuffer {
    const fitting = this.#free.findIndex(buffer => buffer.size >= bytes);
    if (fitting >= 0) return this.#free.splice(fitting, 1)[0]!;
    // None is large enough: free ones make room rather than pile up.
    for (const buffer of this.#free.splice(0)) this.#destroy(buffer);
    const buffer = this.#device.createBuffer({
      label: 'readback',
      size: bytes,
      usage: bufferUsage.mapRead | bufferUsage.copyDestination,
    });
    this.#all.add(buffer);
    return buffer;
  }

  #destroy(buffer: GPUBuffer): void {
    buffer.destroy();
    this.#all.delete(buffer);
  }

  dispose(): void {
    for (const buffer of this.#all) buffer.destroy();
    this.#all.clear();
    this.#free.length = 0;
  }
}
