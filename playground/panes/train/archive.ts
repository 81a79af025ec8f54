import { strToU8, zipSync } from 'fflate';
import type { CompilerClient } from '../../compiler/client.js';
import type { Compiled } from '../../compiler/messages.js';

async function fetched(path: string): Promise<Uint8Array> {
  const response = await fetch(new URL(`runtime/${path}`, document.baseURI));
  if (!response.ok)
    throw new Error(`the page's own file runtime/${path} is missing: status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** A zip of all that `iwaec build` writes, beside the text. @throws Error where a file of the runtime cannot be fetched */
export async function archiveOf(
  { text, artefact }: Compiled,
  compiler: CompilerClient,
): Promise<Uint8Array<ArrayBuffer>> {
  const { files, runtime } = await compiler.call('files', { artefact });
  const own = Object.entries({ 'spec.iwae': text, ...files });
  return zipSync(
    Object.fromEntries([
      ...own.map(([path, content]) => [path, typeof content === 'string' ? strToU8(content) : content]),
      ...(await Promise.all(runtime.map(async path => [path, await fetched(path)] as const))),
    ]),
  );
}
