import type { Plugin } from 'vite';

/** Files by their path below the page's address. */
export type ServedFiles = ReadonlyMap<string, Uint8Array>;

/** Adds a folder of files to the page that no module of it imports, as they are; they are made when first needed. */
export function servedFiles(folder: string, make: () => Promise<ServedFiles>): Plugin {
  let made: Promise<ServedFiles> | null = null;
  const files = () => {
    made ??= make();
    return made;
  };
  return {
    name: `iwaec-${folder}`,
    async generateBundle() {
      for (const [fileName, source] of await files()) this.emitFile({ type: 'asset', fileName, source });
    },
    configureServer(server) {
      server.middlewares.use(async (request, response, next) => {
        const path = (request.url ?? '').split('?')[0]!.slice(1);
        const file = path.startsWith(`${folder}/`) ? (await files()).get(path) : undefined;
        if (file === undefined) next();
        else response.setHeader('content-type', 'application/octet-stream').end(file);
      });
    },
  };
}
