import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on this machine whose paths answer as they are told; it keeps what was asked of it. */
export async function openMirror(answers: Readonly<Record<string, Answer>>) {
  const asked: { readonly path: string; readonly range: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push({ path, range: request.headers.range });
    const answer = answers[path];
    if (answer !== undefined) return answer(request, response);
    response.statusCode = 404;
    response.end('nothing here');
  });
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    url: (path: string) => `http://127.0.0.1:${port}${path}`,
    close: () => {
      server.closeAllConnections();
      return new Promise(closed => server.close(closed));
    },
  };
}

const startOf = ({ headers }: IncomingMessage): number =>
  Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);

/** All of it, or the part that is asked for; `cutAt`: the connection breaks after that byte of the file. */
export const serve =
  (content: Uint8Array, { cutAt = [] as number[], ranges = true } = {}): Answer =>
  (request, response) => {
    const start = ranges ? startOf(request) : 0;
    if (start >= content.length) {
      response.statusCode = 416;
      response.end();
      return;
    }
    const cut = cutAt.shift();
    response.statusCode = start > 0 ? 206 : 200;
    response.setHeader('content-length', content.length - start);
    if (cut === undefined) {
      response.end(content.subarray(start));
      return;
    }
    response.write(content.subarray(start, cut), () => setTimeout(() => response.destroy(), 30));
  };

/** Begins, and then says no more. */
export const stall =
  (content: Uint8Array): Answer =>
  (_request, response) => {
    response.setHeader('content-length', content.length);
    response.write(content.subarray(0, 10));
  };
