import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { correlatedRows } from './data.js';
import {
  castagnoli,
  doublesOf,
  event,
  histogram,
  image,
  messageOf,
  readMessage,
  readRecords,
  textOf,
  value,
} from './event-file.js';
import { specs, succeeds, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const rows = write(folder, 'rows.npy', correlatedRows(200));
const eventFiles = (run: string) =>
  readdirSync(join(folder, run))
    .filter(name => /^events\.out\.tfevents\.\d+\./.test(name))
    .sort();

/** The values of a run's event files: [step, tag, fields]. */
const valuesOf = (run: string) =>
  eventFiles(run).flatMap(name => {
    const [head, ...events] = readRecords(readFileSync(join(folder, run, name))).map(readMessage);
    expect(textOf(head!.get(event.fileVersion)![0])).toBe('brain.Event:2');
    return events.flatMap(message => {
      const now = Date.now() / 1000;
      expect(Math.abs(Number(message.get(event.wallTime)![0]) - now)).toBeLessThan(600);
      const step = Number(message.get(event.step)![0]);
      return messageOf(message.get(event.summary)![0])
        .get(1)!
        .map(field => messageOf(field))
        .map(fields => ({ step, tag: textOf(fields.get(value.tag)![0]), fields }));
    });
  });

describe('train --tensorboard', () => {
  it('is checked with the checksum that TensorFlow has', () => {
    expect(castagnoli(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  });

  it('leaves events that TensorBoard reads', async () => {
    const train = ['train', join(specs, 'ppca.iwae'), '--out', 'run', '--tensorboard'];
    await succeeds(
      folder,
      ...train,
      '--data',
      rows,
      '--epochs',
      '2',
      '--eval-k',
      '10',
      '--eval-images',
      '50',
    );
    const values = valuesOf('run');
    const bounds = values.filter(({ tag }) => tag === 'bound');
    expect(bounds.map(({ step }) => step)).toEqual([10, 20]);
    const log = readFileSync(join(folder, 'run', 'log.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const logged = log.slice(0, 2).map(line => JSON.parse(line) as { readonly bound: number });
    bounds.forEach(({ fields }, i) => {
      expect(fields.get(value.scalar)![0]).toBeCloseTo(logged[i]!.bound, 4);
    });
    const tags = values.map(({ tag }) => tag);
    expect(tags).toEqual(expect.arrayContaining(['train/nll', 'train/reconstruction/mean', 'samples']));
    expect(tags).not.toContain('epoch');

    const samples = messageOf(values.find(({ tag }) => tag === 'samples')!.fields.get(value.image)![0]);
    const picture = decode(samples.get(image.png)![0] as Uint8Array);
    expect(Number(samples.get(image.height)![0])).toBe(picture.height);
    expect(Number(samples.get(image.width)![0])).toBe(picture.width);
    expect(Number(samples.get(image.colorspace)![0])).toBe(1);

    const units = values.find(({ tag }) => tag === 'log10 A_u/h')!;
    const counted = messageOf(units.fields.get(value.histogram)![0]);
    const counts = doublesOf(counted.get(histogram.counts)![0]);
    const limits = doublesOf(counted.get(histogram.limits)![0]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(counted.get(histogram.num)![0]).toBe(2);
    expect(limits).toHaveLength(counts.length);
    expect(limits).toEqual(limits.toSorted((a, b) => a - b));
    expect(limits.at(-1)).toBeCloseTo(Number(counted.get(histogram.max)![0]), 9);
  });

  it('goes on in a file of its own', async () => {
    const train = ['train', join(specs, 'ppca.iwae'), '--out', 'run', '--tensorboard'];
    await new Promise(resolve => setTimeout(resolve, 1100));
    await succeeds(folder, ...train, '--resume', '--epochs', '3', '--eval-images', '0');
    expect(eventFiles('run')).toHaveLength(2);
    const bounds = valuesOf('run').filter(({ tag }) => tag === 'bound');
    expect(bounds.map(({ step }) => step)).toEqual([10, 20, 30]);
  });
});
