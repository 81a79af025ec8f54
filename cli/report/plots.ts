import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Activity, RunContents } from './contents.js';
import type { Box, Density } from './density-grid.js';
import { html } from './html.js';
import type { LatentMap, LatentPoint, Posterior } from './latent-map.js';
import { splitWord } from './numbers.js';

/*
 * Plots as SVG text. Ink is `currentColor` and the other colours stand out on white and on black, so one text serves a
 * light page, a dark one and a PNG.
 */

/** Of one series after another; dashes tell them apart without colour. */
const colours = ['#3b82d6', '#d9730d', '#2a9d6b', '#a864d4', '#d6455d', '#158fa3'] as const;
const dashes = ['none', '7,3', '2,3', '9,3,2,3', '4,2', '1,2'] as const;
/** Of classes: ten hues of middling lightness. */
const classes = [
  '#3b82d6',
  '#d9730d',
  '#2a9d6b',
  '#d6455d',
  '#a864d4',
  '#9a7b1c',
  '#d65aa5',
  '#7d8590',
  '#6f9a15',
  '#158fa3',
] as const;

const seriesStyle = (index: number) => ({
  colour: colours[index % colours.length]!,
  dash: dashes[index % dashes.length]!,
});

const ink = {
  style: { fontSize: '12px', background: 'transparent' },
  marginBottom: 44,
  marginTop: 28,
} as const;
const plain = { labelArrow: 'none' } as const;

/** What a plot of the library is here. */
interface Drawing {
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
}

function svgOf(title: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const drawing = Plot.plot({ ...ink, document, ...options }) as unknown as Drawing;
  drawing.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  drawing.setAttribute('role', 'img');
  // The document leaves `<` in an attribute as it is, which is no XML.
  const label = html`<svg aria-label="${title}" `.html;
  // The library's own sheet sets a white background for tips, of which there are none.
  return drawing.outerHTML.replace(/<style>[\s\S]*?<\/style>/, '').replace(/^<svg /, () => label);
}

/** Points of one curve that are drawn; more of them no one sees. */
const mostPoints = 400;

function thinned<Point>(points: readonly Point[]): readonly Point[] {
  const stride = Math.ceil(points.length / mostPoints);
  return points.filter((_, i) => i % stride === 0 || i === points.length - 1);
}

/** From here on epochs are drawn on a logarithmic axis: schedules lengthen in powers. */
const logarithmicFrom = 60;

/** From the lowest to the highest, with room where all are one. */
function paddedRange(values: readonly number[]): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low < high ? [low, high] : [low - 1, high + 1];
}

const curvesSize = { width: 520, height: 270 } as const;

/** Below the ends of curves that rise. */
function legend(runs: readonly RunContents[]): string {
  const right = curvesSize.width - 30;
  const bottom = curvesSize.height - ink.marginBottom - 14;
  const named = runs
    .map((run, i) => ({ ...run, ...seriesStyle(i) }))
    .filter(({ epochs, validation }) => epochs.length + validation.length > 0);
  return named
    .map(({ name, comparable, colour, dash }, i) => {
      const y = bottom - 18 * (named.length - 1 - i);
      return html`<text x="${right - 42}" y="${y}" dy="0.32em" text-anchor="end" fill="currentColor">${name}: ${comparable.bound}</text><line x1="${right - 34}" x2="${right}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`
        .html;
    })
    .join('');
}

export function boundCurves(runs: readonly RunContents[]): string | null {
  const drawn = runs.map((run, i) => ({
    ...seriesStyle(i),
    points: thinned(run.epochs),
    validation: thinned(run.validation),
  }));
  const heights = drawn.flatMap(({ points, validation }) =>
    [...points, ...validation].map(({ bound }) => bound),
  );
  const last = Math.max(0, ...drawn.flatMap(({ points }) => points.map(({ epoch }) => epoch)));
  if (last === 0) return null;
  const type = last > logarithmicFrom ? 'log' : 'linear';
  const ticks = last <= 10 ? Array.from({ length: last }, (_, i) => i + 1) : 6;
  const title = `The training objective of each epoch of ${runs.map(({ name }) => name).join(', ')}`;
  const svg = svgOf(title, {
    ...curvesSize,
    marginLeft: 56,
    x: { label: 'epoch', type, ticks, tickFormat: (epoch: number) => String(epoch), ...plain },
    y: { label: 'objective (nats an image)', domain: paddedRange(heights), grid: true, nice: true, ...plain },
    marks: drawn.flatMap(({ points, validation, colour, dash }) => [
      Plot.line(validation, { x: 'epoch', y: 'bound', stroke: colour, strokeWidth: 1 }),
      Plot.dot(validation.length <= 30 ? validation : validation.slice(-1), {
        x: 'epoch',
        y: 'bound',
        stroke: colour,
        r: 3.5,
      }),
      Plot.line(points, { x: 'epoch', y: 'bound', stroke: colour, strokeDasharray: dash, strokeWidth: 2 }),
      Plot.dot(points.length <= 30 ? points : points.slice(-1), {
        x: 'epoch',
        y: 'bound',
        fill: colour,
        r: 2.5,
      }),
    ]),
  });
  return svg.replace(/<\/svg>$/, () => `${legend(runs)}</svg>`);
}

