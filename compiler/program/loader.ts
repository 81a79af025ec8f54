import type { Artefact } from './ir.js';

/** Paths of what the module loads, from its own folder. */
export interface LoadedPaths {
  readonly program: string;
  readonly kernel: (source: string) => string;
  readonly wasm: { readonly plain: string; readonly relaxed: string };
  readonly runtime: string;
}

/** What the module reads its files with where it was loaded from one. */
const nodeFiles = 'node:fs/promises';

/** The text of a module that loads a program with its kernels from its own folder, in a page or in Node. */
export function loaderModule({ program, wgsl, wasm }: Artefact, paths: LoadedPaths): string {
  const runtime = JSON.stringify(`./${paths.runtime}`);
  const kernels = Object.keys(wgsl).map(source => [source, paths.kernel(source)]);
  const binaries = wasm === undefined ? {} : paths.wasm;
  return `// The model '${program.model.name}', built by iwaec, with the runtime. Runs in a page and in Node.
import { openSession } from ${runtime};

export * from ${runtime};

const kernels = ${JSON.stringify(Object.fromEntries(kernels), null, 2)};
const binaries = ${JSON.stringify(binaries, null, 2)};

async function bytes(file) {
  const url = new URL(file, import.meta.url);
  if (url.protocol === 'file:') return new Uint8Array(await (await import(${JSON.stringify(nodeFiles)})).readFile(url));
  const response = await fetch(url);
  if (!response.ok) throw new Error(\`\${url} answers \${response.status}\`);
  return new Uint8Array(await response.arrayBuffer());
}

const text = async file => new TextDecoder().decode(await bytes(file));
const all = async (files, read) =>
  Object.fromEntries(
    await Promise.all(Object.entries(files).map(async ([name, file]) => [name, await read(file)])),
  );

/** The program and its kernels. */
export async function artefact() {
  const [program, wgsl, wasm] = await Promise.all([
    text(${JSON.stringify(paths.program)}).then(JSON.parse),
    all(kernels, text),
    all(binaries, bytes),
  ]);
  return { program, wgsl, ...('plain' in wasm ? { wasm } : {}) };
}

/** A session of this model on a device. */
export const open = async (device, options) => openSession(device, await artefact(), options);
`;
}

/** The types of that module. */
export function loaderTypes({ program }: Artefact): string {
  const data = program.model.data.map(
    ({ name, element, shape }) => `${name}: ${element}[${shape.join(', ')}]`,
  );
  return `import type { Artefact, Device, Session, SessionOptions } from 'iwaec/runtime/browser';

export * from 'iwaec/runtime/browser';

/** The program of '${program.model.name}' (data ${data.join(', ')}; bound ${program.model.bound}). */
export declare function artefact(): Promise<Artefact>;
/** A session of this model on a device. */
export declare function open(device: Device, options?: SessionOptions): Promise<Session>;
`;
}
