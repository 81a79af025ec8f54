import type { Expression, File, Item } from '../../../compiler/syntax/index.js';
import { parse } from '../../../compiler/syntax/index.js';

/** A text with every form of the grammar, and no errors. */
export const everything = `// specs/two.iwae
import "my_bounds.iwae"

/// Two stochastic layers.
///   Burda et al. (2016)
model two {
  data x: binary[28, 28]

  recognition {                     // q(h1 | x)
    h1 ~ gaussian_mlp(x, hidden=[200, 200], size=100)
    h2 ~ gaussian_mlp(h1, hidden=[], size=50,)
  }

  generative {
    h2 ~ normal(0, 1)[50]
    let y = h2 |> dense(200, tanh)
      |> dense(200, tanh)
    x ~ bernoulli(logits = y |> dense(784, bias = logit(mean(data x))))
  }

  bound iwae(k=50) using one_sample

  train {
    optimizer adam(lr=1e-3, beta1=0.9)
    batch 20
    schedule burda(stages=8)
  }
}

/// A mean of logarithms.
bound elbo(k: int = 1) = mean[k](log_w)

bound dreg(k: int) {
  value       logmeanexp[k](log_w)
  generative  logmeanexp[k](log_w) - log_q[h1]
  recognition sum[k](stop(softmax[k](log_w))^2 * log_w_path)
}

function softplus(x: real) = log(1 + exp(-x))
function clip(x: real, low: real = 0.001) {
  let y = max(x, low) return min(y, 1 - low)
}

layer dense(x: real[n], size: int, activation: function = identity) {
  param weight: real[n, size] ~ glorot(n, size)
  param bias: real[size] = 0
  return activation(x @ weight + bias)
}
layer mlp(x: real[n], hidden: int[]) = fold y = x for size in hidden { y |> dense(size, tanh) }

distribution normal(mean: real, scale: positive) {
  support real
  noise z: normal
  sample (mean) + scale * z
  log_prob(x) = -0.5 * ((x - mean) / scale)^2 - log(scale)
  kl(a, b) = a <= b
  mean mean
}

reduction logmeanexp[a](v) {
  let m = max[a](v)
  return m + log(mean[a](exp(v - m)))
}
weights softmax[a](v) = exp(v - logsumexp[a](v))

optimizer adam(lr: positive, beta1: unit = 0.9) {
  state m = 0
  next m = beta1 * m + (1 - beta1) * gradient
  let rate = lr
  next parameter = parameter + rate * next
}

schedule burda(stages: int = 8) {
  epochs (3^stages - 1) / 2
  rate   10^(-stage / (stages - 1))
}
`;

export const parsed = (text: string) => parse({ path: 'a.iwae', text });

/** The only item of a text without errors. */
export function item<Kind extends Item['kind']>(text: string, kind: Kind): Extract<Item, { kind: Kind }> {
  const { file, diagnostics } = parsed(text);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  const [only] = file.items;
  if (only?.kind !== kind) throw new Error(`${only?.kind} is not ${kind}`);
  return only as Extract<Item, { kind: Kind }>;
}

/** An expression with its grouping made visible: operators and calls as `(operator left right)`. */
export function shape(node: Expression): string {
  switch (node.kind) {
    case 'number':
      return String(node.value);
    case 'name':
      return node.name;
    case 'list':
      return `[${node.elements.map(shape).join(' ')}]`;
    case 'data-reference':
      return `(data ${node.name.name})`;
    case 'unary':
      return `(neg ${shape(node.operand)})`;
    case 'binary':
      return `(${node.operator} ${shape(node.left)} ${shape(node.right)})`;
    case 'call': {
      const axes = node.axes ? `[${node.axes.map(axis => axis.name).join(' ')}]` : '';
      const passed = node.arguments.map(
        ({ name, value }) => ` ${name ? `${name.name}=` : ''}${shape(value)}`,
      );
      return `(${node.callee.name}${axes}${passed.join('')})`;
    }
    case 'index':
      return `(at ${shape(node.target)} ${node.indices.map(shape).join(' ')})`;
    case 'fold':
      return `(fold ${node.accumulator.name} ${shape(node.initial)} ${node.element.name} ${shape(node.list)} ${shape(node.body)})`;
    case 'hole':
      return '?';
  }
}

/** The formula of a one-line bound. */
export function expression(text: string): Expression {
  const { clauses } = item(`bound b = ${text}`, 'bound');
  const [clause] = clauses;
  if (!clause) throw new Error('no clause');
  return clause.value;
}

/** Errors as `code line:column text-of-span`. */
export function errors(text: string): readonly string[] {
  return parsed(text).diagnostics.map(({ code, span }) => {
    const before = text.slice(0, span.start).split('\n');
    const column = (before[before.length - 1] ?? '').length + 1;
    const what = text.slice(span.start, span.end);
    return `${code} ${before.length}:${column}${what === '' ? '' : ` ${what}`}`;
  });
}

export const names = (file: File): readonly string[] =>
  file.items.map(found => (found.kind === 'import' ? found.path : found.name.name));
