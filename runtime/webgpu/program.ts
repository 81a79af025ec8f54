import {
  type Entry,
  type EntryKey,
  entryOf,
  type GpuClass,
  gpuBytes,
  type Program,
  type Result,
} from '../../compiler/program/index.js';
import type { LoadedProgram, Spans, Timing } from '../device.js';
import { fault } from '../errors.js';
import { ProgramMemory } from './buffers.js';
import type { EntryPipelines } from './entries.js';
import type { DeviceHealth } from './health.js';
import { ReadbackRing } from './readback.js';
import { type SubmissionWatch, timePasses, watchSubmissions } from './timing.js';

export interface LoadRequest {
  readonly device: GPUDevice;
  readonly health: DeviceHealth;
  readonly program: Program;
  readonly pipelines: EntryPipelines;
  readonly gpu: GpuClass;
}

/** Allocates a program's memory. @throws RuntimeFault `device-memory`, `limits-too-small` */
export async function loadWebGpuProgram(request: LoadRequest): Promise<LoadedProgram> {
  const { device, health, program } = request;
  const bytes = program.buffers.reduce((sum, buffer) => sum + gpuBytes(buffer), 0);
  const memory = await health.scoped(
    'out-of-memory',
    () => new ProgramMemory(device, program),
    () => fault('device-memory', { what: `model '${program.model.name}'`, bytes }),
  );
  return new WebGpuProgram(request, memory);
}

interface RecordedDispatch {
  readonly index: number;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

class WebGpuProgram implements LoadedProgram {
  readonly maxRuns: number;
  readonly #request: LoadRequest;
  readonly #memory: ProgramMemory;
  readonly #readback: ReadbackRing;
  readonly #groups = new Map<number, GPUBindGroup>();
  #groupsGeneration = 0;
  /** null while nobody watches. */
  #watch: SubmissionWatch | null = null;
  /** What became of a write that had to wait; told by the next write. */
  #failed: unknown = null;

  constructor(request: LoadRequest, memory: ProgramMemory) {
    this.#request = request;
    this.#memory = memory;
    this.#readback = new ReadbackRing(request.device);
    this.maxRuns = memory.maxRuns;
  }

  write(buffer: string, content: Float32Array | Uint8Array): void {
    const { health, pipelines } = this.#request;
    health.check();
    if (this.#failed !== null) throw this.#failed;
    if (!pipelines.mustWait(null)) {
      this.#memory.write(buffer, content);
      return;
    }
    const copy = content.slice();
    pipelines
      .inTurn(null, async () => this.#memory.write(buffer, copy))
      .catch((error: unknown) => {
        this.#failed ??= error;
      });
  }

  read(buffer: string): Promise<Float32Array> {
    return this.#request.pipelines.inTurn(null, () => this.#read(buffer));
  }

  async #read(buffer: string): Promise<Float32Array> {
    const { device, health } = this.#request;
    const bytes = this.#memory.declaration(buffer).length * 4;
    const source = this.#memory.buffer(buffer);
    const [content] = await this.#submit(() => {
      const encoder = device.createCommandEncoder({ label: 'read' });
      const copies = this.#readback.record(encoder, [{ buffer: source, bytes }]);
      device.queue.submit([encoder.finish()]);
      return copies.read();
    }, health);
    return new Float32Array(content!);
  }

  run(entry: EntryKey, frames: readonly Uint32Array[]): Promise<Readonly<Record<string, Float32Array>>> {
    return this.#request.pipelines.inTurn(entry, () => this.#run(entry, frames));
  }

