import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { modelSizes } from './model.js';
import { request, serve } from './serve.js';
import { provideWebGpu } from './web.js';

/* TensorFlow.js: eager, in a tidy for each step, with its own Adam. */

const require = createRequire(import.meta.url);
const backend = request.device === 'webgpu' ? 'webgpu' : 'wasm';
if (backend === 'webgpu') await provideWebGpuFor();
const tf = require('@tensorflow/tfjs');
if (backend === 'webgpu') require('@tensorflow/tfjs-backend-webgpu');
else {
  const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
}
await tf.setBackend(backend);
await tf.ready();
if (tf.getBackend() !== backend) throw new Error(`TensorFlow.js has no ${backend} here`);

/** It asks for features as a list in a list, which Dawn in Node refuses; without the feature it does not. */
async function provideWebGpuFor() {
  const gpu = await provideWebGpu();
  const requestAdapter = gpu.requestAdapter.bind(gpu);
  gpu.requestAdapter = async options => {
    const adapter = await requestAdapter(options);
    const features = new Set([...adapter.features].filter(feature => feature !== 'bgra8unorm-storage'));
    Object.defineProperty(adapter, 'features', { value: features });
    return adapter;
  };
}

const array = ({ data, shape }) => tf.tensor(data, shape);
const variables = tensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, value]) => [name, tf.variable(array(value), true, name)]),
  );

/** Transposed products are slow in its WebAssembly: the derivative transposes first. */
const affine = tf.customGrad((x, weights, bias, save) => {
  save([x, weights]);
  return {
    value: tf.fused.matMul({ a: x, b: weights, bias }),
    gradFunc: (dy, [x, weights]) => [
      tf.matMul(dy, tf.transpose(weights)),
      tf.matMul(tf.transpose(x), dy),
      dy.sum(0),
    ],
  };
});

const linear = (p, name, x) => affine(x, p[name], p[`b_${name}`]);
const hidden = (p, name, x) => tf.tanh(linear(p, name, x));
const halfSquares = a => tf.mul(tf.sum(tf.square(a), -1), 0.5);

function logLikelihood(x, logits, batch, k) {
  const l = logits.reshape([batch, k, x.shape[1]]);
  return tf.sub(tf.mul(x.expandDims(1), l), tf.softplus(l)).sum(-1);
}

function logWeightOfOneLayer(p, x, noise) {
  const [batch, k, size] = noise.shape;
  const h = hidden(p, 'W2', hidden(p, 'W1', x));
  const mean = linear(p, 'Wmu', h);
  const logDeviation = linear(p, 'Wls', h);
  const z = tf.add(mean.expandDims(1), tf.mul(tf.exp(logDeviation).expandDims(1), noise));
  const logits = linear(p, 'W5', hidden(p, 'W4', hidden(p, 'W3', z.reshape([batch * k, size]))));
  return logLikelihood(x, logits, batch, k)
    .sub(halfSquares(z))
    .add(halfSquares(noise))
    .add(logDeviation.sum(-1).expandDims(1));
}

function logWeightOfTwoLayers(p, x, noise1, noise2) {
  const [batch, k, size1] = noise1.shape;
  const size2 = noise2.shape[2];
  const count = batch * k;
  const a = hidden(p, 'q1b', hidden(p, 'q1a', x));
  const mean1 = linear(p, 'q1mu', a);
  const logDeviation1 = linear(p, 'q1ls', a);
  const h1 = tf
    .add(mean1.expandDims(1), tf.mul(tf.exp(logDeviation1).expandDims(1), noise1))
    .reshape([count, size1]);
  const c = hidden(p, 'q2b', hidden(p, 'q2a', h1));
  const mean2 = linear(p, 'q2mu', c);
  const logDeviation2 = linear(p, 'q2ls', c);
  const flat2 = noise2.reshape([count, size2]);
  const h2 = tf.add(mean2, tf.mul(tf.exp(logDeviation2), flat2));
  const f = hidden(p, 'p1b', hidden(p, 'p1a', h2));
  const priorMean = linear(p, 'p1mu', f);
  const priorLogDeviation = linear(p, 'p1ls', f);
  const r = tf.mul(tf.sub(h1, priorMean), tf.exp(tf.neg(priorLogDeviation)));
  const logits = linear(p, 'pxo', hidden(p, 'pxb', hidden(p, 'pxa', h1)));
  const rest = halfSquares(flat2)
    .sub(halfSquares(r))
    .sub(halfSquares(h2))
    .sub(priorLogDeviation.sum(-1))
    .add(logDeviation2.sum(-1))
    .reshape([batch, k]);
  return logLikelihood(x, logits, batch, k)
    .add(rest)
    .add(halfSquares(noise1))
    .add(logDeviation1.sum(-1).expandDims(1));
}

/** mean logsumexp; weights below 1e-30 are zero in its derivative, where their products would be subnormal numbers. */
const logSumExp = tf.customGrad((logW, save) => {
  const total = tf.logSumExp(logW, 1);
  const w = tf.exp(logW.sub(total.expandDims(1)));
  save([w]);
  const batch = logW.shape[0];
  return {
    value: total.mean(),
    gradFunc: (dy, [w]) => tf.mul(dy, tf.where(tf.less(w, 1e-30), tf.zerosLike(w), w)).div(batch),
  };
});

function lossOfLayers(layers) {
  const logWeight = layers === 1 ? logWeightOfOneLayer : logWeightOfTwoLayers;
  return (p, x, ...noise) => {
    const logW = logWeight(p, x, ...noise);
    return logSumExp(logW).sub(Math.log(logW.shape[1])).neg();
  };
}

const adam = () => tf.train.adam(1e-3, 0.9, 0.999, 1e-4);
const number = async value => (await value.data())[0];

await serve({
  async check({ parameters, x, noise }) {
    const loss = lossOfLayers(request.layers);
    const p = variables(parameters);
    const inputs = [array(x), ...noise.map(array)];
    const { value, grads } = tf.variableGrads(() => loss(p, ...inputs));
    const result = { loss: await number(value), gradients: {}, losses: [] };
    for (const [name, gradient] of Object.entries(grads))
      result.gradients[name] = [...(await gradient.data())];
    const optimizer = adam();
    for (let i = 0; i < 6; i++) {
      result.losses.push(await number(optimizer.minimize(() => loss(p, ...inputs), true)));
    }
    return result;
  },

  async open({ layers, batch, k, parameters, nextBatch }) {
    const loss = lossOfLayers(layers);
    const p = variables(parameters);
    const optimizer = adam();
    const all = Object.values(p);
    const draws = [0, 1, 2, 3].map(draw =>
      modelSizes.noise[layers].map((size, i) =>
        tf.randomNormal([batch, k, size], 0, 1, 'float32', 10 * draw + i + 1),
      ),
    );
    let done = 0;
    const step = () =>
      tf.tidy(() => {
        const x = tf.tensor2d(nextBatch(), [batch, modelSizes.data]);
        const noise = draws[done++ % draws.length];
        return optimizer.minimize(() => loss(p, x, ...noise), true, all);
      });
    return async count => {
      let last = 0;
      for (let i = 0; i < count; i++) {
        const value = step();
        last = await number(value);
        value.dispose();
      }
      return last;
    };
  },
});
