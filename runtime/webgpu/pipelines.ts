import {
  type Artefact,
  type EntryKey,
  entryOf,
  type GpuClass,
  type ProgramDispatch,
} from '../../compiler/program/index.js';
import { fault } from '../errors.js';
import { shaderStageCompute } from './constants.js';

/** A dispatch ready to be recorded. */
export interface CompiledDispatch {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/**
 * Compiles dispatches for one device, each text once. Bind-group layouts are explicit: in an `auto` layout a binding that
 * the shader does not use drops out, and the bind group no longer fits.
 */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #dispatches = new Map<string, Promise<CompiledDispatch>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /**
   * All dispatches that an artefact's entries have for a class of GPU, compiled in parallel; by their index in the program.
   * @throws RuntimeFault `kernel-rejected`, `program-invalid`
   */
  async compile(
    { program, wgsl }: Artefact,
    entries: readonly EntryKey[],
    gpu: GpuClass,
  ): Promise<ReadonlyMap<number, CompiledDispatch>> {
    const indices = [...new Set(entries.flatMap(key => entryOf(program, key).dispatches[gpu]))];
    const compiled = indices.map(index => {
      const dispatch = program.dispatches[index]!;
      const source = Object.hasOwn(wgsl, dispatch.source) ? wgsl[dispatch.source] : undefined;
      if (source === undefined) {
        const reason = `dispatch '${dispatch.name}' has no text '${dispatch.source}'`;
        return Promise.reject(fault('program-invalid', { where: '', reason }));
      }
      return this.#dispatch(dispatch, source);
    });
    await Promise.allSettled(compiled);
    const done = await Promise.all(compiled);
    return new Map(indices.map((index, i) => [index, done[i]!]));
  }

  #dispatch(dispatch: ProgramDispatch, source: string): Promise<CompiledDispatch> {
    const accesses = dispatch.bindings.map(binding => binding.access).join(' ');
    const key = `${accesses}\n${source}`;
    const known = this.#dispatches.get(key);
    if (known !== undefined) return known;
    const compiled = compileDispatch(this.#device, dispatch.name, source, this.#layout(dispatch, accesses));
    this.#dispatches.set(key, compiled);
    return compiled;
  }

  #layout(dispatch: ProgramDispatch, accesses: string): GPUBindGroupLayout {
    const known = this.#layouts.get(accesses);
    if (known !== undefined) return known;
    const layout = this.#device.createBindGroupLayout({
      entries: [
        { binding: 0, visibility: shaderStageCompute, buffer: { type: 'uniform', hasDynamicOffset: true } },
        ...dispatch.bindings.map(
          ({ access }, index): GPUBindGroupLayoutEntry => ({
            binding: 1 + index,
            visibility: shaderStageCompute,
            buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
          }),
        ),
      ],
    });
    this.#layouts.set(accesses, layout);
    return layout;
  }
}

async function compileDispatch(
  device: GPUDevice,
  name: string,
  source: string,
  layout: GPUBindGroupLayout,
): Promise<CompiledDispatch> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code: source, label: name });
  const pipeline = device.createComputePipelineAsync({
    label: name,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: 'main' },
  });
  const [outcome, error, information] = await Promise.all([
    pipeline.then(
      value => ({ value }),
      (reason: unknown) => ({ reason: reason instanceof Error ? reason.message : String(reason) }),
    ),
    device.popErrorScope(),
    module.getCompilationInfo(),
  ]);
  if ('value' in outcome && error === null) return { pipeline: outcome.value, layout };
  const messages = information.messages
    .filter(message => message.type === 'error')
    .map(message => `line ${message.lineNum}: ${message.message}`);
  const reason =
    messages.length > 0
      ? messages.join('; ')
      : (error?.message ?? ('reason' in outcome ? outcome.reason : ''));
  throw fault('kernel-rejected', { kernel: name, reason: reason.trim() });
}
