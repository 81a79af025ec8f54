import type { MemoryMap } from 'iwaec';
import { graphic } from '../../app/dom.js';
import { chartSize } from '../chart-size.js';
import { bytesText } from '../table.js';

const margin = { left: 76, right: 12, top: 12, bottom: 44 } as const;

/** Arrays as blocks: from left to right the launches that need them, upwards where they lie in the workspace. */
export function drawMemory(map: MemoryMap): SVGSVGElement {
  const { entry, launches, arrays, peakBytes } = map;
  const { inner, ...size } = chartSize(margin);
  const x = (launch: number) => margin.left + (launch / launches.length) * inner.width;
  const y = (bytes: number) => margin.top + (1 - bytes / Math.max(1, peakBytes)) * inner.height;
  const text = (content: string, at: Readonly<Record<string, string | number>>) =>
    graphic('text', at, content);
  return graphic(
    'svg',
    {
      viewBox: `0 0 ${size.width} ${size.height}`,
      class: 'plot memory',
      role: 'img',
      'aria-label': `Workspace of ${entry}: ${arrays.length} temporary arrays over ${launches.length} launches, at most ${bytesText(peakBytes)}`,
    },
    ...[0, 0.25, 0.5, 0.75, 1].flatMap(part => [
      graphic('line', {
        x1: margin.left,
        x2: size.width - margin.right,
        y1: y(part * peakBytes),
        y2: y(part * peakBytes),
        class: 'grid',
      }),
      text(bytesText(part * peakBytes), {
        x: margin.left - 8,
        y: y(part * peakBytes) + 4,
        'text-anchor': 'end',
      }),
    ]),
    ...arrays.map(array =>
      graphic(
        'rect',
        {
          x: x(array.firstLaunch),
          y: y(array.offsetBytes + array.bytes),
          width: Math.max(1, x(array.lastLaunch + 1) - x(array.firstLaunch)),
          height: Math.max(1, y(array.offsetBytes) - y(array.offsetBytes + array.bytes)),
          class: 'block',
        },
        graphic(
          'title',
          {},
          `${array.name}: ${bytesText(array.bytes)} at ${bytesText(array.offsetBytes)}, launches ${array.firstLaunch} to ${array.lastLaunch}`,
        ),
      ),
    ),
    ...[0, launches.length - 1].map(launch =>
      text(String(launch), {
        x: (x(launch) + x(launch + 1)) / 2,
        y: size.height - margin.bottom + 18,
        'text-anchor': 'middle',
      }),
    ),
    text('launch', {
      x: margin.left + inner.width / 2,
      y: size.height - 6,
      'text-anchor': 'middle',
      class: 'axis',
    }),
  );
}
