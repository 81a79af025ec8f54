import { readFile } from 'node:fs/promises';
import { artefactPaths } from 'iwaec';
import { servedFiles } from './served-files.js';

/** The runtime as `npm run build` bundles it into `folder`, for the programs that the page saves. */
export const runtimeFiles = (folder: URL) =>
  servedFiles('runtime', async () => {
    const read = async (path: string) => [`runtime/${path}`, await readFile(new URL(path, folder))] as const;
    return new Map(await Promise.all(artefactPaths.runtime.map(read)));
  });
