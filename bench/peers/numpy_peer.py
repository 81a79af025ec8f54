"""NumPy with its BLAS: the backward pass by hand, every array allocated once, [mean | log deviation] as one product."""

from serve import BETA1, BETA2, EPSILON, LEARNING_RATE, NOISE_SIZES, REQUEST, serve

import numpy as np

F32 = np.float32
#: Weights below it are set to zero: their products would be subnormal numbers, which slow every product behind them.
LEAST_WEIGHT = F32(1e-30)


class Dense:
    def __init__(self, weights, bias, rows):
        self.weights, self.bias = weights, bias
        self.output = np.empty((rows, weights.shape[1]), F32)
        self.weights_gradient, self.bias_gradient = np.empty_like(weights), np.empty_like(bias)
        self.input_gradient = np.empty((rows, weights.shape[0]), F32)

    def forward(self, x, activate=True):
        self.input = x
        np.matmul(x, self.weights, out=self.output)
        self.output += self.bias
        if activate:
            np.tanh(self.output, out=self.output)
        return self.output

    def backward(self, gradient, first=False):
        """`gradient` is that of the output before the activation."""
        np.matmul(self.input.T, gradient, out=self.weights_gradient)
        np.sum(gradient, axis=0, out=self.bias_gradient)
        return None if first else np.matmul(gradient, self.weights.T, out=self.input_gradient)

    def through_tanh(self, gradient):
        """gradient · (1 - output²), in place; the output is lost."""
        np.multiply(self.output, self.output, out=self.output)
        np.subtract(1, self.output, out=self.output)
        gradient *= self.output
        return gradient


class Adam:
    def __init__(self, layers):
        self.pairs = [
            pair
            for layer in layers
            for pair in ((layer.weights, layer.weights_gradient), (layer.bias, layer.bias_gradient))
        ]
        empty = lambda: [np.zeros_like(parameter) for parameter, _ in self.pairs]
        self.first, self.second, self.spare, self.step_count = empty(), empty(), empty(), 0

    def step(self):
        self.step_count += 1
        correction1, correction2 = 1 - BETA1**self.step_count, 1 - BETA2**self.step_count
        for (parameter, gradient), m, v, t in zip(self.pairs, self.first, self.second, self.spare):
            np.multiply(gradient, F32(1 - BETA1), out=t)
            m *= F32(BETA1)
            m += t
            np.multiply(gradient, gradient, out=t)
            t *= F32(1 - BETA2)
            v *= F32(BETA2)
            v += t
            np.multiply(v, F32(1 / correction2), out=t)
            np.sqrt(t, out=t)
            t += F32(EPSILON)
            np.divide(m, t, out=t)
            t *= F32(LEARNING_RATE / correction1)
            parameter -= t


class Bernoulli:
    def __init__(self, batch, k, size):
        self.shape = (batch, k, size)
        self.exponential, self.spare = np.empty(self.shape, F32), np.empty(self.shape, F32)

    def log_prob(self, x, logits):
        self.x, self.logits = x, logits.reshape(self.shape)
        e, t = self.exponential, self.spare
        result = np.matmul(self.logits, x[:, :, None])[..., 0]
        np.abs(self.logits, out=e)
        np.negative(e, out=e)
        np.exp(e, out=e)
        np.log1p(e, out=t)
        result -= t.sum(-1)
        np.maximum(self.logits, 0, out=t)
        result -= t.sum(-1)
        return result

    def logits_gradient(self, outer):
        """outer · (x - sigmoid(logits)) in place of the exponential."""
        e, t = self.exponential, self.spare
        np.add(e, 1, out=t)
        np.copyto(e, F32(1), where=self.logits >= 0)
        e /= t
        np.subtract(self.x[:, None], e, out=e)
        e *= outer[..., None]
        return e.reshape(-1, self.shape[2])


def weights_and_bound(log_weight):
    """(-w / batch, mean bound), w normalised over samples and zero where it is negligible."""
    batch, k = log_weight.shape
    largest = log_weight.max(1, keepdims=True)
    e = np.exp(log_weight - largest)
    total = e.sum(1, keepdims=True)
    outer = e / total * F32(-1 / batch)
    outer[outer > -LEAST_WEIGHT] = 0
    return outer, (largest + np.log(total)).mean() - np.log(k)


def squares(a):
    return np.einsum("...i,...i->...", a, a)


def dense(parameters, name, rows):
    return Dense(parameters[name].copy(), parameters["b_" + name].copy(), rows)