  async #run(key: EntryKey, frames: readonly Uint32Array[]): Promise<Readonly<Record<string, Float32Array>>> {
    const { device, health, program } = this.#request;
    if (frames.length < 1 || frames.length > this.maxRuns) {
      throw fault('device-error', {
        reason: `a submission has 1 to ${this.maxRuns} runs, not ${frames.length}`,
      });
    }
    const entry = entryOf(program, key);
    const watched = this.#watch?.next();
    const contents = await this.#submit(() => {
      device.queue.writeBuffer(this.#memory.frames, 0, this.#packFrames(frames));
      const encoder = device.createCommandEncoder({ label: String(key) });
      this.#recordRuns(encoder, entry, frames.length, watched?.marks);
      const pieces = entry.results.map(result => ({
        buffer: this.#memory.buffer(result.buffer),
        bytes: this.#resultLength(result) * 4 * frames.length,
      }));
      const copies = pieces.length > 0 ? this.#readback.record(encoder, pieces) : null;
      device.queue.submit([encoder.finish()]);
      return copies === null ? device.queue.onSubmittedWorkDone().then(() => []) : copies.read();
    }, health);
    watched?.done();
    return Object.fromEntries(entry.results.map(({ name }, i) => [name, new Float32Array(contents[i]!)]));
  }

  /** Encodes and submits at once, so that calls keep their order, then waits for the content and for errors. */
  async #submit(
    encode: () => Promise<readonly ArrayBuffer[]>,
    health: DeviceHealth,
  ): Promise<readonly ArrayBuffer[]> {
    let content: Promise<readonly ArrayBuffer[]> = Promise.resolve([]);
    const checked = health.scoped(
      'validation',
      () => {
        content = encode();
        // Awaited below; if the scope rejects first, this must not count as unhandled.
        content.catch(() => undefined);
      },
      reason => fault('device-error', { reason }),
    );
    await checked;
    return health.guard(content);
  }

  time(key: EntryKey, frames: readonly Uint32Array[]): Promise<Timing> {
    return this.#request.pipelines.inTurn(key, () => this.#time(key, frames));
  }

  async #time(key: EntryKey, frames: readonly Uint32Array[]): Promise<Timing> {
    const { device, health, program } = this.#request;
    const entry = entryOf(program, key);
    device.queue.writeBuffer(this.#memory.frames, 0, this.#packFrames(frames));
    const recorded = this.#recorded(entry);
    const work = frames.flatMap((_, run) =>
      recorded.map(dispatch => (pass: GPUComputePassEncoder) => this.#dispatch(pass, dispatch, run)),
    );
    const times = await health.guard(timePasses(device, work));
    const launches = recorded.map(({ index }) => {
      const { name, jobs } = program.dispatches[index]!;
      return { name, kernels: jobs.flat() };
    });
    return { ...times, launches };
  }

  watch(): () => Promise<Spans> {
    const { device, health } = this.#request;
    const watch = watchSubmissions(device);
    this.#watch = watch;
    return () => {
      this.#watch = null;
      return health.guard(watch.read()).finally(() => watch.dispose());
    };
  }

  #recorded(entry: Entry): readonly RecordedDispatch[] {
    const { pipelines, program, gpu } = this.#request;
    return entry.dispatches[gpu].map(index => ({
      index,
      pipeline: pipelines.get(index).pipeline,
      group: this.#group(index),
      workgroups: program.dispatches[index]!.workgroups,
    }));
  }

  /** One pass for all dispatches of all runs: WebGPU orders those that touch the same buffers. */
  #recordRuns(
    encoder: GPUCommandEncoder,
    entry: Entry,
    runs: number,
    timestampWrites: GPUComputePassTimestampWrites | undefined,
  ): void {
    const recorded = this.#recorded(entry);
    const pass = encoder.beginComputePass(timestampWrites === undefined ? {} : { timestampWrites });
    for (let run = 0; run < runs; run++) {
      for (const dispatch of recorded) this.#dispatch(pass, dispatch, run);
    }
    pass.end();
  }

  #dispatch(
    pass: GPUComputePassEncoder,
    { pipeline, group, workgroups }: RecordedDispatch,
    run: number,
  ): void {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group, [run * this.#memory.frameStride]);
    pass.dispatchWorkgroups(...workgroups);
  }

  #packFrames(frames: readonly Uint32Array[]): Uint32Array<ArrayBuffer> {
    const words = this.#memory.frameStride / 4;
    const packed = new Uint32Array(words * frames.length);
    for (const [run, frame] of frames.entries()) packed.set(frame, run * words);
    return packed;
  }

  #group(index: number): GPUBindGroup {
    if (this.#groupsGeneration !== this.#memory.generation) {
      this.#groups.clear();
      this.#groupsGeneration = this.#memory.generation;
    }
    const known = this.#groups.get(index);
    if (known !== undefined) return known;
    const dispatch = this.#request.program.dispatches[index]!;
    const group = this.#request.device.createBindGroup({
      label: dispatch.name,
      layout: this.#request.pipelines.get(index).layout,
      entries: [
        { binding: 0, resource: { buffer: this.#memory.frames, size: this.#memory.frameStride } },
        ...dispatch.bindings.map(({ buffer }, i) => ({
          binding: 1 + i,
          resource: { buffer: this.#memory.buffer(buffer) },
        })),
      ],
    });
    this.#groups.set(index, group);
    return group;
  }

  #resultLength(result: Result): number {
    return this.#memory.declaration(result.buffer).length;
  }

  dispose(): void {
    this.#readback.dispose();
    this.#memory.dispose();
    this.#groups.clear();
  }
}
