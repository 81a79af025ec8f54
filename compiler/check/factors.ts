import type { Expr, Factor } from '../model/ir.js';
import type { Span } from '../support/source.js';
import { someNode } from './expression.js';
import type { DrawnFactor } from './network.js';
import { contains, elementRanges } from './range.js';
import type { Session } from './scope.js';
import { sameShape } from './value.js';

export interface Networks {
  readonly recognition: readonly DrawnFactor[];
  readonly generative: readonly DrawnFactor[];
  /** What each network's own text begins with; null where it is missing. */
  readonly span: { readonly recognition: Span | null; readonly generative: Span | null };
}

/** Reports where p and q do not factorise over the same latents, or data without a likelihood. */
export function checkFactors(session: Session, networks: Networks): void {
  const { recognition, generative, span } = networks;
  const { data, dataSpans } = session.model;
  if (span.generative !== null) {
    for (const drawn of recognition) {
      if (generative.some(({ name }) => name === drawn.name)) continue;
      session.reporter.report('missing-prior', drawn.span, {
        name: drawn.name,
        shape: drawn.factor?.shape ?? null,
      });
    }
    for (const [name, dataSpan] of dataSpans) {
      if (!data.has(name) || generative.some(drawn => drawn.name === name)) continue;
      const labels = [
        { span: headOf(span.generative, 'generative'), text: `nothing here draws \`${name}\`` },
      ];
      session.reporter.report(
        'missing-likelihood',
        dataSpan,
        { name, element: data.get(name)!.element },
        null,
        labels,
      );
    }
  }
  if (span.recognition !== null) {
    for (const drawn of generative) {
      if (dataSpans.has(drawn.name) || recognition.some(({ name }) => name === drawn.name)) continue;
      session.reporter.report('missing-recognition', drawn.span, { name: drawn.name });
    }
  }
  for (const drawn of recognition) {
    const prior = generative.find(({ name }) => name === drawn.name);
    if (prior !== undefined) checkPair(session, drawn, prior);
  }
  lintUnused(session, recognition, generative);
}

const headOf = (span: Span, word: string): Span => ({ ...span, end: span.start + word.length });

/** q and p of one latent must be densities of the same thing. */
function checkPair({ reporter }: Session, q: DrawnFactor, p: DrawnFactor): void {
  if (q.factor === null || p.factor === null) return;
  const labels = [{ span: p.span, text: `p has ${p.factor.support}${shapeOfFactor(p.factor)}` }];
  const { name } = q;
  if (!sameShape(q.factor.shape, p.factor.shape)) {
    reporter.report(
      'factor-shapes',
      q.span,
      { name, recognition: q.factor.shape, generative: p.factor.shape },
      null,
      labels,
    );
  } else if (!contains(elementRanges[p.factor.support], elementRanges[q.factor.support])) {
    const facts = { name, recognition: q.factor.support, generative: p.factor.support };
    reporter.report('factor-supports', q.span, facts, null, labels);
  }
}

const shapeOfFactor = ({ shape }: Factor) => (shape.length === 0 ? '' : `[${shape.join(', ')}]`);

/** A latent that p draws but nothing in p reads does not explain the data. */
function lintUnused(
  { reporter, model }: Session,
  recognition: readonly DrawnFactor[],
  generative: readonly DrawnFactor[],
): void {
  if (generative.some(({ factor }) => factor === null)) return;
  const reads = (expr: Expr, name: string) =>
    someNode(expr, node => node.kind === 'variable' && node.name === name);
  for (const { name, span } of generative) {
    if (model.dataSpans.has(name) || !recognition.some(drawn => drawn.name === name)) continue;
    const used = generative.some(
      ({ factor, name: other }) => other !== name && factor !== null && reads(factor.logProb, name),
    );
    if (!used) reporter.report('unused-latent', span, { name });
  }
}
