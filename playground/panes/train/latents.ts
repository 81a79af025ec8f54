import { activeThreshold, countActive, type Tensor, unitActivity } from 'iwaec/runtime/browser';
import { element, graphic } from '../../app/dom.js';
import type { Codes } from '../../training/run.js';

export interface Latents {
  update(codes: Codes): void;
}

const size = 360;
const margin = { left: 40, right: 10, top: 10, bottom: 38 } as const;
const inner = {
  width: size - margin.left - margin.right,
  height: size - margin.top - margin.bottom,
};
const labelKinds = 10;

const unitsOf = ({ shape, values }: Tensor): number => values.length / Math.max(1, shape[0] ?? 1);

/** How many units of each latent are active, and a map of the first latent that has two. */
export function createLatents(host: HTMLElement): Latents {
  const activity = element('p', { class: 'lead activity' });
  const figure = element('figure', { class: 'latent-map', hidden: true });
  host.append(activity, figure);
  return {
    update(codes) {
      const { means, rows } = codes;
      activity.textContent = Object.entries(means)
        .map(([name, tensor]) => {
          const active = countActive(unitActivity(tensor).variances);
          return `Active units of ${name}: ${active} of ${unitsOf(tensor)}.`;
        })
        .concat(`Active: Var_x(E_q[h | x]) > ${activeThreshold}, n = ${rows} held-out rows.`)
        .join(' ');
      const plane = Object.entries(means).find(([, tensor]) => unitsOf(tensor) === 2);
      figure.hidden = plane === undefined;
      if (plane === undefined) return;
      figure.replaceChildren(
        element(
          'figcaption',
          {},
          `Latent map: E_q[${plane[0]} | x] of ${rows} held-out rows${codes.labels === null ? '' : ', each drawn as its label'}`,
        ),
        drawMap(plane[0], plane[1].values, codes),
      );
    },
  };
}

function drawMap(name: string, values: Float32Array, { rows, labels }: Codes): SVGSVGElement {
  const reach = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1) * 1.05;
  const x = (value: number) => margin.left + ((value / reach + 1) / 2) * inner.width;
  const y = (value: number) => margin.top + ((1 - value / reach) / 2) * inner.height;
  const tick = Math.max(1, Math.floor(reach / 2));
  const text = (content: string, at: Readonly<Record<string, string | number>>) =>
    graphic('text', at, content);
  return graphic(
    'svg',
    {
      viewBox: `0 0 ${size} ${size}`,
      class: 'plot map',
      role: 'img',
      'aria-label': `Map of ${rows} held-out rows by their two latent means, from ${-reach.toFixed(1)} to ${reach.toFixed(1)}`,
    },
    graphic('line', { x1: margin.left, x2: size - margin.right, y1: y(0), y2: y(0), class: 'grid' }),
    graphic('line', { x1: x(0), x2: x(0), y1: margin.top, y2: size - margin.bottom, class: 'grid' }),
    ...[-tick, 0, tick].flatMap(value => [
      text(String(value), { x: x(value), y: size - margin.bottom + 14, 'text-anchor': 'middle' }),
      text(String(value), { x: margin.left - 6, y: y(value) + 4, 'text-anchor': 'end' }),
    ]),
    text(`${name}[0]`, { x: margin.left + inner.width / 2, y: size - 6, 'text-anchor': 'middle' }),
    text(`${name}[1]`, {
      transform: `translate(12 ${margin.top + inner.height / 2}) rotate(-90)`,
      'text-anchor': 'middle',
    }),
    ...Array.from({ length: rows }, (_, row) => {
      const label = labels?.[row];
      return text(label === undefined ? '·' : String(label), {
        x: x(values[2 * row]!).toFixed(1),
        y: (y(values[2 * row + 1]!) + 4).toFixed(1),
        'text-anchor': 'middle',
        class: 'point',
        style: label === undefined ? '' : `--hue: ${(label % labelKinds) * (360 / labelKinds)}`,
      });
    }),
  );
}
