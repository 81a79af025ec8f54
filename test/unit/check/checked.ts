import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CheckRequest, type CheckResult, check } from '../../../compiler/check/index.js';
import type { TypedModel } from '../../../compiler/model/index.js';
import { stdlibSources } from '../../../stdlib/sources.js';

/** The checker's result for a text, with the standard library. */
export const checkText = (text: string, further: Partial<CheckRequest> = {}): CheckResult =>
  check({
    source: { path: 'test.iwae', text },
    stdlib: stdlibSources,
    readImport: () => null,
    ...further,
  });

export const codesOf = (text: string, further: Partial<CheckRequest> = {}): readonly string[] =>
  checkText(text, further).diagnostics.map(({ code }) => code);

/** The model of a text without errors. */
export function modelFrom(text: string, further: Partial<CheckRequest> = {}): TypedModel {
  const { model, diagnostics } = checkText(text, further);
  if (model === null)
    throw new Error(diagnostics.map(({ code, message }) => `${code}: ${message}`).join('\n'));
  return model;
}

export const readSpec = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../specs/${name}.iwae`, import.meta.url)), 'utf8');

export interface Parts {
  readonly before?: string;
  readonly data?: string;
  readonly recognition?: string;
  readonly generative?: string;
  readonly bound?: string;
  readonly train?: string;
}

/** A small model with some of its parts replaced. */
export const smallModel = ({
  before = '',
  data = 'data x: binary[6]',
  recognition = 'h ~ gaussian_mlp(x, hidden=[4], size=2)',
  generative = 'h ~ normal(0, 1)[2]  x ~ bernoulli(logits = dense(h, 6))',
  bound = 'iwae(k=5)',
  train = '',
}: Parts = {}): string =>
  `${before}\nmodel small {
  ${data}
  recognition { ${recognition} }
  generative { ${generative} }
  bound ${bound}
  train { ${train} }
}`;
