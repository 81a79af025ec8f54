import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { complete, type HighlightKind, highlightRules, hover } from '../../../compiler/index.js';
import { lex } from '../../../compiler/syntax/lexer.js';

const folder = (name: string) => fileURLToPath(new URL(`../../../${name}/`, import.meta.url));
const textsOf = (name: string) =>
  readdirSync(folder(name))
    .filter(file => file.endsWith('.iwae'))
    .map(file => [`${name}/${file}`, readFileSync(folder(name) + file, 'utf8')] as const);
const mnist1l = readFileSync(`${folder('specs')}mnist1l.iwae`, 'utf8');

const request = (text: string) => ({ source: { path: 'model.iwae', text }, readImport: () => null });

/** Offset of the nth occurrence of some text. */
function find(text: string, part: string, nth = 0): number {
  let offset = text.indexOf(part);
  for (let i = 0; i < nth; i++) offset = text.indexOf(part, offset + 1);
  expect(offset, part).toBeGreaterThanOrEqual(0);
  return offset;
}

describe('hover', () => {
  const on = (part: string, nth = 0) => hover(request(mnist1l), find(mnist1l, part, nth));

  it.each([
    ['h ~', 0, 'normal[50]', /^217,300 parameters: dense1\.weight \[784, 200\], .*2 more$/],
    ['h ~', 1, 'normal[50]', null],
    ['y =', 0, 'real[200]', /^50,400 parameters/],
    ['x ~', 0, 'bernoulli[784]', /^157,584 parameters: dense1\.weight \[200, 784\], dense1\.bias \[784\]$/],
    ['dense(200', 0, 'real[200]', /^10,200 parameters/],
    ['dense(200', 1, 'real[200]', /^40,200 parameters: dense2\.weight \[200, 200\], dense2\.bias \[200\]$/],
    ['y |>', 0, 'real[200]', null],
    ['x: binary', 0, 'binary[784]', null],
    ['mnist1l {', 0, '1 stochastic layer, iwae(k=5)', /^425,284 parameters: 217,300 of q, 207,984 of p$/],
  ])('%s (%i): %s', (part, nth, value, parameters) => {
    const found = on(part, nth);
    expect(found?.value).toBe(value);
    if (parameters === null) expect(found?.parameters).toBeNull();
    else expect(found?.parameters).toMatch(parameters);
  });

  it.each([
    [
      'gaussian_mlp',
      'layer gaussian_mlp(x: real[n], hidden: int[], size: int, activation: function = tanh)',
      /Normal/,
    ],
    ['tanh', 'function tanh(a)', /hyperbolic tangent/],
    ['iwae(', 'bound iwae(k: int)', /Burda et al\. \(2016\)/],
    ['adam', 'optimizer adam(lr: positive = 1e-3, beta1: unit', /Kingma & Ba/],
    ['burda(', 'schedule burda(stages: int = 8, warmup: int = 0)', /3280 epochs/],
  ])('%s: its signature and documentation', (part, title, doc) => {
    const found = on(part);
    expect(found?.title).toContain(title);
    expect(found?.doc).toMatch(doc);
  });

  it('says nothing in comments, of numbers and of words of the grammar', () => {
    for (const part of ['One stochastic', '784]', 'recognition', 'let', 'batch']) expect(on(part)).toBeNull();
  });

  it('works beside mistakes', () => {
    const broken = mnist1l.replace('size=50', 'size=');
    expect(hover(request(broken), find(broken, 'h ~'))).toMatchObject({ value: null });
    expect(hover(request(broken), find(broken, 'normal'))).toMatchObject({ value: 'normal[50]' });
  });

  it('never fails, wherever it is asked', () => {
    for (const [, text] of [...textsOf('specs'), ...textsOf('stdlib')].slice(0, 6)) {
      for (let offset = 0; offset <= text.length; offset += 97) hover(request(text), offset);
      for (let end = 0; end <= text.length; end += 397) hover(request(text.slice(0, end)), end);
    }
  });
});

describe('complete', () => {
  const at = (marked: string) => {
    const offset = marked.indexOf('⟨');
    const found = complete(request(marked.replace('⟨', '')), offset);
    return found?.items.map(({ label }) => label) ?? null;
  };
  const inModel = (line: string) =>
    mnist1l.replace('    let y = h |> dense(200, tanh) |> dense(200, tanh)', `    ${line}`);

  it.each([
    ['a declaration', '⟨', ['model', 'bound', 'layer']],
    ['a member', 'model a {\n  ⟨\n}', ['data', 'recognition', 'generative', 'bound', 'train']],
    ['a type', 'model a {\n  data x: b⟨\n}', ['binary', 'real']],
    ['an optimizer', 'model a {\n  train {\n    optimizer a⟨\n  }\n}', ['adam', 'sgd']],
    ['a setting', 'model a {\n  train {\n    ⟨\n  }\n}', ['optimizer', 'batch', 'schedule', 'gradient']],
    ['a bound', 'model a {\n  bound ⟨\n}', ['iwae', 'elbo']],
    ['a layer or a variable', inModel('let y = ⟨'), ['dense', 'h', 'normal', 'tanh']],
    ['an argument', inModel('let y = dense(h, ⟨'), ['size=', 'activation=', 'h']],
    ['a quantity', 'bound mine(k: int) = logmeanexp[k](lo⟨', ['log_w', 'log_lik', 'log']],
  ])('%s', (_, marked, expected) => {
    expect(at(marked)).toEqual(expect.arrayContaining(expected));
  });

  it('offers what is defined, and only before its use', () => {
    expect(at(inModel('let y = ⟨'))).not.toContain('y');
    expect(at(inModel('let y = ⟨'))).not.toContain('x');
    expect(at(mnist1l.replace('gaussian_mlp(x', 'gaussian_mlp(⟨'))).toContain('x');
  });

  it('offers nothing in a comment', () => {
    expect(at('// a ⟨')).toBeNull();
  });

  it('starts where the word does', () => {
    const text = 'model a {\n  bound iw';
    expect(complete(request(text), text.length)?.from).toBe(text.length - 2);
  });
});

describe('highlighting', () => {
  const rules = highlightRules.map(({ kind, pattern }) => ({ kind, pattern: new RegExp(pattern, 'y') }));
  const ruleAt = (
    text: string,
    offset: number,
  ): { readonly kind: HighlightKind; readonly image: string } | null => {
    for (const { kind, pattern } of rules) {
      pattern.lastIndex = offset;
      const image = pattern.exec(text)?.[0] ?? '';
      if (image !== '') return { kind, image };
    }
    return null;
  };

  it.each([...textsOf('specs'), ...textsOf('stdlib')])('%s: as the lexer reads it', (path, text) => {
    const { tokens, comments } = lex({ path, text });
    for (const { startOffset, image } of [...tokens, ...comments])
      expect(ruleAt(text, startOffset)?.image).toBe(image);
  });

  it.each<[string, HighlightKind]>([
    ['import', 'keyword'],
    ['imports', 'name'],
    ['model', 'member-word'],
    ['12.5e-3', 'number'],
    ['12abc', 'invalid'],
    ['"a"', 'string'],
    ['// a', 'comment'],
    ['|>', 'operator'],
    ['~', 'operator'],
    ['(', 'bracket'],
    [',', 'separator'],
    ['# a', 'invalid'],
  ])('%s is a %s', (text, kind) => {
    expect(ruleAt(text, 0)).toEqual({ kind, image: text });
  });
});
