import { element, graphic } from '../../app/dom.js';
import type { CurvePoint } from '../../training/run.js';
import { type ChartSize, chartSize } from '../chart-size.js';

export interface Curve {
  readonly label: string;
  readonly points: readonly CurvePoint[];
}

export interface CurvePlot {
  update(curves: readonly Curve[]): void;
}

const margin = { left: 64, right: 16, top: 12, bottom: 44 } as const;

/** About `count` round numbers from `low` to `high`. */
function ticks(low: number, high: number, count: number): readonly number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(candidate => candidate >= rough)!;
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

/** The first steps are far below the rest, which would be a flat line: the axis starts at the lowest twentieth. */
function boundRange(points: readonly CurvePoint[]): readonly [number, number] {
  const sorted = points.map(({ bound }) => bound).sort((a, b) => a - b);
  const low = sorted[Math.floor(sorted.length / 20)]!;
  const high = sorted.at(-1)!;
  const space = Math.max((high - low) * 0.05, 0.5);
  return [low - space, high + space];
}

/** A line plot of bounds over steps, with a text alternative. */
export function createCurvePlot(host: HTMLElement): CurvePlot {
  const drawing = graphic('svg', {
    class: 'plot',
    role: 'img',
    'aria-label': 'The bound over training steps: nothing yet',
  });
  host.append(element('div', { class: 'plot-frame' }, drawing));
  return {
    update(curves) {
      const all = curves.flatMap(({ points }) => points);
      const size = chartSize(margin);
      drawing.setAttribute('viewBox', `0 0 ${size.width} ${size.height}`);
      drawing.replaceChildren(...(all.length < 2 ? emptyPlot(size) : drawn(curves, all, size)));
      drawing.setAttribute('aria-label', describe(curves));
    },
  };
}

const describe = (curves: readonly Curve[]): string => {
  const parts = curves.flatMap(({ label, points }) => {
    const last = points.at(-1);
    return last === undefined ? [] : [`${label}: ${last.bound.toFixed(1)} nats at step ${last.step}`];
  });
  return `The bound over training steps. ${parts.join('. ') || 'Nothing yet'}.`;
};

const emptyPlot = (size: ChartSize) => [
  graphic(
    'text',
    { x: size.width / 2, y: size.height / 2, 'text-anchor': 'middle', class: 'plot-empty' },
    'The curve appears here when training starts',
  ),
];

function drawn(
  curves: readonly Curve[],
  all: readonly CurvePoint[],
  { inner, ...size }: ChartSize,
): readonly SVGElement[] {
  const lastStep = Math.max(...all.map(({ step }) => step));
  const [low, high] = boundRange(all);
  const x = (step: number) => margin.left + (step / lastStep) * inner.width;
  const y = (bound: number) => margin.top + ((high - Math.max(bound, low)) / (high - low)) * inner.height;
  const label = (text: string, at: Readonly<Record<string, string | number>>) => graphic('text', at, text);
  return [
    ...ticks(low, high, 5).flatMap(bound => [
      graphic('line', {
        x1: margin.left,
        x2: size.width - margin.right,
        y1: y(bound),
        y2: y(bound),
        class: 'grid',
      }),
      label(bound.toLocaleString('en'), { x: margin.left - 8, y: y(bound) + 4, 'text-anchor': 'end' }),
    ]),
    ...ticks(0, lastStep, 5).map(step =>
      label(step.toLocaleString('en'), {
        x: x(step),
        y: size.height - margin.bottom + 18,
        'text-anchor': 'middle',
      }),
    ),
    label('training step', {
      x: margin.left + inner.width / 2,
      y: size.height - 6,
      'text-anchor': 'middle',
      class: 'axis',
    }),
    label('bound, nats a row', {
      transform: `translate(14 ${margin.top + inner.height / 2}) rotate(-90)`,
      'text-anchor': 'middle',
      class: 'axis',
    }),
    ...curves.map(({ points }, i) =>
      graphic('polyline', {
        points: points.map(({ step, bound }) => `${x(step).toFixed(1)},${y(bound).toFixed(1)}`).join(' '),
        class: `curve curve-${i}`,
      }),
    ),
    ...(curves.length > 1 ? directLabels(curves, x, y) : []),
  ];
}

/** The names of several curves at their ends, one clear of the other. */
function directLabels(
  curves: readonly Curve[],
  x: (step: number) => number,
  y: (bound: number) => number,
): readonly SVGElement[] {
  const ends = curves
    .flatMap(({ label, points }, i) => {
      const last = points.at(-1);
      return last === undefined ? [] : [{ label, i, x: x(last.step), y: y(last.bound) }];
    })
    .sort((a, b) => a.y - b.y);
  return ends.map((end, order) =>
    graphic(
      'text',
      {
        x: end.x - 4,
        y: order === 0 ? Math.max(margin.top + 10, end.y - 8) : end.y + 18,
        'text-anchor': 'end',
        class: `curve-label curve-label-${end.i}`,
      },
      end.label,
    ),
  );
}
