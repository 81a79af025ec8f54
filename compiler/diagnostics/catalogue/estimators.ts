import { listed, quoted } from '../../support/words.js';
import { type EntryTable, entry } from './entry.js';
import { page } from './page.js';
import { didYouMean, quotedList } from './phrases.js';

/** Why an estimator has no meaning for a bound. */
type Objection =
  | { readonly kind: 'clauses' }
  | { readonly kind: 'quantities'; readonly found: readonly string[] }
  | { readonly kind: 'no-samples' }
  /** The axes of each set. */
  | { readonly kind: 'sample-sets'; readonly axes: readonly (readonly string[])[] };

function foundIn(objection: Objection): string {
  switch (objection.kind) {
    case 'clauses':
      return 'a formula of its own for the value, for `generative` or for `recognition`';
    case 'quantities':
      return quotedList(objection.found, 'and');
    case 'no-samples':
      return 'a bound that does not depend on `log_w`';
    case 'sample-sets':
      return `${objection.axes.length} sets of samples, over ${listed(
        objection.axes.map(axes => quoted(`[${axes.join(', ')}]`)),
        'and',
      )}`;
  }
}

/** What can be wrong with how a gradient is estimated. */
export const estimators = {
  'unknown-estimator': entry<{ name: string; suggestion: string | null; known: readonly string[] }>({
    severity: 'error',
    title: 'there is no such estimator',
    message: ({ name }) => `there is no estimator ${quoted(name)}`,
    expected: ({ known }) => quotedList(known, 'or'),
    help: ({ suggestion }) => didYouMean(suggestion) ?? 'without `using`, the bound itself is differentiated',
    explain: page(
      'Behind `using` stands how the gradient of the bound is estimated. `one_sample` draws one of the samples of each datum in proportion to its normalised weight, and differentiates that one only: k forward passes, one backward pass. Without `using`, the bound is differentiated through all samples.',
      'bound iwae(k=50) using one_smaple',
      'bound iwae(k=50) using one_sample',
    ),
  }),
  'unsuitable-estimator': entry<{ estimator: string; objection: Objection }>({
    severity: 'error',
    title: 'an estimator has no meaning for this bound',
    message: ({ estimator }) => `${quoted(estimator)} cannot estimate the gradient of this bound`,
    found: ({ objection }) => foundIn(objection),
    expected: () => 'one formula of `log_w` over one set of samples',
    help: ({ estimator }) => `leave ${quoted(`using ${estimator}`)} out, or choose a bound such as \`iwae\``,
    explain: page(
      'An estimator replaces the gradient of a bound by one of the same expectation, from the derivative of the bound by each `log_w`. A bound with `value`, `generative` and `recognition` formulas has an estimator of its own already; other quantities have gradients that `log_w` does not tell; and of several sets of samples there is no one sample to draw.',
      'bound iwae_dreg(k=50) using one_sample',
      'bound iwae(k=50) using one_sample',
    ),
  }),
  'biased-path-gradient': entry({
    severity: 'warning',
    title: 'the gradient of the recognition network is biased',
    message: () =>
      '`log_w_path` is averaged here by weights that depend on the same samples, which is biased',
    found: () => 'weights that sum to a constant, and each of which changes with its own sample',
    expected: () => 'weights that the sample does not enter, or those of a doubly reparameterised gradient',
    help: () =>
      'square the normalised weights, as `iwae_dreg` does, or write `log_w`; `iwaec check-bias` measures the bias',
    explain: page(
      '`log_w_path` leaves out the score of q, whose expectation is 0. Multiplied by a weight that depends on the same sample, it is not 0 any more: with more than one sample, `sum[k](stop(softmax[k](log_w)) * log_w_path)` is not the gradient of `iwae` on average, and the recognition network converges to something else (Tucker et al., 2019). `iwae_stl` is that estimator; it is in the library because papers compare with it.',
      'bound mine(k: int) {\n  value       logmeanexp[k](log_w)\n  generative  logmeanexp[k](log_w)\n  recognition sum[k](stop(softmax[k](log_w)) * log_w_path)\n}',
      'bound mine(k: int) {\n  value       logmeanexp[k](log_w)\n  generative  logmeanexp[k](log_w)\n  recognition sum[k](stop(softmax[k](log_w))^2 * log_w_path)\n}',
    ),
  }),
} satisfies EntryTable;
