import { appendFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { runtime } from '../doors.js';
import { encodePng, type Picture } from '../pictures.js';
import { histogramOf } from './histogram.js';
import type { EventMessage, SummaryValue } from './messages.js';
import { framed } from './record.js';

/** A file of events that TensorBoard shows. */
export interface Events {
  /** Every number of an entry of the run's log, under its name; numbers of an object within under `name/inner`. */
  scalars(entry: object, step: number): void;
  image(tag: string, picture: Picture, step: number): Promise<void>;
  histogram(tag: string, values: readonly number[], step: number): void;
}

/** Facts of a log entry that say where it stands, not how it goes. */
const bookkeeping = new Set(['step', 'steps', 'epoch', 'k', 'images', 'groups']);

function scalarsOf(entry: object, prefix = ''): readonly SummaryValue[] {
  return Object.entries(entry).flatMap(([name, value]: [string, unknown]): readonly SummaryValue[] => {
    if (typeof value === 'number') {
      return bookkeeping.has(name) ? [] : [{ tag: prefix + name, simpleValue: value }];
    }
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isRecord ? scalarsOf(value, `${prefix}${name}/`) : [];
  });
}

/**
 * Starts a file of events in the folder of a run. A run that is resumed gets one more, which TensorBoard joins to the
 * others by their steps.
 */
export async function openEvents(folder: string): Promise<Events> {
  const { crc32c } = await runtime();
  const { encodeEvent } = await import('./messages.js');
  const seconds = () => Date.now() / 1000;
  const path = join(folder, `events.out.tfevents.${Math.floor(seconds())}.${hostname()}.${process.pid}.0`);
  const append = (event: EventMessage) => appendFileSync(path, framed(encodeEvent(event), crc32c));
  const write = (value: readonly SummaryValue[], step: number) => {
    if (value.length > 0) append({ wallTime: seconds(), step, summary: { value } });
  };
  append({ wallTime: seconds(), fileVersion: 'brain.Event:2' });
  return {
    scalars: (entry, step) => write(scalarsOf(entry), step),
    image: async (tag, picture, step) => {
      const { height, width, channels: colorspace } = picture;
      const encodedImageString = await encodePng(picture);
      write([{ tag, image: { height, width, colorspace, encodedImageString } }], step);
    },
    histogram: (tag, values, step) => {
      const histo = histogramOf(values);
      if (histo !== null) write([{ tag, histo }], step);
    },
  };
}
