import { catalogue, type DiagnosticCode, diagnosticCodes } from './catalogue/index.js';
import { suggest } from './suggest.js';

export const isDiagnosticCode = (text: string): text is DiagnosticCode => Object.hasOwn(catalogue, text);

/** The page of a code, Markdown. */
export function explain(code: DiagnosticCode): string {
  const { severity, title, explain: text } = catalogue[code];
  return `# ${severity}[${code}]: ${title}\n\n${text.trimEnd()}\n`;
}

/** The code a user most likely meant, or null. */
export const suggestCode = (text: string): string | null => suggest(text, diagnosticCodes);
