/* The two models that peers train: 784-200-200-50, and the same below a second stochastic layer 100-100-100-50. */

export const modelSizes = { data: 784, noise: { 1: [50], 2: [100, 50] } };

/** Layers of weights [inputs, outputs] with a bias each, in the order of the fixtures. */
const layerSizes = {
  1: {
    W1: [784, 200],
    W2: [200, 200],
    Wmu: [200, 50],
    Wls: [200, 50],
    W3: [50, 200],
    W4: [200, 200],
    W5: [200, 784],
  },
  2: {
    q1a: [784, 200],
    q1b: [200, 200],
    q1mu: [200, 100],
    q1ls: [200, 100],
    q2a: [100, 100],
    q2b: [100, 100],
    q2mu: [100, 50],
    q2ls: [100, 50],
    p1a: [50, 100],
    p1b: [100, 100],
    p1mu: [100, 100],
    p1ls: [100, 100],
    pxa: [100, 200],
    pxb: [200, 200],
    pxo: [200, 784],
  },
};

/** Glorot's uniform weights (Glorot & Bengio 2010) from a fixed generator (xorshift32), biases 0. */
export function initialParameters(layers) {
  let state = 20150901;
  const uniform = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const entries = Object.entries(layerSizes[layers]).flatMap(([name, [inputs, outputs]]) => {
    const limit = Math.sqrt(6 / (inputs + outputs));
    const weights = Float32Array.from({ length: inputs * outputs }, () => limit * (2 * uniform() - 1));
    return [
      [name, { shape: [inputs, outputs], data: weights }],
      [`b_${name}`, { shape: [outputs], data: new Float32Array(outputs) }],
    ];
  });
  return Object.fromEntries(entries);
}
