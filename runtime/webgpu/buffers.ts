import {
  allEntries,
  frameLength,
  gpuBytes,
  type Program,
  type ProgramBuffer,
} from '../../compiler/program/index.js';
import { fault } from '../errors.js';
import { bufferUsage } from './constants.js';
import { checkBuffer, runsThatFit } from './limits.js';

/** Buffers whose length is that of what the host writes. */
const sizedByContent = (buffer: ProgramBuffer) => buffer.role === 'dataset' || buffer.role === 'order';

const storageUsage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;

/** Storage must not be empty, and is copied in words. */
const paddedBytes = (bytes: number) => Math.max(4, Math.ceil(bytes / 4) * 4);

/** The device memory of one program: its buffers by name, and the frames of one submission. */
export class ProgramMemory {
  readonly maxRuns: number;
  /** Bytes from one run's frame to the next. */
  readonly frameStride: number;
  readonly frames: GPUBuffer;
  /** Changes when a buffer is replaced by a larger or smaller one. */
  generation = 0;
  readonly #device: GPUDevice;
  readonly #declarations: ReadonlyMap<string, ProgramBuffer>;
  readonly #buffers = new Map<string, GPUBuffer>();

  constructor(device: GPUDevice, program: Program) {
    this.#device = device;
    this.#declarations = new Map(program.buffers.map(buffer => [buffer.name, buffer]));
    this.maxRuns = runsThatFit(program, device.limits);
    this.frameStride = 4 * Math.max(...allEntries(program).map(entry => frameLength(entry.host.length)));
    for (const buffer of program.buffers) {
      if (!sizedByContent(buffer)) checkBuffer(buffer, this.#bytes(buffer), device.limits);
    }
    this.frames = device.createBuffer({
      label: 'frames',
      size: this.frameStride * this.maxRuns,
      usage: bufferUsage.uniform | bufferUsage.copyDestination,
    });
    for (const buffer of program.buffers) {
      if (!sizedByContent(buffer)) this.#create(buffer, this.#bytes(buffer));
    }
  }

  get totalBytes(): number {
    return [...this.#buffers.values()].reduce((sum, buffer) => sum + buffer.size, 0);
  }

  #bytes(buffer: ProgramBuffer): number {
    return paddedBytes(gpuBytes(buffer) * (buffer.role === 'result' ? this.maxRuns : 1));
  }

  #create({ name }: ProgramBuffer, size: number): GPUBuffer {
    const buffer = this.#device.createBuffer({ label: name, size, usage: storageUsage });
    this.#buffers.set(name, buffer);
    return buffer;
  }

  declaration(name: string): ProgramBuffer {
    const declaration = this.#declarations.get(name);
    if (declaration === undefined)
      throw fault('program-invalid', { where: '', reason: `it has no buffer '${name}'` });
    return declaration;
  }

  /** @throws RuntimeFault `data-missing` for a data set or order that was not written yet */
  buffer(name: string): GPUBuffer {
    const buffer = this.#buffers.get(name);
    if (buffer === undefined) {
      throw fault('data-missing', {
        what: `'${this.declaration(name).name}' was not given to the device`,
        remedy: 'bind data first',
      });
    }
    return buffer;
  }

  write(name: string, content: Float32Array | Uint8Array): void {
    const declaration = this.declaration(name);
    const size = paddedBytes(content.byteLength);
    if (!sizedByContent(declaration) && size !== paddedBytes(declaration.length * 4)) {
      const reason = `buffer '${name}' has ${declaration.length} elements, and ${content.byteLength} bytes were given`;
      throw fault('program-invalid', { where: '', reason });
    }
    this.#device.queue.writeBuffer(this.#resized(declaration, size), 0, inWords(content));
  }

  /** The buffer at this size; work already submitted keeps the memory of the one it replaces. */
  #resized(declaration: ProgramBuffer, size: number): GPUBuffer {
    const known = this.#buffers.get(declaration.name);
    if (known !== undefined && (!sizedByContent(declaration) || known.size === size)) return known;
    checkBuffer(declaration, size, this.#device.limits);
    known?.destroy();
    this.generation++;
    return this.#create(declaration, size);
  }

  dispose(): void {
    this.frames.destroy();
    for (const buffer of this.#buffers.values()) buffer.destroy();
    this.#buffers.clear();
  }
}

/** Bytes to write, filled up to whole words. */
function inWords(content: Float32Array | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(content.buffer as ArrayBuffer, content.byteOffset, content.byteLength);
  if (bytes.length % 4 === 0) return bytes;
  const padded = new Uint8Array(paddedBytes(bytes.length));
  padded.set(bytes);
  return padded;
}