def heads(parameters, mean, log_deviation, rows):
    """Two layers of one input as one: weights side by side."""
    beside = lambda prefix: np.hstack([parameters[prefix + mean], parameters[prefix + log_deviation]])
    return Dense(beside(""), beside("b_"), rows)


class OneLayer:
    names = ["W1", "W2", ("Wmu", "Wls"), "W3", "W4", "W5"]

    def __init__(self, p, batch, k):
        rows, self.batch, self.k, self.size = batch * k, batch, k, p["Wmu"].shape[1]
        self.encoder1, self.encoder2 = dense(p, "W1", batch), dense(p, "W2", batch)
        self.encoder_heads = heads(p, "Wmu", "Wls", batch)
        self.decoder1, self.decoder2, self.decoder3 = (dense(p, name, rows) for name in ("W3", "W4", "W5"))
        self.layers = [
            self.encoder1,
            self.encoder2,
            self.encoder_heads,
            self.decoder1,
            self.decoder2,
            self.decoder3,
        ]
        self.bernoulli = Bernoulli(batch, k, p["W5"].shape[1])
        self.z, self.spare = (np.empty((batch, k, self.size), F32) for _ in range(2))
        self.heads_gradient = np.empty((batch, 2 * self.size), F32)

    def gradient(self, x, noise):
        size, z, spare = self.size, self.z, self.spare
        both = self.encoder_heads.forward(self.encoder2.forward(self.encoder1.forward(x)), False)
        log_deviation = both[:, size:]
        deviation = np.exp(log_deviation)
        np.multiply(noise, deviation[:, None], out=z)
        z += both[:, None, :size]
        y = self.decoder2.forward(self.decoder1.forward(z.reshape(-1, size)))
        log_weight = self.bernoulli.log_prob(x, self.decoder3.forward(y, False))
        log_weight += 0.5 * (squares(noise) - squares(z))
        log_weight += log_deviation.sum(-1)[:, None]
        outer, bound = weights_and_bound(log_weight)
        g = self.decoder2.through_tanh(self.decoder3.backward(self.bernoulli.logits_gradient(outer)))
        g = self.decoder1.through_tanh(self.decoder2.backward(g))
        dz = self.decoder1.backward(g).reshape(z.shape)
        np.multiply(z, outer[..., None], out=spare)
        dz -= spare
        both_gradient = self.heads_gradient
        np.sum(dz, axis=1, out=both_gradient[:, :size])
        dz *= noise
        np.multiply(dz.sum(1), deviation, out=both_gradient[:, size:])
        both_gradient[:, size:] += outer.sum(1)[:, None]
        g = self.encoder2.through_tanh(self.encoder_heads.backward(both_gradient))
        g = self.encoder1.through_tanh(self.encoder2.backward(g))
        self.encoder1.backward(g, first=True)
        return -bound


