import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import type { Extension } from '@codemirror/state';
import { hoverTooltip, type Tooltip } from '@codemirror/view';
import type { Hover, Completion as Offer } from 'iwaec';
import { element } from '../app/dom.js';
import type { CompilerClient } from '../compiler/client.js';

const types: Readonly<Record<Offer['kind'], string>> = {
  call: 'function',
  variable: 'variable',
  argument: 'property',
  type: 'type',
  keyword: 'keyword',
};

/** Names of the model itself come before those of the library. */
const boosts: Readonly<Record<Offer['kind'], number>> = {
  argument: 3,
  variable: 2,
  type: 1,
  keyword: 1,
  call: 0,
};

const completionOf = ({ label, kind, detail, doc }: Offer): Completion => ({
  label,
  type: types[kind],
  boost: boosts[kind],
  ...(detail === null ? {} : { info: () => details([detail], doc) }),
});

const details = (lines: readonly (string | null)[], doc: string | null): HTMLElement =>
  element(
    'div',
    { class: 'details' },
    ...lines.flatMap(line => (line === null ? [] : [element('p', { class: 'signature' }, line)])),
    doc === null ? null : element('p', { class: 'doc' }, doc),
  );

const tooltipOf = ({ from, to, title, value, parameters, doc }: Hover): Tooltip => ({
  pos: from,
  end: to,
  above: true,
  create: () => ({ dom: details([value === null ? title : `${title} : ${value}`, parameters], doc) }),
});

/** A failure of the compiler is told where the text is checked, not at the pointer. */
const orNull = <Value>(answer: Promise<Value | null>): Promise<Value | null> => answer.catch(() => null);

/** Completion and hover, as the compiler knows them. */
export function assistance(compiler: CompilerClient): Extension {
  const complete = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const { state, pos, explicit } = context;
    const word = context.matchBefore(/\w+/);
    if (word === null && !explicit) return null;
    const found = await orNull(compiler.call('complete', { text: state.doc.toString(), offset: pos }));
    return found === null
      ? null
      : { from: found.from, options: found.items.map(completionOf), validFor: /^\w*$/ };
  };
  return [
    autocompletion({ override: [complete], icons: false }),
    hoverTooltip(async (view, offset) => {
      const found = await orNull(compiler.call('hover', { text: view.state.doc.toString(), offset }));
      return found === null ? null : tooltipOf(found);
    }),
  ];
}
