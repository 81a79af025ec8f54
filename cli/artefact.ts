import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Artefact, Files } from '../compiler/index.js';
import { compiler, platform, runtime } from './doors.js';
import { Failure } from './failure.js';
import { sweepBeside, systemReason, writeWholeFolder } from './files.js';
import { uncut } from './interrupt.js';

type Paths = Awaited<ReturnType<typeof platform>>['artefactPaths'];

/** The runtime for pages, which `npm run build` bundles; it lies beside the built command line. */
const webFolder = new URL('../web/', import.meta.url);

/** Files below `folder`, which exists. */
export function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** A program without them runs on WebGPU alone. */
function readWasm(folder: string, { wasm }: Paths): Pick<Artefact, 'wasm'> {
  if (!existsSync(join(folder, wasm.plain))) return {};
  return {
    wasm: { plain: readBytes(join(folder, wasm.plain)), relaxed: readBytes(join(folder, wasm.relaxed)) },
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

/** What a folder has of `programFiles`. @throws Failure `program-invalid`, RuntimeFault `program-invalid`, `program-version` */
export async function readProgram(folder: string): Promise<Artefact> {
  const { checkProgram } = await runtime();
  const { artefactPaths: paths } = await platform();
  const path = join(folder, paths.program);
  const program = checkProgram(parseJson(path), path);
  const kernels = join(folder, paths.kernelFolder);
  const sources = (existsSync(kernels) ? readdirSync(kernels) : [])
    .filter(name => name.endsWith(paths.kernelSuffix))
    .map(name => name.slice(0, -paths.kernelSuffix.length));
  return {
    program,
    wgsl: Object.fromEntries(sources.map(source => [source, readText(join(folder, paths.kernel(source)))])),
    ...readWasm(folder, paths),
  };
}

/** Of any version: an older artefact may be replaced. */
const isProgram = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'format' in value && value.format === 'iwaec-program';

/** @throws Failure `folder-in-the-way` if `folder` holds anything but an artefact */
function checkReplaceable(folder: string, { program }: Paths): void {
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
    if (readdirSync(folder).length === 0 || isProgram(parseJson(join(folder, program)))) return;
  } catch {
    // Not a folder that can be read, or nothing in it that looks like ours.
  }
  throw inTheWay;
}

/** Writes all that the runtime needs, and a module that loads it. Replaces an older artefact, and nothing else. */
export async function writeArtefact(folder: string, artefact: Artefact): Promise<void> {
  const { artefactFiles, artefactPaths: paths } = await compiler();
  checkReplaceable(folder, paths);
  const fill = (target: string) => {
    writeFiles(target, artefactFiles(artefact));
    for (const file of paths.runtime) copyFileSync(new URL(file, webFolder), join(target, file));
  };
  await uncut(() => writeWholeFolder(folder, fill, { replace: true }));
  sweepBeside(folder);
}
