import { readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { StoredData } from '../data/array.js';
import type { Dataset } from '../data/dataset.js';
import { datasetFrom, parseStored } from '../data/file.js';
import { parseIdx } from '../data/formats/idx.js';
import { type SourceFile, type SourceName, type SourceSplit, sourceNamed } from '../data/sources.js';
import { fault } from '../errors.js';
import { fileMatches, matchesChecksum } from './checksum.js';
import { type DownloadOptions, type DownloadProgress, download } from './download.js';
import { cacheFolder } from './node-cache.js';
import { unpacked } from './node-data.js';

/** The variable that names an address of one's own, tried before the public ones: `<address>/<data set>/<file>`. */
export const mirrorVariable = 'IWAEC_MIRROR';

export interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((file: string, progress: DownloadProgress) => void) | undefined;
}

/** Where the files of a data set are, or will be. @throws RuntimeFault `data-missing` without the package they come in */
export function sourceFolder(name: SourceName): string {
  const { from } = sourceNamed(name);
  if (!('package' in from)) return join(cacheFolder(), 'data', name);
  try {
    const manifest = createRequire(import.meta.url).resolve(`${from.package}/package.json`);
    return join(dirname(manifest), from.folder);
  } catch {
    throw fault('data-missing', {
      what: `${name} comes with the package '${from.package}', which is not installed`,
    });
  }
}

export type FileState = 'whole' | 'absent' | 'damaged';

/** Each file of a data set, and whether it is there and is the right one. Reads all of it. */
export async function inspectSource(
  name: SourceName,
): Promise<readonly { readonly file: SourceFile; readonly path: string; readonly state: FileState }[]> {
  const folder = sourceFolder(name);
  return Promise.all(
    sourceNamed(name).files.map(async file => {
      const path = join(folder, file.name);
      return { file, path, state: await stateOf(path, file) };
    }),
  );
}

/** Whether all files of a data set are there with their sizes; reads none. */
export async function isSourceHere(name: SourceName): Promise<boolean> {
  let folder: string;
  try {
    folder = sourceFolder(name);
  } catch {
    // The package that it comes in is not installed.
    return false;
  }
  const sizes = await Promise.all(
    sourceNamed(name).files.map(async file => {
      const facts = await stat(join(folder, file.name)).catch(() => null);
      return facts !== null && (file.bytes === undefined || facts.size === file.bytes);
    }),
  );
  return sizes.every(Boolean);
}

async function stateOf(path: string, { checksum }: SourceFile): Promise<FileState> {
  const facts = await stat(path).catch(() => null);
  if (facts === null) return 'absent';
  return (await fileMatches(path, checksum)) ? 'whole' : 'damaged';
}

/**
 * Fetches what is absent or damaged of a data set into the cache folder.
 * @throws RuntimeFault `download-failed`, `data-missing`, `data-corrupt`; the system's own error where the cache cannot be written
 */
export async function fetchSource(name: SourceName, options: FetchOptions = {}): Promise<void> {
  for (const { file, path, state } of await inspectSource(name)) {
    if (state !== 'whole') await fetchFile(name, file, path, state, options);
  }
}

async function fetchFile(
  name: SourceName,
  file: SourceFile,
  path: string,
  state: FileState,
  { signal, onProgress }: FetchOptions,
): Promise<void> {
  const { from } = sourceNamed(name);
  if ('package' in from) {
    const reason = state === 'absent' ? 'it is not there' : 'it has another checksum than the canonical file';
    throw fault('data-corrupt', {
      where: path,
      reason: `${reason}; it comes with the package '${from.package}'`,
    });
  }
  if (state === 'damaged') await rm(path);
  const own = process.env[mirrorVariable];
  const urls = [...(own ? [`${own.replace(/\/$/, '')}/${name}/`] : []), ...from.mirrors];
  const watch: DownloadOptions = { signal, onProgress: progress => onProgress?.(file.name, progress) };
  await download(
    { path, urls: urls.map(url => url + file.name), bytes: file.bytes, checksum: file.checksum },
    watch,
  );
}

export interface SourceData {
  readonly train: Dataset;
  readonly test: Dataset;
  readonly valid?: Dataset;
}

/**
 * A data set by its name, fetched on first use. Checksums are compared on every use.
 * @throws as `fetchSource`
 */
export async function readSource(
  name: SourceName,
  options: FetchOptions & { readonly folder?: string } = {},
): Promise<SourceData> {
  if (options.folder === undefined) await fetchMissing(name, options);
  const reader = new SourceReader(name, options.folder ?? sourceFolder(name));
  const { train, test, valid } = sourceNamed(name).splits;
  return {
    train: await reader.split('train', train),
    test: await reader.split('test', test),
    ...(valid === undefined ? {} : { valid: await reader.split('valid', valid) }),
  };
}

/** Sizes are enough here: the reader compares checksums of what it reads. */
async function fetchMissing(name: SourceName, options: FetchOptions): Promise<void> {
  if (!(await isSourceHere(name))) await fetchSource(name, options);
}

class SourceReader {
  readonly #name: SourceName;
  readonly #folder: string;
  /** A file of several splits is read once. */
  readonly #files = new Map<string, Promise<Uint8Array>>();
  readonly #stored = new Map<string, StoredData>();

  constructor(name: SourceName, folder: string) {
    this.#name = name;
    this.#folder = folder;
  }

  async split(split: string, { images, labels, variable, rows }: SourceSplit): Promise<Dataset> {
    const { width, finish = (dataset: Dataset) => dataset } = sourceNamed(this.#name);
    const bytes = await this.#bytes(images);
    const path = join(this.#folder, images);
    const stored = this.#stored.get(images) ?? parseStored(bytes, path, { width });
    this.#stored.set(images, stored);
    const raw = datasetFrom(stored, path, { variable, width });
    if (raw.rows !== rows || raw.width !== width) {
      const shape = `${raw.rows} rows of ${raw.width}`;
      throw fault('data-corrupt', { where: path, reason: `it has ${shape}, not ${rows} rows of ${width}` });
    }
    const named = { ...finish(raw), name: `${this.#name} ${split}` };
    if (labels === undefined) return named;
    return { ...named, labels: parseIdx(await this.#bytes(labels), join(this.#folder, labels)).values };
  }

  #bytes(name: string): Promise<Uint8Array> {
    const known = this.#files.get(name) ?? this.#read(name);
    this.#files.set(name, known);
    return known;
  }

  async #read(name: string): Promise<Uint8Array> {
    const path = join(this.#folder, name);
    const file = sourceNamed(this.#name).files.find(candidate => candidate.name === name)!;
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      throw fault('data-missing', { what: `${path} cannot be read (${error.code ?? error.message})` });
    });
    if (!matchesChecksum(bytes, file.checksum)) {
      const reason = `its checksum is not ${file.checksum.hex}: get it again with \`iwaec data get ${this.#name}\``;
      throw fault('data-corrupt', { where: path, reason });
    }
    return unpacked(bytes, path);
  }
}
