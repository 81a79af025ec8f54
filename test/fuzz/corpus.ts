import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stdlibSources } from '../../stdlib/sources.js';
import { smallModel } from '../unit/check/checked.js';
import { everything } from '../unit/syntax/texts.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

const textsIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder))
    .filter(file => file.endsWith('.iwae'))
    .sort()
    .map(file => readFileSync(join(root, folder, file), 'utf8'));

const declared = /^(bound|distribution|optimizer|function|layer|reduction|weights|schedule) (\w+)/gm;

/** A text of the library as a user's own, under other names; what it uses is the library's. */
const own = (text: string): string => text.replace(declared, '$1 my_$2');

/** Models that stand beside declarations of their own, and use some of them. */
const withLibrary = Object.values(stdlibSources).flatMap(text => {
  const before = own(text);
  const bound = before.includes('bound my_piwae(') ? { bound: 'my_piwae(k1=2, k2=3)' } : {};
  const train = before.includes('optimizer my_adam(') ? { train: 'optimizer my_adam' } : {};
  return [smallModel({ before, ...bound, ...train })];
});

/** Programs without errors: few mutations of them have none either, and get as far as a model. */
export const sound: readonly string[] = [
  ...textsIn('specs').filter(text => !/^import/m.test(text)),
  ...withLibrary,
  smallModel(),
  smallModel({ bound: 'miwae(k1=2, k2=3)', train: 'optimizer sgd(lr=0.1)\n batch 4' }),
  smallModel({ bound: 'power(k=3, p=2) using one_sample' }),
  smallModel({ recognition: 'h ~ normal(mean = dense(x, 2), scale = exp(dense(x, 2)))' }),
  // A sigmoid belief network.
  smallModel({
    recognition: 'g ~ bernoulli(logits = dense(x, 3))\n h ~ bernoulli(logits = dense(g, 2))',
    generative:
      'h ~ bernoulli(logits = 0)[2]\n g ~ bernoulli(logits = dense(h, 3))\n x ~ bernoulli(logits = dense(g, 6))',
    bound: 'rws(k=3)',
  }),
  // Data that depends on other data.
  smallModel({
    data: 'data x: binary[6]\n data y: real[2]',
    generative:
      'h ~ normal(0, 1)[2]\n y ~ normal(mean = h, scale = 1)\n x ~ bernoulli(logits = dense(h, 6) + sum(y))',
  }),
  // 1 / scale^2 is more than 32 bits hold.
  smallModel({ recognition: 'h ~ normal(mean = dense(x, 2), scale = 1e-25)' }),
];

/** All programs: also those that a diagnostic is shown for, and every form of the grammar. */
export const corpus: readonly string[] = [
  ...sound,
  ...textsIn('test/diagnostics/cases').filter(text => text.length < 4000),
  everything,
];
