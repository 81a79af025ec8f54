import { count, nats } from '../words.js';
import type { RunContents } from './contents.js';
import { type Html, html, nothing } from './html.js';
import { basis, sumOf, withError } from './numbers.js';
import { type Published, publishedFor } from './published.js';

/** All runs, each with the published figures that may stand beside its own. */
export function comparison(runs: readonly RunContents[]): Html {
  return html`
<div class="scroll" role="region" aria-label="Comparison of the runs" tabindex="0"><table>
<thead><tr>
<th scope="col">run</th>
<th scope="col">objective<small>latent units</small></th>
<th scope="col">data<small>binarised</small></th>
<th scope="col" class="number">epochs</th>
<th scope="col" class="number">NLL = -L_k<small>nats</small></th>
<th scope="col" class="number">published NLL<small>nats, -L_5000, all test images</small></th>
<th scope="col" class="number">ELBO, L_1<small>nats</small></th>
<th scope="col" class="number">KL(q ‖ posterior)<small>nats</small></th>
<th scope="col" class="number">active units</th>
</tr></thead>
<tbody>${runs.map(row)}</tbody>
</table></div>
<p class="soft">Errors are standard errors over images. A published figure stands beside a run of the same data, binarisation, layers, k and objective, and nowhere else; it was trained for 3,280 epochs.</p>`;
}

const numberCell = (text: string, note = ''): Html =>
  html`<td class="number">${text}${note === '' ? nothing : html`<small>${note}</small>`}</td>`;

function row(run: RunContents): Html {
  const { name, model, comparable, dataText, evaluation } = run;
  const others = publishedFor(comparable);
  return html`<tr>
<th scope="row">${name}<small>${model}, step ${count(run.step)}</small></th>
<td>${comparable.bound}<small>${sumOf(comparable.latents)}</small></td>
<td>${comparable.data ?? dataText}<small>${comparable.binarise}</small></td>
${numberCell(epochsText(run))}
${evaluation === null ? numberCell('not evaluated', 'iwaec eval') : numberCell(withError(evaluation.nll), basis(evaluation))}
<td class="number">${publishedCells(others)}</td>
${numberCell(evaluation === null ? '–' : withError(evaluation.elbo))}
${numberCell(evaluation?.posteriorDivergence ? withError(evaluation.posteriorDivergence) : '–')}
${unitCell(run)}
</tr>`;
}

const publishedCells = (others: readonly Published[]): Html | readonly Html[] =>
  others.length === 0
    ? html`–<small>none to compare with</small>`
    : others.map(
        ({ nll, active, source }) =>
          html`<div>${nats(nll)}<small>${sumOf(active)} active units<br>${source}</small></div>`,
      );

/** As the evaluation counted them; else as they are for the histogram. */
function unitCell({ evaluation, activity, comparable }: RunContents): Html {
  const counted = evaluation?.units ?? activity;
  if (counted === null) return numberCell('–');
  const active = counted.layers.map((layer, i) => `${layer.active} of ${comparable.latents[i]}`);
  return numberCell(active.join(' + '), basis(counted));
}

const epochsText = ({ epochsDone, epochsGoal }: RunContents): string =>
  epochsDone === null ? '–' : `${count(Math.round(epochsDone * 100) / 100)} of ${count(epochsGoal)}`;
