import { axes } from './axes.js';
import type { Entry } from './entry.js';
import { estimators } from './estimators.js';
import { factors } from './factors.js';
import { names } from './names.js';
import { shapes } from './shapes.js';
import { syntax } from './syntax.js';
import { training } from './training.js';
import { types } from './types.js';

/** The families in the order of the documentation. A code stands in one family only (a test says so). */
export const families = { syntax, names, types, shapes, axes, estimators, factors, training };

/** Every code a user can meet. */
export const catalogue = {
  ...syntax,
  ...names,
  ...types,
  ...shapes,
  ...axes,
  ...estimators,
  ...factors,
  ...training,
};

export type DiagnosticCode = keyof typeof catalogue;

/** What must be known to word a diagnostic of this code. */
export type FactsOf<Code extends DiagnosticCode> =
  (typeof catalogue)[Code] extends Entry<infer Facts> ? Facts : never;

export const diagnosticCodes = Object.keys(catalogue) as readonly DiagnosticCode[];
