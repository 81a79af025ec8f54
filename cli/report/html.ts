/** HTML as text whose parts are known to be safe: nothing else can be put into a template. */
export interface Html {
  readonly html: string;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

type Part = Html | string | number | readonly Html[];

function textOf(part: Part): string {
  if (typeof part === 'string' || typeof part === 'number')
    return String(part).replaceAll(/[&<>"']/g, character => escapes[character]!);
  return 'html' in part ? part.html : part.map(({ html }) => html).join('');
}

/** A template of HTML; texts and numbers in it are escaped. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: strings.reduce((text, string, i) => text + textOf(parts[i - 1]!) + string),
});

/** Text that is HTML already. */
export const raw = (text: string): Html => ({ html: text });

export const nothing: Html = raw('');
