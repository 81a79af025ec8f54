import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Artefact } from '../compiler/index.js';
import { runtime } from './doors.js';
import { Failure } from './failure.js';
import { systemReason, writeWholeFolder } from './files.js';

const programFile = 'program.json';
const kernelFolder = 'kernels';

const kernelSuffix = '.wgsl';

/** A key of `Artefact.wgsl` as the name of a file. */
const kernelFile = (source: string): string => `${kernelFolder}/${source}${kernelSuffix}`;

/** The CPU's kernels, without and with relaxed SIMD. */
const wasmFiles = { plain: 'kernels.wasm', relaxed: 'kernels.relaxed.wasm' } as const;

/** The runtime for pages, which `npm run build` bundles; it lies beside the built command line. */
const webFolder = new URL('../web/', import.meta.url);
const runtimeFiles = ['runtime.js', 'browser-worker.js', 'data-formats.js'] as const;
const runtimeModule = JSON.stringify(`./${runtimeFiles[0]}`);

/** The program and its kernels, as files of `folder`, which exists. */
export function writeProgram(folder: string, artefact: Artefact): void {
  writeFileSync(join(folder, programFile), `${JSON.stringify(artefact.program, null, 1)}\n`);
  mkdirSync(join(folder, kernelFolder));
  for (const [source, text] of Object.entries(artefact.wgsl))
    writeFileSync(join(folder, kernelFile(source)), text);
  if (artefact.wasm === undefined) return;
  writeFileSync(join(folder, wasmFiles.plain), artefact.wasm.plain);
  writeFileSync(join(folder, wasmFiles.relaxed), artefact.wasm.relaxed);
}

/** A program without them runs on WebGPU alone. */
function readWasm(folder: string): Pick<Artefact, 'wasm'> {
  if (!existsSync(join(folder, wasmFiles.plain))) return {};
  return {
    wasm: {
      plain: readBytes(join(folder, wasmFiles.plain)),
      relaxed: readBytes(join(folder, wasmFiles.relaxed)),
    },
  };
}

const invalid = (where: string, reason: string) =>
  new Failure('data', `${where}: ${reason}`, {
    code: 'program-invalid',
    help: 'build it again, or start a new run',
  });

function parseJson(path: string): unknown {
  const text = readText(path);
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(path, 'this is not JSON');
  }
}

const readText = (path: string): string => readBytes(path).toString('utf8');

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw invalid(path, systemReason(error));
  }
}

/** What `writeProgram` wrote. @throws Failure `program-invalid`, RuntimeFault `program-invalid`, `program-version` */
export async function readProgram(folder: string): Promise<Artefact> {
  const { checkProgram } = await runtime();
  const path = join(folder, programFile);
  const program = checkProgram(parseJson(path), path);
  const files = existsSync(join(folder, kernelFolder)) ? readdirSync(join(folder, kernelFolder)) : [];
  const sources = files
    .filter(name => name.endsWith(kernelSuffix))
    .map(name => name.slice(0, -kernelSuffix.length));
  return {
    program,
    wgsl: Object.fromEntries(sources.map(source => [source, readText(join(folder, kernelFile(source)))])),
    ...readWasm(folder),
  };
}

/** Of any version: an older artefact may be replaced. */
const isProgram = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'format' in value && value.format === 'iwaec-program';

/** @throws Failure `folder-in-the-way` if `folder` holds anything but an artefact */
function checkReplaceable(folder: string): void {
  if (!existsSync(folder)) return;
  const inTheWay = new Failure(
    'usage',
    `${folder} exists and is not an artefact of iwaec; it was left as it is`,
    {
      code: 'folder-in-the-way',
      help: 'name another folder with -o',
    },
  );
  try {
    if (readdirSync(folder).length === 0 || isProgram(parseJson(join(folder, programFile)))) return;
  } catch {
    // Not a folder that can be read, or nothing in it that looks like ours.
  }
  throw inTheWay;
}

/** Writes all that the runtime needs, and a module that loads it. Replaces an older artefact, and nothing else. */
export function writeArtefact(folder: string, artefact: Artefact): void {
  checkReplaceable(folder);
  const fill = (target: string) => {
    writeProgram(target, artefact);
    writeFileSync(join(target, 'index.js'), loaderModule(artefact));
    writeFileSync(join(target, 'index.d.ts'), loaderTypes(artefact));
    for (const file of runtimeFiles) copyFileSync(new URL(file, webFolder), join(target, file));
  };
  writeWholeFolder(folder, fill, { replace: true });
}

function loaderModule({ program, wgsl, wasm }: Artefact): string {
  return `// The model '${program.model.name}', built by iwaec, with the runtime. Runs in a page and in Node.
import { openSession } from ${runtimeModule};

export * from ${runtimeModule};

const kernels = ${JSON.stringify(Object.keys(wgsl), null, 2)};
const binaries = ${JSON.stringify(wasm === undefined ? {} : wasmFiles)};

async function bytes(file) {
  const url = new URL(file, import.meta.url);
  if (url.protocol === 'file:') return new Uint8Array(await (await import('node:fs/promises')).readFile(url));
  const response = await fetch(url);
  if (!response.ok) throw new Error(\`\${url} answers \${response.status}\`);
  return new Uint8Array(await response.arrayBuffer());
}

const text = async file => new TextDecoder().decode(await bytes(file));
const all = async (names, read) =>
  Object.fromEntries(await Promise.all(names.map(async ([name, file]) => [name, await read(file)])));

/** The program and its kernels. */
export async function artefact() {
  const [program, wgsl, wasm] = await Promise.all([
    text('${programFile}').then(JSON.parse),
    all(kernels.map(name => [name, \`${kernelFolder}/\${name}${kernelSuffix}\`]), text),
    all(Object.entries(binaries), bytes),
  ]);
  return { program, wgsl, ...('plain' in wasm ? { wasm } : {}) };
}

/** A session of this model on a device. */
export const open = async (device, options) => openSession(device, await artefact(), options);
`;
}

function loaderTypes({ program }: Artefact): string {
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