const wholeOnly = (value: number): string => (Number.isInteger(value) ? String(value) : '');

/** Of a histogram of log10 A_u. */
const binWidth = 0.25;

export function activityHistogram({ name, logActivity }: Activity['layers'][number]): string {
  const low = Math.floor(Math.min(-4, ...logActivity));
  const high = Math.ceil(Math.max(1, ...logActivity));
  const bins = Array.from({ length: Math.round((high - low) / binWidth) }, (_, i) => {
    const from = low + i * binWidth;
    const isLast = from + binWidth >= high;
    const inside = (value: number) => value >= from && (value < from + binWidth || isLast);
    return { from, to: from + binWidth, units: logActivity.filter(inside).length };
  });
  return svgOf(`Histogram of log10 A_u of the ${logActivity.length} units of ${name}`, {
    width: 420,
    height: 220,
    x: { label: `log10 A_u of the units of ${name}`, domain: [low, high], ...plain },
    y: { label: 'units', grid: true, ticks: 5, tickFormat: wholeOnly, ...plain },
    marks: [
      Plot.rectY(bins, { x1: 'from', x2: 'to', y: 'units', fill: colours[0], inset: 0.5 }),
      Plot.ruleX([-2], { stroke: 'currentColor', strokeDasharray: '4,3' }),
      Plot.ruleY([0]),
    ],
  });
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Moves the nearest pairs apart, little by little, until none is nearer than `least`, or not by much. */
function apart<Label extends Place>(labels: readonly Label[], least: number): readonly Label[] {
  const places = labels.map(({ x, y }) => ({ x, y }));
  for (let round = 0; round < 50; round++) {
    for (const [i, a] of places.entries()) {
      for (const b of places.slice(0, i)) {
        const [dx, dy] = [a.x - b.x, a.y - b.y];
        const distance = Math.hypot(dx, dy);
        if (distance >= least) continue;
        const [ux, uy] = distance > 0 ? [dx / distance, dy / distance] : [1, 0];
        const step = (least - distance) / 2;
        [a.x, a.y, b.x, b.y] = [a.x + ux * step, a.y + uy * step, b.x - ux * step, b.y - uy * step];
      }
    }
  }
  return labels.map((label, i) => ({ ...label, ...places[i] }));
}

/** Of a map's width: labels nearer than this read as one number. */
const labelDistance = 0.05;

/** The class's number stands near the median of its points, so that nothing rests on colour alone. */
export function latentScatter({ points, latent }: LatentMap): string {
  const colour = ({ label }: LatentPoint) => (label === null ? colours[0] : classes[label % classes.length]!);
  const labels = new Set(points.flatMap(({ label }) => label ?? []));
  const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
  const middles = [...labels].map(label => {
    const own = points.filter(point => point.label === label);
    return { label, x: middle(own.map(({ x }) => x)), y: middle(own.map(({ y }) => y)) };
  });
  const extent = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
  const width = Math.max(extent(points.map(({ x }) => x)), extent(points.map(({ y }) => y)));
  const labelled = apart(middles, labelDistance * width);
  return svgOf('The mean of q for each image', {
    width: 420,
    height: 420,
    aspectRatio: 1,
    x: { label: `${latent}1`, nice: true, ...plain },
    y: { label: `${latent}2`, nice: true, ...plain },
    marks: [
      Plot.dot(points, { x: 'x', y: 'y', r: 1.5, fill: colour, fillOpacity: 0.7 }),
      Plot.text(labelled, {
        x: 'x',
        y: 'y',
        text: ({ label }: { readonly label: number }) => String(label),
        fontSize: 18,
        fontWeight: 'bold',
        fill: 'currentColor',
      }),
    ],
  });
}

/** Nested areas add up to a darker middle. */
const areaLevels = [0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.92];
/** Of a normal density's maximum, at one and two standard deviations. */
const ringLevels = [Math.exp(-2), Math.exp(-0.5)];

export function posteriorPlot({ box, exact, approximate, split, row }: Posterior, latent: string): string {
  return svgOf(`True posterior and q of ${splitWord(split)} image ${row + 1}`, {
    width: 240,
    height: 240,
    marginLeft: 36,
    x: { label: `${latent}1`, domain: [box.left, box.right], ticks: 4, ...plain },
    y: { label: `${latent}2`, domain: [box.bottom, box.top], ticks: 4, ...plain },
    marks: [
      contour(exact, box, { fill: colours[0], fillOpacity: 0.17, thresholds: areaLevels }),
      contour(approximate, box, { stroke: colours[1], strokeWidth: 1.8, thresholds: ringLevels }),
      Plot.frame({ strokeOpacity: 0.4 }),
    ],
  });
}

const contour = ({ side, values }: Density, box: Box, options: Plot.ContourOptions) =>
  Plot.contour(values, {
    width: side,
    height: side,
    x1: box.left,
    x2: box.right,
    y1: box.bottom,
    y2: box.top,
    value: Plot.identity,
    interpolate: 'nearest',
    ...options,
  });
