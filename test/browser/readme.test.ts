import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { iwaec, readmePage, root, type Site, temporarySite } from './site.js';
import { describeInBrowser, visitor } from './visit.js';

let site: Site;

/** The folder of the README's reader: a clone after `npm ci`, with the page in it. */
const mounts = () => ({ '/': site.folder, '/node_modules/': join(root, 'node_modules') });

beforeAll(() => {
  site = temporarySite();
  site.write('index.html', readmePage);
  iwaec(site.folder, 'build', join(root, 'specs/mnist1l.iwae'));
});

it('is five lines', () => {
  expect(readmePage.trimEnd().split('\n')).toHaveLength(5);
});

describeInBrowser.each([true, false])('the page of the README, isolated: %s', isolated => {
  const visit = visitor(mounts, { isolated });

  it('trains a model', async () => {
    const page = await visit.open('/');
    const stepsDone = async () =>
      Number(/step (\d+): bound -\d+\.\d nats/.exec((await page.textContent('#bound'))!)?.[1] ?? 0);
    await expect.poll(stepsDone, { timeout: 60_000 }).toBeGreaterThan(40);
  });
});
