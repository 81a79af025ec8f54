import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';
import { extract } from 'tar';

/*
 * The headless Chromium of the package `@sparticuz/chromium`, with its software driver for WebGPU. The package's own
 * unpacking is for one process on a machine; test runs may be many.
 */
const require = createRequire(import.meta.url);

const archives = ['swiftshader', 'al2023', 'fonts'] as const;

/** Null where the package has no browser for this machine. */
export async function unpackChromium(): Promise<string | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const main = require.resolve('@sparticuz/chromium');
  const packed = join(dirname(main), '..', '..', 'bin');
  const modules = main.slice(0, main.lastIndexOf('@sparticuz'));
  const folder = join(modules, '.cache', 'iwaec-chromium');
  if (existsSync(join(folder, 'chromium'))) return folder;
  const own = `${folder}-${process.pid}`;
  mkdirSync(own, { recursive: true });
  const unpacked = (name: string) => brotliDecompressSync(readFileSync(join(packed, `${name}.br`)));
  writeFileSync(join(own, 'chromium'), unpacked('chromium'), { mode: 0o755 });
  for (const name of archives) {
    const file = join(own, `${name}.tar`);
    writeFileSync(file, unpacked(`${name}.tar`));
    await extract({ file, cwd: own });
    rmSync(file);
  }
  writeFileSync(
    join(own, 'fonts.conf'),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${folder}/fonts</dir></fontconfig>`,
  );
  try {
    renameSync(own, folder);
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    if (!existsSync(join(folder, 'chromium'))) throw error;
  }
  return folder;
}

const flags = [
  '--headless=shell',
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--font-render-hinting=none',
];

export function startChromium(folder: string): Promise<Browser> {
  const libraries = [join(folder, 'lib'), process.env.LD_LIBRARY_PATH].filter(path => path !== undefined);
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: flags,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: libraries.join(':'),
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
    },
  });
}
