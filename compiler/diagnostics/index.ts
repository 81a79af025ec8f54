export type { Entry, EntryTable, NoFacts, Severity } from './catalogue/entry.js';
export {
  catalogue,
  type DiagnosticCode,
  diagnosticCodes,
  type FactsOf,
  families,
} from './catalogue/index.js';
export {
  type Diagnostic,
  type DiagnosticExtra,
  diagnose,
  type Finding,
  hasErrors,
  type Label,
} from './diagnostic.js';
export { explain, isDiagnosticCode, suggestCode } from './explain.js';
export { diagnosticToJson, type JsonDiagnostic, type JsonRange } from './json.js';
export { type RenderOptions, renderDiagnostic, renderDiagnostics } from './render/index.js';
export { editDistance, suggest } from './suggest.js';
