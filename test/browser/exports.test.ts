import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { decodeCheckpoint } from '../../runtime/index.js';
import { playground, settled, withText } from './playground.js';
import { filesBelow, iwaec, readmePage, root, type Site, smallSite, spec } from './site.js';
import { describeInBrowser, visitor } from './visit.js';

let site: Site;
const mounts = () => ({
  '/': playground,
  '/site/': site.folder,
  '/site/node_modules/': join(root, 'node_modules'),
});

beforeAll(() => {
  site = smallSite();
});

const pane = (page: Page) => page.getByRole('tabpanel', { name: 'Train' });
const button = (page: Page, name: string) => pane(page).getByRole('button', { name, exact: true });
const outcome = (page: Page) => pane(page).locator('.files [role=status]');

async function saved(page: Page, name: string): Promise<string> {
  const download = page.waitForEvent('download');
  await button(page, name).click();
  return (await download).path();
}

/** Trains for a moment on the CPU, and rests. */
async function trained(page: Page): Promise<void> {
  await pane(page).getByLabel('Device').selectOption('cpu');
  await button(page, 'Train').click();
  await expect.poll(() => pane(page).locator('.facts').textContent()).toMatch(/step[1-9]/);
  await button(page, 'Pause').click();
  await expect.poll(() => pane(page).locator('.status').first().textContent()).toBe('Paused');
}

/** A run of the command line, of two epochs of the small model. */
function runOfCommandLine(name: string): string {
  iwaec(
    site.folder,
    ...['train', 'small.iwae', '--out', name, '--epochs', '2', '--device', 'cpu'],
    ...['--data', 'digits.idx', '--test-data', 'digits.idx', '--eval-images', '0'],
  );
  return join(site.folder, name);
}

const stepOf = (path: string): number => decodeCheckpoint(readFileSync(path)).facts.step;

describeInBrowser('what the page saves', () => {
  const visit = visitor(mounts, { isolated: true });

  it('is a program as the command line builds it, which trains by the lines of the README', async () => {
    const page = await visit.open('/', { before: withText(spec) });
    await settled(page, 'ready');
    const files = unzipSync(readFileSync(await saved(page, 'Save program')));
    expect(Buffer.from(files['spec.iwae']!).toString()).toBe(spec);
    const built = join(site.folder, 'small');
    expect(Object.keys(files).sort()).toEqual([...filesBelow(built), 'spec.iwae'].sort());
    for (const path of filesBelow(built))
      expect(Buffer.from(files[path]!).equals(readFileSync(join(built, path))), path).toBe(true);

    for (const [path, content] of Object.entries(files)) {
      const target = join(site.folder, 'build/small', path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
    site.write('train.html', readmePage.replace('build/mnist1l/', 'build/small/'));
    const other = await visit.open('/site/train.html');
    await expect.poll(() => other.textContent('#bound'), { timeout: 60_000 }).toMatch(/step \d+: bound -\d/);
  });

  it('is a checkpoint that the command line evaluates, and goes on from', async () => {
    const run = runOfCommandLine('from-page');
    const page = await visit.open('/', { before: withText(spec) });
    await settled(page, 'ready');
    await trained(page);
    const path = await saved(page, 'Save parameters');
    const step = stepOf(path);
    const epochs = String(Math.ceil(step / 60) + 1);
    copyFileSync(path, join(run, 'checkpoint.safetensors'));
    const evaluated = JSON.parse(iwaec(site.folder, 'eval', 'from-page', '--k', '2', '--json')) as {
      readonly step: number;
      readonly nll: number;
    };
    expect(evaluated.step).toBe(step);
    expect(evaluated.nll).toBeLessThan(600);
    const before = readFileSync(path);
    iwaec(
      site.folder,
      ...['train', 'small.iwae', '--out', 'from-page', '--resume', '--epochs', epochs, '--eval-images', '0'],
      ...['--device', 'cpu', '--data', 'digits.idx', '--test-data', 'digits.idx'],
    );
    expect(stepOf(join(run, 'checkpoint.safetensors'))).toBe(60 * Number(epochs));
    expect(readFileSync(join(run, 'checkpoint.safetensors')).equals(before)).toBe(false);
  });
});

describeInBrowser('what the page opens', () => {
  const visit = visitor(mounts, { isolated: true });

  it('is a checkpoint of the command line, which it saves again with the same parameters', async () => {
    const path = join(runOfCommandLine('to-page'), 'checkpoint.safetensors');
    const page = await visit.open('/', { before: withText(spec) });
    await settled(page, 'ready');
    await trained(page);
    await pane(page).getByLabel('A checkpoint').setInputFiles(path);
    await expect.poll(() => outcome(page).textContent()).toBe('checkpoint.safetensors: opened, at step 120.');
    const again = decodeCheckpoint(readFileSync(await saved(page, 'Save parameters')));
    expect(again.facts.step).toBe(120);
    expect(again.tensors).toEqual(decodeCheckpoint(readFileSync(path)).tensors);
  });

  it('is not a checkpoint of another model, and it says what differs', async () => {
    site.write('other.iwae', spec.replaceAll('32', '16'));
    iwaec(
      site.folder,
      ...['train', 'other.iwae', '--out', 'other', '--epochs', '1', '--device', 'cpu', '--eval-images', '0'],
      ...['--data', 'digits.idx', '--test-data', 'digits.idx'],
    );
    const page = await visit.open('/', { before: withText(spec) });
    await settled(page, 'ready');
    await trained(page);
    await pane(page)
      .getByLabel('A checkpoint')
      .setInputFiles(join(site.folder, 'other/checkpoint.safetensors'));
    await expect.poll(() => outcome(page).textContent()).toMatch(/another model.*shape \[.*16/);
  });
});
