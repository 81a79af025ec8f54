import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { parseHTML } from 'linkedom';
import { beforeAll, describe, expect, it } from 'vitest';
import { correlatedRows } from './data.js';
import { expectError, iwaec, jsonOf, specs, succeeds, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const rows = write(folder, 'rows.npy', correlatedRows(120));
const ppca = join(specs, 'ppca.iwae');
const oneUnit = write(
  folder,
  'one-unit.iwae',
  readFileSync(ppca, 'utf8')
    .replaceAll('[2]', '[1]')
    .replace('dense(x, 2)', 'dense(x, 1)')
    .replace('ppca', 'one_unit'),
);
const pages = new Map<string, ReturnType<typeof parseHTML>['document']>();

beforeAll(async () => {
  const training = ['--data', rows, '--test-data', rows, '--epochs', '3'];
  await succeeds(folder, 'train', ppca, ...training, '--eval-images', '0', '--out', 'runs/flat');
  await succeeds(
    folder,
    'train',
    oneUnit,
    ...training,
    '--eval-k',
    '20',
    '--eval-images',
    '50',
    '--out',
    'runs/<b>one',
  );
  await succeeds(folder, 'eval', 'runs/flat', '--k', '100');
});

/** The page, parsed; made once. */
function pageOf(name: string) {
  const known = pages.get(name);
  if (known !== undefined) return known;
  const { document } = parseHTML(readFileSync(join(folder, name), 'utf8'));
  pages.set(name, document);
  return document;
}

describe('report', () => {
  it('writes one page that needs nothing else, and a PNG of each picture', async () => {
    const outcome = await succeeds(
      folder,
      'report',
      'runs/flat',
      'runs/<b>one',
      '--png',
      'pictures',
      '--json',
    );
    const { pictures, png } = jsonOf(outcome) as {
      readonly pictures: readonly string[];
      readonly png: readonly string[];
    };
    const text = readFileSync(join(folder, 'report.html'), 'utf8');
    const withoutNamespaces = text.replaceAll('http://www.w3.org/2000/svg', '');
    expect(withoutNamespaces).not.toMatch(/<script|<link|@import|url\(|https?:/);
    expect(text).not.toContain('<b>one');
    expect(text).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(pictures).toEqual(
      expect.arrayContaining(['curves', '1-flat-samples', '1-flat-map', '1-flat-manifold']),
    );
    expect(pictures.filter(name => name.includes('posterior'))).toHaveLength(6);
    expect(pictures.filter(name => name.startsWith('2-'))).toEqual([
      '2-_b_one-samples',
      '2-_b_one-reconstructions',
      '2-_b_one-activity-h',
    ]);
    expect(readdirSync(join(folder, 'pictures')).sort()).toEqual(pictures.map(name => `${name}.png`).sort());
    for (const path of png) expect(decode(readFileSync(join(folder, path))).width).toBeGreaterThan(10);
  });

  it('says in the picture which curve is whose', () => {
    const texts = [...pageOf('report.html').querySelectorAll('figure.wide svg text')].map(
      text => text.textContent,
    );
    expect(texts).toContain('flat: iwae(k=5)');
    expect(texts).toContain('<b>one: iwae(k=5)');
  });

  it('draws text in its PNGs', () => {
    const { width, height, data, channels } = decode(readFileSync(join(folder, 'pictures', 'curves.png')));
    // Left of the axis there are its numbers and nothing else.
    let dark = 0;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < 80; x++) if (Number(data[(y * width + x) * channels]) < 100) dark++;
    expect(dark).toBeGreaterThan(200);
  });

  it('tells every picture in words', () => {
    const document = pageOf('report.html');
    for (const image of document.querySelectorAll('img')) expect(image.getAttribute('alt')).toMatch(/\w{3}/);
    for (const plot of document.querySelectorAll('figure svg')) {
      expect(plot.getAttribute('role')).toBe('img');
      expect(plot.getAttribute('aria-label')).toMatch(/\w{3}/);
    }
    expect(document.querySelectorAll('figure').length).toBe(document.querySelectorAll('figcaption').length);
    expect(document.querySelectorAll('h1').length).toBe(1);
    expect(document.querySelectorAll('table tbody tr').length).toBe(2);
  });

  it('shows the evaluation with the most samples, with k and n', () => {
    const [first, second] = [...pageOf('report.html').querySelectorAll('table tbody tr')].map(
      row => row.textContent,
    );
    expect(first).toMatch(/\d\.\d\d ± \d\.\d\dk = 100, n = 120 test images/);
    expect(first).toContain('none to compare with');
    expect(second).toMatch(/k = 20, n = 50 test images/);
    expect(second).toMatch(/[01] of 1/);
  });

  it('does without data', async () => {
    await succeeds(folder, 'report', 'runs/flat', '--no-data', '--out', 'bare.html');
    expect(readFileSync(join(folder, 'bare.html'), 'utf8')).not.toContain('Posteriors');
  });

  it('refuses what is no whole run, before it writes anything', async () => {
    const report = (...args: readonly string[]) => iwaec(folder, 'report', ...args, '--out', 'refused.html');
    expectError(await report('nowhere'), 3, /nowhere: there is no such folder/);
    expectError(await report('pictures'), 3, /pictures: this is not the folder of a run/);
    expectError(await report('runs/flat', './runs/flat/'), 2, /is named twice/);
    expectError(await iwaec(folder, 'report'), 2, /missing required argument/);
    cpSync(join(folder, 'runs/flat'), join(folder, 'broken'), { recursive: true });
    rmSync(join(folder, 'broken', 'checkpoint.safetensors'));
    expectError(await report('runs/flat', 'broken'), 3, /broken\/checkpoint\.safetensors/);
    expect(existsSync(join(folder, 'refused.html'))).toBe(false);
    expectError(
      await iwaec(folder, 'report', 'runs/flat', '--no-data', '--out', '/proc/none/report.html'),
      3,
      /cannot write \/proc\/none\/report\.html/,
    );
  });
});
