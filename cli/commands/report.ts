import { basename, join, resolve } from 'node:path';
import type { Register } from '../command.js';
import { Failure } from '../failure.js';
import { writeWhole } from '../files.js';
import { readAnyRun, withRun } from '../open-run.js';
import { common } from '../options.js';
import { contentsOf, type RunContents } from '../report/contents.js';
import { readCheckpoint } from '../run-checkpoints.js';
import type { Terminal } from '../terminal.js';
import { version } from '../version.js';
import { bytes, counted } from '../words.js';

interface Options {
  readonly out: string;
  readonly png?: string;
  readonly data: boolean;
}

export const report: Register = (program, run) => {
  const command = program
    .command('report')
    .description(
      'compare runs in one self-contained HTML page: curves, figures beside published ones, pictures',
    )
    .argument('<runs...>', 'folders that `iwaec train` made')
    .option('--out <file>', 'the page', 'report.html')
    .option('--png <folder>', 'also write each picture as a PNG into this folder')
    .option('--no-data', 'leave out what needs the data: reconstructions, activity, latent maps of images');
  common(command, 'iwaec report runs/vae runs/iwae --out report.html --png pictures').action(
    run<Options>(async (terminal, options, ...folders) => {
      const repeated = folders.find(
        (folder, i) => folders.findIndex(other => resolve(other) === resolve(folder)) < i,
      );
      if (repeated !== undefined) throw new Failure('usage', `${repeated} is named twice`);
      // All that can be refused is refused before anything is computed.
      for (const folder of folders) {
        await readAnyRun(terminal, folder);
        await readCheckpoint(folder);
      }
      const contents: RunContents[] = [];
      for (const [i, folder] of folders.entries()) {
        if (folders.length > 1) terminal.note(`${folder} (${i + 1} of ${folders.length})`);
        const open = { ...options, needsData: options.data };
        const exit = await withRun(terminal, folder, open, async opened => {
          contents.push(await contentsOf(nameOf(folder, folders), opened));
          return 'ok';
        });
        if (exit !== 'ok') return exit;
      }
      await writeReport(terminal, contents, options);
      return 'ok';
    }),
  );
};

/** The folder's own name where that tells it from the others. */
function nameOf(folder: string, folders: readonly string[]): string {
  const name = basename(resolve(folder));
  const alike = folders.filter(other => basename(resolve(other)) === name);
  return alike.length > 1 ? folder : name;
}

async function writeReport(
  terminal: Terminal,
  contents: readonly RunContents[],
  { out, png }: Options,
): Promise<void> {
  const { curvesFigure, figuresOfRun } = await import('../report/pictures.js');
  const { page } = await import('../report/page.js');
  const curves = curvesFigure(contents);
  const runs = await Promise.all(contents.map(figuresOfRun));
  const text = page(
    runs,
    curves,
    `Made by iwaec ${version}. Every figure is in nats an image where no other unit is given; k is the number of importance samples, n the number of images.`,
  );
  await writeWhole(out, text);
  terminal.answer(`wrote ${out} (${bytes(Buffer.byteLength(text))}, ${counted(contents.length, 'run')})`);
  const figures = [...(curves === null ? [] : [curves]), ...runs.flatMap(({ figures }) => figures)];
  const written: string[] = [];
  if (png !== undefined) {
    const { rasterise } = await import('../report/raster.js');
    for (const { name, drawn } of figures) {
      const path = join(png, `${name}.png`);
      await writeWhole(path, await rasterise(drawn));
      written.push(path);
    }
    terminal.answer(`wrote ${counted(written.length, 'picture')} into ${png}`);
  }
  terminal.result({
    out,
    runs: contents.map(({ name }) => name),
    pictures: figures.map(({ name }) => name),
    png: written,
  });
}
