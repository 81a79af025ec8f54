import { graphic } from '../../app/dom.js';
import type { Edge, PlateDiagram } from './layout.js';

const pathOf = (points: Edge['points']): string =>
  points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)},${y.toFixed(1)}`).join(' ');

const arrow = (role: Edge['role']) =>
  graphic(
    'marker',
    {
      id: `arrow-${role}`,
      viewBox: '0 0 10 10',
      refX: 9,
      refY: 5,
      markerWidth: 7,
      markerHeight: 7,
      orient: 'auto-start-reverse',
      class: `arrow ${role}`,
    },
    graphic('path', { d: 'M0,1 L9,5 L0,9 z' }),
  );

/** The diagram as SVG: observed variables shaded, edges of p solid and those of q dashed. */
export function drawPlates(diagram: PlateDiagram, description: string): SVGSVGElement {
  const { width, height, nodes, edges, plates } = diagram;
  return graphic(
    'svg',
    {
      viewBox: `0 0 ${width.toFixed(0)} ${height.toFixed(0)}`,
      width: width.toFixed(0),
      class: 'plates',
      role: 'img',
      'aria-label': description,
    },
    graphic('defs', {}, arrow('generative'), arrow('recognition')),
    ...plates.flatMap(plate => [
      graphic('rect', {
        x: plate.x,
        y: plate.y,
        width: plate.width,
        height: plate.height,
        rx: 6,
        class: 'plate',
      }),
      graphic(
        'text',
        {
          x: plate.x + 8,
          y: plate.y + 17,
          class: 'plate-label',
        },
        plate.label,
      ),
    ]),
    ...edges.map(({ role, points }) =>
      graphic('path', { d: pathOf(points), class: `edge ${role}`, 'marker-end': `url(#arrow-${role})` }),
    ),
    ...nodes.map(node =>
      graphic(
        'g',
        { class: node.observed ? 'variable observed' : 'variable' },
        graphic('rect', {
          x: node.x,
          y: node.y,
          width: node.width,
          height: node.height,
          rx: node.height / 2,
        }),
        graphic(
          'text',
          { x: node.x + node.width / 2, y: node.y + 24, 'text-anchor': 'middle', class: 'name' },
          node.name,
        ),
        graphic(
          'text',
          { x: node.x + node.width / 2, y: node.y + 42, 'text-anchor': 'middle', class: 'caption' },
          node.caption,
        ),
      ),
    ),
  );
}
