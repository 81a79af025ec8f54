import { modelSizes } from './model.js';
import { request, serve } from './serve.js';
import { provideWebGpu, provideWorkers } from './web.js';

/* jax-js: loss, gradient and Adam of one step in one jit. An array is consumed by its use; `.ref` keeps it. */

const { device, threads } = request;
if (device === 'webgpu') await provideWebGpu();
else if (threads > 1) provideWorkers(threads);

const {
  blockUntilReady,
  init,
  defaultDevice,
  numpy: np,
  nn,
  random,
  lax,
  jit,
  valueAndGrad,
  tree,
} = await import('@jax-js/jax');
const backend = device === 'webgpu' ? 'webgpu' : 'wasm';
if (!(await init(backend)).includes(backend)) throw new Error(`jax-js has no ${backend} here`);
defaultDevice(backend);

const array = ({ data, shape }) => np.array(data, { shape, dtype: np.float32 });
const arrays = tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, value]) => [name, array(value)]));

/** Sizes that are no multiple of it miss jax-js's tiled kernels, and are padded with zeros. */
const tile = 16;

function linear(p, name, x) {
  const depth = p[name].shape[0];
  const bias = p[`b_${name}`];
  if (depth % tile === 0 || x.shape[0] <= 100) return np.matmul(x, p[name]).add(bias);
  const missing = Math.ceil(depth / tile) * tile - depth;
  const wide = np.pad(x, [
    [0, 0],
    [0, missing],
  ]);
  const tall = np.pad(p[name], [
    [0, missing],
    [0, 0],
  ]);
  return np.matmul(wide, tall).add(bias);
}

const hidden = (p, name, x) => np.tanh(linear(p, name, x));
const sumOfSquares = a => np.square(a).sum(-1);
const perRow = (a, batch, size) => a.reshape([batch, 1, size]);

/** log(1 + e^l); jax-js's own overflows above 88, and its log1p keeps ten intermediate arrays. */
const softplus = l => np.maximum(l.ref, 0).add(np.log(np.exp(np.absolute(l).neg()).add(1)));

function logLikelihood(x, logits, batch, k) {
  const size = x.shape[1];
  const l = logits.reshape([batch, k, size]);
  return perRow(x, batch, size).mul(l.ref).sub(softplus(l)).sum(-1);
}

function logWeightOfOneLayer(p, x, noise) {
  const [batch, k, size] = noise.shape;
  const h = hidden(p, 'W2', hidden(p, 'W1', x.ref));
  const mean = linear(p, 'Wmu', h.ref);
  const logDeviation = linear(p, 'Wls', h);
  const deviation = perRow(np.exp(logDeviation.ref), batch, size);
  const z = perRow(mean, batch, size).add(deviation.mul(noise.ref));
  const y = hidden(p, 'W4', hidden(p, 'W3', z.ref.reshape([batch * k, size])));
  return logLikelihood(x, linear(p, 'W5', y), batch, k)
    .sub(sumOfSquares(z).mul(0.5))
    .add(sumOfSquares(noise).mul(0.5))
    .add(logDeviation.sum(-1).reshape([batch, 1]));
}

function logWeightOfTwoLayers(p, x, noise1, noise2) {
  const [batch, k, size1] = noise1.shape;
  const size2 = noise2.shape[2];
  const count = batch * k;
  const a = hidden(p, 'q1b', hidden(p, 'q1a', x.ref));
  const mean1 = linear(p, 'q1mu', a.ref);
  const logDeviation1 = linear(p, 'q1ls', a);
  const deviation1 = perRow(np.exp(logDeviation1.ref), batch, size1);
  const h1 = perRow(mean1, batch, size1).add(deviation1.mul(noise1.ref)).reshape([count, size1]);
  const c = hidden(p, 'q2b', hidden(p, 'q2a', h1.ref));
  const mean2 = linear(p, 'q2mu', c.ref);
  const logDeviation2 = linear(p, 'q2ls', c);
  const flat2 = noise2.reshape([count, size2]);
  const h2 = mean2.add(np.exp(logDeviation2.ref).mul(flat2.ref));
  const f = hidden(p, 'p1b', hidden(p, 'p1a', h2.ref));
  const priorMean = linear(p, 'p1mu', f.ref);
  const priorLogDeviation = linear(p, 'p1ls', f);
  const r = h1.ref.sub(priorMean).mul(np.exp(priorLogDeviation.ref.neg()));
  const logits = linear(p, 'pxo', hidden(p, 'pxb', hidden(p, 'pxa', h1)));
  const rest = priorLogDeviation
    .sum(-1)
    .neg()
    .sub(sumOfSquares(r).mul(0.5))
    .sub(sumOfSquares(h2).mul(0.5))
    .add(sumOfSquares(flat2).mul(0.5))
    .add(logDeviation2.sum(-1))
    .reshape([batch, k]);
  return logLikelihood(x, logits, batch, k)
    .add(rest)
    .add(sumOfSquares(noise1).mul(0.5))
    .add(logDeviation1.sum(-1).reshape([batch, 1]));
}

