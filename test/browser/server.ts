import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** What makes a page cross-origin isolated, so that it may share memory with its workers. */
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

export interface StaticServer {
  /** Ends with a slash. */
  readonly address: string;
  close(): Promise<void>;
}

/** Files under an address, the longest one that fits: `{ '/': site, '/data/': folder }`. */
export type Mounts = Readonly<Record<string, string>>;

function fileOf(mounts: Mounts, path: string): string | null {
  const mount = Object.keys(mounts)
    .filter(prefix => path.startsWith(prefix))
    .sort((a, b) => b.length - a.length)[0];
  if (mount === undefined) return null;
  const folder = mounts[mount]!;
  const file = normalize(join(folder, path.slice(mount.length)));
  if (file !== folder && !file.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return null;
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isDirectory()) return fileOf(mounts, `${path.replace(/\/$/, '')}/index.html`);
  return found === undefined ? null : file;
}

/** A static server on this machine's loopback alone. */
export async function serve(
  mounts: Mounts,
  { isolated }: { readonly isolated: boolean },
): Promise<StaticServer> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = path === '/favicon.ico' ? null : fileOf(mounts, path);
    if (isolated) for (const [name, value] of Object.entries(isolation)) response.setHeader(name, value);
    if (file === null) {
      response.writeHead(path === '/favicon.ico' ? 204 : 404).end();
      return;
    }
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    createReadStream(file).pipe(response);
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
