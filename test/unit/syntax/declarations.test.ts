import { describe, expect, test } from 'vitest';
import { spanText } from '../../../compiler/support/source.js';
import { printAst } from '../../../compiler/syntax/index.js';
import { everything, item, names, parsed, shape } from './texts.js';

describe('every declaration form', () => {
  const { file, diagnostics } = parsed(everything);
  const find = (name: string) =>
    file.items.find(found => found.kind !== 'import' && found.name.name === name);

  test('is read without errors', () => {
    expect(diagnostics).toEqual([]);
    expect(names(file)).toEqual([
      'my_bounds.iwae',
      'two',
      'elbo',
      'dreg',
      'softplus',
      'clip',
      'dense',
      'mlp',
      'normal',
      'logmeanexp',
      'softmax',
      'adam',
      'burda',
    ]);
  });

  test('model', () => {
    const model = find('two');
    if (model?.kind !== 'model') throw new Error('no model');
    expect(model.members.map(member => member.kind)).toEqual([
      'data',
      'network',
      'network',
      'bound-choice',
      'train',
    ]);
    const [data, recognition, generative, bound, train] = model.members;
    expect(data?.kind === 'data' && data.type.dimensions?.map(shape)).toEqual(['28', '28']);
    expect(recognition?.kind === 'network' && recognition.statements.map(({ kind }) => kind)).toEqual([
      'draw',
      'draw',
    ]);
    expect(generative?.kind === 'network' && generative.role).toBe('generative');
    const second = generative?.kind === 'network' ? generative.statements[1] : undefined;
    expect(second && shape(second.value)).toBe('(|> (|> h2 (dense 200 tanh)) (dense 200 tanh))');
    expect(bound?.kind === 'bound-choice' && shape(bound.value)).toBe('(iwae k=50)');
    const estimator = bound?.kind === 'bound-choice' ? bound.estimator : null;
    expect(estimator?.name).toBe('one_sample');
    expect(estimator && spanText(estimator.span)).toBe('one_sample');
    expect(bound && spanText(bound.span)).toBe('bound iwae(k=50) using one_sample');
    expect(
      train?.kind === 'train' && train.settings.map(({ name, value }) => `${name.name}: ${shape(value)}`),
    ).toEqual(['optimizer: (adam lr=0.001 beta1=0.9)', 'batch: 20', 'schedule: (burda stages=8)']);
  });

  test('bound', () => {
    const elbo = find('elbo');
    expect(elbo?.kind === 'bound' && elbo.clauses.map(({ role }) => role)).toEqual(['all']);
    expect(elbo?.kind === 'bound' && elbo.parameters[0]?.defaultValue).toMatchObject({ value: 1 });
    const dreg = find('dreg');
    expect(dreg?.kind === 'bound' && dreg.clauses.map(({ role }) => role)).toEqual([
      'value',
      'generative',
      'recognition',
    ]);
  });

  test('function and layer', () => {
    const softplus = find('softplus');
    expect(softplus?.kind === 'function' && softplus.body.map(({ kind }) => kind)).toEqual(['return']);
    const clip = find('clip');
    expect(clip?.kind === 'function' && clip.body.map(({ kind }) => kind)).toEqual(['let', 'return']);
    const dense = find('dense');
    if (dense?.kind !== 'layer') throw new Error('no layer');
    expect(dense.parameters.map(({ name, type }) => `${name.name}: ${type.name.name}`)).toEqual([
      'x: real',
      'size: int',
      'activation: function',
    ]);
    expect(dense.body.map(statement => statement.kind === 'parameter' && statement.initialiser)).toEqual([
      'draw',
      'value',
      false,
    ]);
    const mlp = find('mlp');
    expect(mlp?.kind === 'layer' && mlp.parameters[1]?.type.dimensions).toEqual([]);
  });

  test('distribution', () => {
    const normal = find('normal');
    if (normal?.kind !== 'distribution') throw new Error('no distribution');
    const members = normal.members.map(member => {
      if (member.kind === 'support') return `support ${member.type.name.name}`;
      if (member.kind === 'noise') return `noise ${member.name.name}: ${member.law.name}`;
      return `${member.name.name}(${member.parameters.map(({ name }) => name).join(', ')}) ${shape(member.value)}`;
    });
    expect(members).toEqual([
      'support real',
      'noise z: normal',
      'sample() (+ mean (* scale z))',
      'log_prob(x) (- (* (neg 0.5) (^ (/ (- x mean) scale) 2)) (log scale))',
      'kl(a, b) (<= a b)',
      'mean() mean',
    ]);
  });

  test('reduction and weights', () => {
    const reduction = find('logmeanexp');
    expect(reduction).toMatchObject({ kind: 'reduction', axis: { name: 'a' }, parameter: { name: 'v' } });
    expect(find('softmax')).toMatchObject({ kind: 'weights', axis: { name: 'a' }, parameter: { name: 'v' } });
  });

  test('optimizer and schedule', () => {
    const adam = find('adam');
    expect(
      adam?.kind === 'optimizer' && adam.members.map(({ kind, name }) => `${kind} ${name.name}`),
    ).toEqual(['state m', 'next m', 'let rate', 'next parameter']);
    const burda = find('burda');
    expect(
      burda?.kind === 'schedule' && burda.settings.map(({ name, value }) => `${name.name} ${shape(value)}`),
    ).toEqual(['epochs (/ (- (^ 3 stages) 1) 2)', 'rate (^ 10 (/ (neg stage) (- stages 1)))']);
  });

  test('all on one line', () => {
    const oneLine = everything.replace(/\/\/.*/g, '').replace(/\s+/g, ' ');
    const flat = parsed(oneLine);
    expect(flat.diagnostics).toEqual([]);
    const withoutDocs = printAst(file).replace(/^file .*\n/, '');
    expect(printAst(flat.file).replace(/^file .*\n/, '')).toBe(withoutDocs);
  });
});

