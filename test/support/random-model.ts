import fc from 'fast-check';

/** A small model as source text, with the facts a test needs to bind data to it. */
export interface RandomModel {
  readonly source: string;
  readonly dataSize: number;
  readonly binary: boolean;
  readonly batch: number;
}

const size = fc.integer({ min: 1, max: 3 });
const activation = fc.constantFrom('tanh', 'sigmoid', 'softplus');

const bound = fc.oneof(
  fc
    .record({ name: fc.constantFrom('elbo', 'iwae', 'median'), k: fc.integer({ min: 1, max: 5 }) })
    .map(({ name, k }) => `${name}(k=${k})`),
  fc
    .record({ k: fc.integer({ min: 1, max: 4 }), p: fc.constantFrom(-1, 0.5, 2, 3) })
    .map(({ k, p }) => `power(k=${k}, p=${p})`),
  fc.integer({ min: 1, max: 4 }).map(k => `ciwae(k=${k}, beta=0.3)`),
  fc.record({ k1: size, k2: size }).map(({ k1, k2 }) => `miwae(k1=${k1}, k2=${k2})`),
);

interface Layer {
  readonly size: number;
  readonly hiddenUp: readonly number[];
  readonly hiddenDown: readonly number[];
  readonly activation: string;
}

interface Sizes {
  readonly mostUnits: number;
  readonly mostData: number;
  readonly mostRows: number;
}

function modelsOf({ mostUnits, mostData, mostRows }: Sizes): fc.Arbitrary<RandomModel> {
  const units = fc.integer({ min: 1, max: mostUnits });
  const hidden = fc.array(units, { maxLength: 2 });
  const layer: fc.Arbitrary<Layer> = fc.record({
    size: units,
    hiddenUp: hidden,
    hiddenDown: hidden,
    activation,
  });
  return fc
    .record({
      dataSize: fc.integer({ min: 1, max: mostData }),
      binary: fc.boolean(),
      batch: fc.integer({ min: 1, max: mostRows }),
      layers: fc.array(layer, { minLength: 1, maxLength: 3 }),
      bound,
      combine: fc.constantFrom('sum', 'mean'),
    })
    .map(choice => ({
      source: sourceOf(choice),
      dataSize: choice.dataSize,
      binary: choice.binary,
      batch: choice.batch,
    }));
}

/** Models with one to three stochastic layers, every bound of the library, real or binary data, and odd sizes. */
export const randomModel = modelsOf({ mostUnits: 3, mostData: 4, mostRows: 3 });

/** The same with enough rows and columns that a dispatch has several workgroups, and parts of some are left over. */
export const wideModel = modelsOf({ mostUnits: 13, mostData: 19, mostRows: 23 });

/** The same models with the gradient estimated from one sample. */
export const estimatedModel: fc.Arbitrary<RandomModel> = randomModel.map(model => ({
  ...model,
  source: model.source.replace(/^ *bound .*$/m, '$& using one_sample'),
}));

function sourceOf(choice: {
  readonly dataSize: number;
  readonly binary: boolean;
  readonly batch: number;
  readonly layers: readonly Layer[];
  readonly bound: string;
  readonly combine: string;
}): string {
  const { layers } = choice;
  const mlp = (input: string, sizes: readonly number[], output: number, act: string) =>
    `gaussian_mlp(${input}, hidden=[${sizes.join(', ')}], size=${output}, activation=${act})`;
  const up = layers.map(
    (l, i) => `    h${i + 1} ~ ${mlp(i === 0 ? 'x' : `h${i}`, l.hiddenUp, l.size, l.activation)}`,
  );
  const top = layers.length;
  const down = layers
    .slice(0, -1)
    .map((l, i) => `    h${i + 1} ~ ${mlp(`h${i + 2}`, l.hiddenDown, l.size, l.activation)}`)
    .reverse();
  const first = layers[0]!;
  const likelihood = choice.binary
    ? `let y = mlp(h1, hidden=[${first.hiddenDown.join(', ')}], activation=${first.activation})
    x ~ bernoulli(logits = dense(y, ${choice.dataSize}, bias = logit(clip(mean(data x), 0.001, 0.999))))`
    : `x ~ ${mlp('h1', first.hiddenDown, choice.dataSize, first.activation)}`;
  return `model random {
  data x: ${choice.binary ? 'binary' : 'real'}[${choice.dataSize}]
  recognition {
${up.join('\n')}
  }
  generative {
    h${top} ~ normal(0, 1)[${layers[top - 1]!.size}]
${down.join('\n')}
    ${likelihood}
  }
  bound ${choice.bound}
  train {
    optimizer adam(lr=1e-3)
    batch ${choice.batch}
    gradient ${choice.combine}
  }
}
`;
}
