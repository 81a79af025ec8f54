import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { constants, homedir, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** A folder with the Vulkan loader and the SwiftShader driver of the package `@sparticuz/chromium`. */
export interface PackagedDriver {
  readonly loader: string;
  readonly manifest: string;
}

const files = {
  loader: 'libvulkan.so.1',
  manifest: 'vk_swiftshader_icd.json',
  driver: 'libvk_swiftshader.so',
};

/** The packed driver, or null where the (development) dependency is not installed or not for this machine. */
export function packagedArchive(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  try {
    const require = createRequire(import.meta.url);
    require.resolve('tar');
    // The main module lies in build/cjs; the package exports neither its manifest nor its archives.
    const root = join(dirname(require.resolve('@sparticuz/chromium')), '..', '..');
    const archive = join(root, 'bin', 'swiftshader.tar.br');
    return existsSync(archive) ? archive : null;
  } catch {
    return null;
  }
}

/** A folder that only this user writes to: what lies in it is loaded as code. */
async function cacheFolder(): Promise<string> {
  const choices = [
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'iwaec'),
    join(tmpdir(), `iwaec-${userInfo().uid}`),
  ];
  for (const folder of choices) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const { uid, mode } = await stat(folder);
      if (uid === userInfo().uid && (mode & 0o022) === 0) return folder;
    } catch {
      // Not ours to write: the next one.
    }
  }
  throw new Error(`none of ${choices.join(', ')} is a folder that only this user can write`);
}

/**
 * Unpacks the driver once for each version of it. Any number of processes may do so at the same time: each unpacks into
 * a folder of its own and renames it, and whoever comes second uses what is there.
 */
export async function unpackDriver(archive: string): Promise<PackagedDriver> {
  const packed = await readFile(archive);
  const version = createHash('sha256').update(packed).digest('hex').slice(0, 16);
  const cache = await cacheFolder();
  const folder = join(cache, `swiftshader-${version}`);
  if (!existsSync(folder)) {
    const own = join(cache, `unpacking-${randomUUID()}`);
    try {
      await unpack(packed, own);
      await rename(own, folder).catch(error => {
        if (!existsSync(folder)) throw error;
      });
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  }
  return { loader: join(folder, files.loader), manifest: join(folder, files.manifest) };
}

async function unpack(packed: Uint8Array, folder: string): Promise<void> {
  const { extract } = await import('tar');
  await mkdir(folder, { mode: 0o700 });
  const archive = join(folder, 'swiftshader.tar');
  await writeFile(archive, brotliDecompressSync(packed));
  await extract({
    file: archive,
    cwd: folder,
    filter: path => Object.values(files).includes(path.replace(/^\.\//, '')),
  });
  await rm(archive);
}

/** Keeps a library in memory when the handle that loaded it is closed (glibc's RTLD_NODELETE). */
const neverUnload = 0x1000;

/**
 * Loads the packaged Vulkan loader into this process, so that Dawn's own `dlopen("libvulkan.so.1")` finds it by name:
 * LD_LIBRARY_PATH is read when a process starts and cannot be set from inside.
 */
export function preloadLoader(loader: string): void {
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
  try {
    process.dlopen({ exports: {} }, loader, RTLD_NOW | RTLD_GLOBAL | neverUnload);
  } catch (error) {
    // Always thrown: it is no Node add-on. It stays loaded all the same.
    if (!(error instanceof Error && error.message.includes('did not self-register'))) throw error;
  }
}
