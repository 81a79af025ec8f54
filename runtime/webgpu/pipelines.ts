import type { Artefact, ProgramKernel } from '../../compiler/program/index.js';
import { fault } from '../errors.js';
import { shaderStageCompute } from './constants.js';

/** A kernel ready to launch. */
export interface CompiledKernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

export type DeviceVariant = 'gpu' | 'software';

/**
 * Compiles kernels for one device, each text once. Bind-group layouts are explicit: in an `auto` layout a binding that
 * the shader does not use drops out, and the bind group no longer fits.
 */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #kernels = new Map<string, Promise<CompiledKernel>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** All kernels of an artefact, compiled in parallel. @throws RuntimeFault `kernel-rejected`, `program-invalid` */
  async compile({ program, wgsl }: Artefact, variant: DeviceVariant): Promise<readonly CompiledKernel[]> {
    const compiled = program.kernels.map(kernel => {
      const key = kernel.variants[variant].source;
      const source = Object.hasOwn(wgsl, key) ? wgsl[key] : undefined;
      if (source === undefined) {
        return Promise.reject(
          fault('program-invalid', { where: '', reason: `kernel '${kernel.name}' has no text '${key}'` }),
        );
      }
      return this.#kernel(kernel, source);
    });
    await Promise.allSettled(compiled);
    return Promise.all(compiled);
  }

  #kernel(kernel: ProgramKernel, source: string): Promise<CompiledKernel> {
    const accesses = kernel.bindings.map(binding => binding.access).join(' ');
    const key = `${accesses}\n${source}`;
    const known = this.#kernels.get(key);
    if (known !== undefined) return known;
    const compiled = compileKernel(this.#device, kernel.name, source, this.#layout(kernel, accesses));
    this.#kernels.set(key, compiled);
    return compiled;
  }

  #layout(kernel: ProgramKernel, accesses: string): GPUBindGroupLayout {
    const known = this.#layouts.get(accesses);
    if (known !== undefined) return known;
    const layout = this.#device.createBindGroupLayout({
      entries: [
        { binding: 0, visibility: shaderStageCompute, buffer: { type: 'uniform', hasDynamicOffset: true } },
        ...kernel.bindings.map(
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

async function compileKernel(
  device: GPUDevice,
  name: string,
  source: string,
  layout: GPUBindGroupLayout,
): Promise<CompiledKernel> {
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
