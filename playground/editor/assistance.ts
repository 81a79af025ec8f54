import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { type Extension, StateEffect, StateField } from '@codemirror/state';
import { type EditorView, hoverTooltip, keymap, showTooltip, type Tooltip } from '@codemirror/view';
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

const setShown = StateEffect.define<Tooltip | null>();

/** What was asked for by key: shown until the cursor moves or the text changes. */
const shown = StateField.define<Tooltip | null>({
  create: () => null,
  update(tooltip, transaction) {
    const asked = transaction.effects.find(effect => effect.is(setShown));
    if (asked !== undefined) return asked.value;
    return transaction.docChanged || transaction.selection !== undefined ? null : tooltip;
  },
  provide: field => showTooltip.from(field),
});

/** A failure of the compiler is told where the text is checked, not at the pointer. */
const orNull = <Value>(answer: Promise<Value | null>): Promise<Value | null> => answer.catch(() => null);

/** Completion and hover, as the compiler knows them; Ctrl-I (Cmd-I) is hover at the cursor, which `announce` says too. */
export function assistance(compiler: CompilerClient, announce: (text: string) => void): Extension {
  const explain = (view: EditorView): boolean => {
    const { doc, selection } = view.state;
    void orNull(compiler.call('hover', { text: doc.toString(), offset: selection.main.head })).then(found => {
      const tooltip = found === null ? null : tooltipOf(found);
      view.dispatch({ effects: setShown.of(tooltip) });
      announce(
        found === null
          ? 'Nothing to say of this word.'
          : [found.title, found.value, found.parameters, found.doc].filter(text => text !== null).join('. '),
      );
    });
    return true;
  };
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
    shown,
    keymap.of([{ key: 'Mod-i', run: explain, preventDefault: true }]),
    autocompletion({ override: [complete], icons: false }),
    hoverTooltip(async (view, offset) => {
      const found = await orNull(compiler.call('hover', { text: view.state.doc.toString(), offset }));
      return found === null ? null : tooltipOf(found);
    }),
  ];
}