describe('documentation comments', () => {
  const docOf = (text: string) => item(text, 'bound').doc;

  test('stand right above a declaration', () => {
    expect(docOf('/// One.\n///   Two.\r\n/// \nbound b = 1')).toBe('One.\n  Two.\n');
    expect(docOf('  /// Indented.\n  bound b = 1')).toBe('Indented.');
  });

  test('not above a blank line, another comment, and not with four slashes', () => {
    expect(docOf('/// One.\n\nbound b = 1')).toBeNull();
    expect(docOf('/// One.\n// two\nbound b = 1')).toBeNull();
    expect(docOf('//// One.\nbound b = 1')).toBeNull();
    expect(docOf('bound b = 1 /// behind')).toBeNull();
  });

  test('belong to the nearest declaration', () => {
    const { file } = parsed('/// One.\nbound a = 1 /// behind\n/// Two.\nbound b = 1\nbound c = 1');
    expect(file.items.map(found => found.kind === 'bound' && found.doc)).toEqual(['One.', 'Two.', null]);
  });
});

test('printAst shows the tree, one node a line', () => {
  const text = `import "b.iwae"
model m {
  data x: binary[4]
  recognition { h ~ f(x, hidden=[2])[3] }
}
bound b(k: int = 1) = mean[k](-log_w) * data x
layer l(x: real[n]) { param w: real[n] ~ glorot(n) return fold y = x for s in h { y @ w } }
distribution d() { noise z: normal log_prob(x, y) = x }`;
  expect(printAst(parsed(text).file)).toBe(`file a.iwae
  import b.iwae
  model m
    data x: binary[4]
    network recognition
      draw h
        index
          call f
            name x
            hidden = list
              number 2
          number 3
  bound b
    parameter k: int
      default: number 1
    all: binary *
      call mean[k]
        unary -
          name log_w
      data-reference x
  layer l
    parameter x: real[n]
    parameter draw w: real[n]
      call glorot
        name n
    return
      fold y s
        from: name x
        over: name h
        binary @
          name y
          name w
  distribution d
    noise z normal
    formula log_prob(x, y)
      name x
`);
});
