import type { Artefact } from './ir.js';
import { loaderModule, loaderTypes } from './loader.js';

/** Files by their path, which has slashes. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

const kernelFolder = 'kernels';
const kernelSuffix = '.wgsl';

/** Where the parts of an artefact lie in its folder. */
export const artefactPaths = {
  program: 'program.json',
  kernelFolder,
  kernelSuffix,
  /** Of a key of `Artefact.wgsl`. */
  kernel: (source: string): string => `${kernelFolder}/${source}${kernelSuffix}`,
  /** The CPU's kernels, without and with relaxed SIMD. */
  wasm: { plain: 'kernels.wasm', relaxed: 'kernels.relaxed.wasm' },
  loader: { module: 'index.js', types: 'index.d.ts' },
  /** The runtime for pages as it is bundled: the module that the loader imports, and what that one needs. */
  runtime: ['runtime.js', 'browser-worker.js', 'data-formats.js'],
} as const;

/** The program and its kernels: what a run keeps. */
export function programFiles({ program, wgsl, wasm }: Artefact): Files {
  const { wasm: paths, kernel } = artefactPaths;
  return {
    [artefactPaths.program]: `${JSON.stringify(program, null, 1)}\n`,
    ...Object.fromEntries(Object.entries(wgsl).map(([source, text]) => [kernel(source), text])),
    ...(wasm === undefined ? {} : { [paths.plain]: wasm.plain, [paths.relaxed]: wasm.relaxed }),
  };
}

/** All of an artefact's folder but the runtime, which is the same for all: `artefactPaths.runtime`. */
export function artefactFiles(artefact: Artefact): Files {
  const { loader, runtime, wasm, program, kernel } = artefactPaths;
  const places = { program, kernel, wasm, runtime: runtime[0] };
  return {
    ...programFiles(artefact),
    [loader.module]: loaderModule(artefact, places),
    [loader.types]: loaderTypes(artefact),
  };
}
