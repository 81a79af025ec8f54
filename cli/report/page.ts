import { counted } from '../words.js';
import { type Html, html, nothing, raw } from './html.js';
import type { Drawn, Figure, FigureKind, RunFigures } from './pictures.js';
import { style } from './style.js';
import { comparison } from './table.js';

/** The whole report: one page that needs no script, no font and no network. */
export function page(runs: readonly RunFigures[], curves: Figure | null, footer: string): string {
  const contents = runs.map(({ run }) => run);
  const title = `Report on ${counted(runs.length, 'run')}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: ${contents.map(({ name }) => name).join(', ')}</title>
<style>${raw(style)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="soft">${footer}</p>
<h2>Comparison</h2>
${comparison(contents)}
${curves === null ? nothing : curvesSection(curves)}
${runs.map(section)}
</main>
</body>
</html>
`.html;
}

const curvesSection = (curves: Figure): Html => html`
<h2>Training</h2>
${figureHtml(curves)}`;

/** Pictures of one kind stand together, under a heading where there is one. */
const groups: readonly {
  readonly kinds: readonly FigureKind[];
  readonly heading: string;
  readonly note: string;
  readonly small: boolean;
}[] = [
  { kinds: ['samples', 'reconstructions', 'activity'], heading: '', note: '', small: false },
  { kinds: ['map', 'manifold'], heading: 'Latent space', note: '', small: false },
  {
    kinds: ['posterior'],
    heading: 'Posteriors',
    note: 'Areas: the true posterior p(h | x), evaluated on a grid, from 1 % to 92 % of its maximum. Rings: q(h | x) at one and two standard deviations. Beside each, the image and its reconstruction from a draw of q. As in appendix C of Burda et al. (2016).',
    small: true,
  },
];

function section({ run, figures }: RunFigures): Html {
  return html`
<section>
<h2>${run.name}</h2>
<p class="soft">${run.model}, ${run.comparable.bound}, ${run.dataText}, binarised ${run.comparable.binarise}.</p>
${groups.map(({ kinds, heading, note, small }) => {
  const own = figures.filter(({ kind }) => kinds.includes(kind));
  if (own.length === 0) return nothing;
  return html`${heading === '' ? nothing : html`<h3>${heading}</h3>`}
${note === '' ? nothing : html`<p class="soft">${note}</p>`}
<div class="figures${small ? ' small' : ''}">${own.map(figureHtml)}</div>`;
})}
</section>`;
}

const figureHtml = ({ kind, title, caption, drawn, beside }: Figure): Html => html`
<figure${kind === 'curves' ? raw(' class="wide"') : nothing}>
${beside === undefined ? picture(drawn, title) : html`<div class="pair">${picture(drawn, title)}${picture(beside, `${title}: the image above its reconstruction`)}</div>`}
<figcaption>${caption}</figcaption>
</figure>`;

function picture(drawn: Drawn, title: string): Html {
  if ('svg' in drawn) return raw(drawn.svg);
  const data = Buffer.from(drawn.png).toString('base64');
  return html`<img src="data:image/png;base64,${data}" width="${drawn.width}" height="${drawn.height}" alt="${title}">`;
}
