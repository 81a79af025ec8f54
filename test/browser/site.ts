import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { mnistFolder } from '../../runtime/node.js';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A model that software WebGPU trains in seconds. */
export const spec = `model small {
  data x: binary[784]

  recognition {
    h ~ gaussian_mlp(x, hidden=[32], size=4)
  }

  generative {
    h ~ normal(0, 1)[4]
    x ~ bernoulli(logits = h |> dense(32, tanh) |> dense(784, bias = logit(clip(mean(data x), 0.01, 0.99))))
  }

  bound iwae(k=3)

  train {
    optimizer adam(lr=1e-3)
    batch 10
    schedule constant(epochs=1)
  }
}
`;

export const rows = 600;

/** The first digits of MNIST's test set as an idx file. */
function digits(): Uint8Array {
  const all = readFileSync(join(mnistFolder(), 't10k-images-idx3-ubyte'));
  const file = Buffer.from(all.subarray(0, 16 + rows * 784));
  file.writeUInt32BE(rows, 4);
  return file;
}

export const iwaec = (folder: string, ...args: readonly string[]): string =>
  execFileSync(process.execPath, [join(root, 'dist/cli/main.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
  });

/** Paths below a folder, with slashes. */
export const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));

export interface Site {
  readonly folder: string;
  write(name: string, content: string | Uint8Array): string;
}

/** The page of the README, as it stands there. */
export const readmePage = /^```html\n([\s\S]*?)^```$/m.exec(
  readFileSync(join(root, 'README.md'), 'utf8'),
)![1]!;

/** A folder that is removed when the test file is done. */
export function temporarySite(): Site {
  const folder = mkdtempSync(join(tmpdir(), 'iwaec-site-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  return { folder, write };
}

/** A site with the small model's artefact, its data and an empty page. */
export function smallSite(): Site {
  const site = temporarySite();
  site.write('index.html', '<!doctype html><html lang="en"><title>test</title>');
  site.write('small.iwae', spec);
  site.write('digits.idx', digits());
  iwaec(site.folder, 'build', 'small.iwae', '-o', 'small');
  return site;
}
