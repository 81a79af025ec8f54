import { element } from '../app/dom.js';

export interface Section {
  readonly name: string;
  readonly text: string;
}

/** A picker over sections, with the chosen one's text and facts below. Remembers the choice by name. */
export function createListing(
  label: string,
  sections: readonly Section[],
  describe: (section: Section) => string,
  chosen: { name: string },
): HTMLElement {
  const picker = element(
    'select',
    {},
    ...sections.map(({ name }) => element('option', { value: name }, name)),
  );
  const facts = element('p', { class: 'lead', role: 'status' });
  const text = element('pre', { class: 'listing', tabindex: 0, 'aria-label': `${label} as text` });
  const show = () => {
    const section = sections.find(({ name }) => name === picker.value) ?? sections[0];
    if (section === undefined) return;
    chosen.name = section.name;
    facts.textContent = describe(section);
    text.textContent = section.text;
    text.scrollTop = 0;
  };
  if (sections.some(({ name }) => name === chosen.name)) picker.value = chosen.name;
  picker.onchange = show;
  show();
  return element('div', {}, element('label', { class: 'control' }, label, picker), facts, text);
}