/**
 * [surrogate, loss]: the surrogate's gradient is the loss's with weights below 1e-30 set to zero, whose products would
 * be subnormal numbers.
 */
const lossOf = logWeight =>
  function loss(p, x, ...noise) {
    const logW = logWeight(p, x, ...noise);
    const [batch, k] = logW.shape;
    const total = lax.stopGradient(nn.logsumexp(logW.ref, 1));
    const w = np.exp(lax.stopGradient(logW.ref).sub(total.ref.reshape([batch, 1])));
    const flushed = np.where(w.ref.less(1e-30), 0, w);
    const bound = total.mean().sub(Math.log(k));
    return [
      flushed
        .mul(logW)
        .sum()
        .mul(-1 / batch),
      bound.neg(),
    ];
  };

const adam = { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-4 };

/** Of { p, m, v, power1, power2 }, whose last two are beta^step. */
function stepOf(loss) {
  const differentiated = valueAndGrad(loss, { hasAux: true });
  const { rate, beta1, beta2, epsilon } = adam;
  return jit((state, x, ...noise) => {
    const [[surrogate, value], gradients] = differentiated(tree.ref(state.p), x, ...noise);
    surrogate.dispose();
    const power1 = state.power1.mul(beta1);
    const power2 = state.power2.mul(beta2);
    const correction1 = np.reciprocal(power1.ref.neg().add(1));
    const correction2 = np.reciprocal(power2.ref.neg().add(1));
    const next = { p: {}, m: {}, v: {}, power1, power2 };
    for (const name of Object.keys(state.p)) {
      const m = state.m[name].mul(beta1).add(gradients[name].ref.mul(1 - beta1));
      const v = state.v[name].mul(beta2).add(np.square(gradients[name]).mul(1 - beta2));
      const change = m.ref
        .mul(correction1.ref)
        .mul(rate)
        .div(np.sqrt(v.ref.mul(correction2.ref)).add(epsilon));
      next.p[name] = state.p[name].sub(change);
      next.m[name] = m;
      next.v[name] = v;
    }
    correction1.dispose();
    correction2.dispose();
    return [next, value];
  });
}

const zeros = tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, np.zeros(shape)]));

const initialState = parameters => ({
  p: arrays(parameters),
  m: zeros(parameters),
  v: zeros(parameters),
  power1: np.array(1),
  power2: np.array(1),
});

const lossOfLayers = layers => lossOf(layers === 1 ? logWeightOfOneLayer : logWeightOfTwoLayers);
const number = async value => (await value.data())[0];

await serve({
  async check({ parameters, x, noise }) {
    const loss = lossOfLayers(request.layers);
    const differentiated = jit(valueAndGrad(loss, { hasAux: true }));
    const [[, value], gradients] = differentiated(arrays(parameters), array(x), ...noise.map(array));
    const result = { loss: await number(value), gradients: {}, losses: [] };
    for (const [name, gradient] of Object.entries(gradients)) {
      result.gradients[name] = [...(await gradient.data())];
    }
    const step = stepOf(loss);
    let state = initialState(parameters);
    for (let i = 0; i < 6; i++) {
      const [next, stepLoss] = step(state, array(x), ...noise.map(array));
      state = next;
      result.losses.push(await number(stepLoss));
    }
    return result;
  },

  async open({ layers, batch, k, parameters, nextBatch }) {
    const step = stepOf(lossOfLayers(layers));
    const draws = [0, 1, 2, 3].map(draw =>
      modelSizes.noise[layers].map((size, i) => random.normal(random.key(10 * draw + i), [batch, k, size])),
    );
    let state = initialState(parameters);
    let done = 0;
    return async count => {
      let loss = 0;
      for (let i = 0; i < count; i++) {
        const x = np.array(nextBatch(), { shape: [batch, modelSizes.data] });
        const noise = draws[done++ % draws.length].map(value => value.ref);
        const [next, value] = step(state, x, ...noise);
        state = next;
        loss = await number(value);
      }
      // Its workers go on with gradients and updates when the loss is there.
      await blockUntilReady(state);
      return loss;
    };
  },
});
