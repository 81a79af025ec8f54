import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Drawn } from './pictures.js';

/** Pixels for each unit of a plot. */
const zoom = 2;

const require = createRequire(import.meta.url);
/** The renderer has no fonts of its own, and a machine may have none. */
const fontFile = '@expo-google-fonts/didact-gothic/400Regular/DidactGothic_400Regular.ttf';

let ready: Promise<(svg: string) => Uint8Array> | undefined;

/** Renders a plot as a PNG, in dark ink on white. */
export async function rasterise(drawn: Drawn): Promise<Uint8Array> {
  if ('png' in drawn) return drawn.png;
  ready ??= renderer();
  return (await ready)(drawn.svg);
}

async function renderer(): Promise<(svg: string) => Uint8Array> {
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
  await initWasm(readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm')));
  const font = readFileSync(require.resolve(fontFile));
  return svg => {
    const inked = svg.replace('<svg ', '<svg color="#1c1f23" ');
    const picture = new Resvg(inked, {
      background: '#ffffff',
      fitTo: { mode: 'zoom', value: zoom },
      font: { fontBuffers: [font], defaultFontFamily: 'Didact Gothic', sansSerifFamily: 'Didact Gothic' },
    });
    return picture.render().asPng();
  };
}