class TwoLayers:
    names = ["q1a", "q1b", ("q1mu", "q1ls"), "q2a", "q2b", ("q2mu", "q2ls")]
    names += ["p1a", "p1b", ("p1mu", "p1ls"), "pxa", "pxb", "pxo"]

    def __init__(self, p, batch, k):
        rows, self.batch, self.k = batch * k, batch, k
        self.size1, self.size2 = p["q1mu"].shape[1], p["q2mu"].shape[1]
        self.q1 = [dense(p, "q1a", batch), dense(p, "q1b", batch), heads(p, "q1mu", "q1ls", batch)]
        self.q2 = [dense(p, "q2a", rows), dense(p, "q2b", rows), heads(p, "q2mu", "q2ls", rows)]
        self.p1 = [dense(p, "p1a", rows), dense(p, "p1b", rows), heads(p, "p1mu", "p1ls", rows)]
        self.px = [dense(p, name, rows) for name in ("pxa", "pxb", "pxo")]
        self.layers = [*self.q1, *self.q2, *self.p1, *self.px]
        self.bernoulli = Bernoulli(batch, k, p["pxo"].shape[1])
        self.q1_gradient = np.empty((batch, 2 * self.size1), F32)
        self.q2_gradient = np.empty((rows, 2 * self.size2), F32)
        self.p1_gradient = np.empty((rows, 2 * self.size1), F32)

    @staticmethod
    def _forward(layers, x):
        first, second, last = layers
        return last.forward(second.forward(first.forward(x)), False)

    @staticmethod
    def _backward(layers, gradient, first=False):
        inner, second, last = layers
        g = second.through_tanh(last.backward(gradient))
        g = inner.through_tanh(second.backward(g))
        return inner.backward(g, first)

    def gradient(self, x, noise1, noise2):
        size1, size2, rows = self.size1, self.size2, self.batch * self.k
        q1 = self._forward(self.q1, x)
        log_deviation1 = q1[:, size1:]
        deviation1 = np.exp(log_deviation1)
        h1 = noise1 * deviation1[:, None]
        h1 += q1[:, None, :size1]
        h1 = h1.reshape(rows, size1)
        q2 = self._forward(self.q2, h1)
        log_deviation2 = q2[:, size2:]
        deviation2 = np.exp(log_deviation2)
        flat2 = noise2.reshape(rows, size2)
        h2 = flat2 * deviation2
        h2 += q2[:, :size2]
        p1 = self._forward(self.p1, h2)
        prior_log_deviation = p1[:, size1:]
        inverse = np.exp(-prior_log_deviation)
        r = h1 - p1[:, :size1]
        r *= inverse
        log_weight = self.bernoulli.log_prob(x, self._forward(self.px, h1)).reshape(rows)
        log_weight += 0.5 * (squares(flat2) - squares(r) - squares(h2))
        log_weight += log_deviation2.sum(-1) - prior_log_deviation.sum(-1)
        log_weight = log_weight.reshape(self.batch, self.k)
        log_weight += 0.5 * squares(noise1)
        log_weight += log_deviation1.sum(-1)[:, None]
        outer, bound = weights_and_bound(log_weight)
        flat_outer = outer.reshape(rows, 1)
        dh1 = self._backward(self.px, self.bernoulli.logits_gradient(outer))
        dr = r * flat_outer
        np.multiply(dr, r, out=self.p1_gradient[:, size1:])
        self.p1_gradient[:, size1:] -= flat_outer
        dr *= inverse
        dh1 -= dr
        self.p1_gradient[:, :size1] = dr
        dh2 = self._backward(self.p1, self.p1_gradient)
        dh2 -= flat_outer * h2
        self.q2_gradient[:, :size2] = dh2
        dh2 *= flat2
        dh2 *= deviation2
        dh2 += flat_outer
        self.q2_gradient[:, size2:] = dh2
        dh1 += self._backward(self.q2, self.q2_gradient)
        by_datum = dh1.reshape(self.batch, self.k, size1)
        np.sum(by_datum, axis=1, out=self.q1_gradient[:, :size1])
        by_datum *= noise1
        np.multiply(by_datum.sum(1), deviation1, out=self.q1_gradient[:, size1:])
        self.q1_gradient[:, size1:] += outer.sum(1)[:, None]
        self._backward(self.q1, self.q1_gradient, first=True)
        return -bound


MODELS = {1: OneLayer, 2: TwoLayers}


def gradients_of(model):
    result = {}
    for name, layer in zip(model.names, model.layers):
        if isinstance(name, str):
            result[name], result["b_" + name] = layer.weights_gradient, layer.bias_gradient
            continue
        for part, weights, bias in zip(
            name, np.hsplit(layer.weights_gradient, 2), np.hsplit(layer.bias_gradient, 2)
        ):
            result[part], result["b_" + part] = weights.copy(), bias.copy()
    return result


def check(parameters, x, noise):
    batch, k = noise[0].shape[:2]
    model = MODELS[REQUEST["layers"]](parameters, batch, k)
    loss = model.gradient(x, *noise)
    gradients = {name: gradient.copy() for name, gradient in gradients_of(model).items()}
    model = MODELS[REQUEST["layers"]](parameters, batch, k)
    optimizer, losses = Adam(model.layers), []
    for _ in range(6):
        losses.append(model.gradient(x, *noise))
        optimizer.step()
    return loss, gradients, losses


def open_training(parameters, rows, k):
    batch = rows.shape[1]
    model = MODELS[REQUEST["layers"]](parameters, batch, k)
    optimizer, random = Adam(model.layers), np.random.default_rng(0)
    noise = [np.empty((batch, k, size), F32) for size in NOISE_SIZES[REQUEST["layers"]]]
    done = 0

    def train(count):
        nonlocal done
        loss = 0.0
        for _ in range(count):
            for values in noise:
                random.standard_normal(out=values, dtype=F32)
            loss = model.gradient(rows[done % len(rows)], *noise)
            optimizer.step()
            done += 1
        return float(loss)

    return train


serve(check, open_training)
