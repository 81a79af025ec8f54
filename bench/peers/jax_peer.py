"""
JAX. On a CPU one jitted step after another, each loss read; on a GPU `lax.scan` over the steps of a call with data and
noise on the device, products in full f32 (no TF32). `"scan": true` in the request takes the scan on a CPU too.
"""

import math
import os

from serve import BETA1, BETA2, EPSILON, LEARNING_RATE, NOISE_SIZES, REQUEST, THREADS, serve

ON_GPU = REQUEST["device"] == "webgpu"
if ON_GPU:
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
else:
    threaded = "true" if THREADS != "1" else "false"
    os.environ["XLA_FLAGS"] = (
        f"--xla_cpu_multi_thread_eigen={threaded} intra_op_parallelism_threads={THREADS}"
    )
    os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

jax.config.update("jax_default_matmul_precision", "highest")
if ON_GPU and jax.default_backend() != "gpu":
    raise SystemExit("JAX finds no GPU: install jax[cuda12]")

SCAN = ON_GPU or REQUEST.get("scan", False)
#: Noise is drawn beforehand and used in turn, which favours this peer.
DRAWS = 4
#: Steps of one scan, compiled once; the bench asks for multiples of it where steps are short.
SCAN_LENGTH = 100


def linear(p, name, x):
    return x @ p[name] + p["b_" + name]


def hidden(p, name, x):
    return jnp.tanh(linear(p, name, x))


def squares(a):
    return (a * a).sum(-1)


def log_likelihood(x, logits):
    return (x[:, None] * logits - jax.nn.softplus(logits)).sum(-1)


def log_weight_of_one_layer(p, x, noise):
    (noise,) = noise
    batch, k, size = noise.shape
    h = hidden(p, "W2", hidden(p, "W1", x))
    mean, log_deviation = linear(p, "Wmu", h), linear(p, "Wls", h)
    z = mean[:, None] + jnp.exp(log_deviation)[:, None] * noise
    y = hidden(p, "W4", hidden(p, "W3", z.reshape(-1, size)))
    likelihood = log_likelihood(x, linear(p, "W5", y).reshape(batch, k, -1))
    return likelihood - 0.5 * squares(z) + 0.5 * squares(noise) + log_deviation.sum(-1)[:, None]


def log_weight_of_two_layers(p, x, noise):
    noise1, noise2 = noise
    batch, k, size1 = noise1.shape
    a = hidden(p, "q1b", hidden(p, "q1a", x))
    mean1, log_deviation1 = linear(p, "q1mu", a), linear(p, "q1ls", a)
    h1 = (mean1[:, None] + jnp.exp(log_deviation1)[:, None] * noise1).reshape(-1, size1)
    c = hidden(p, "q2b", hidden(p, "q2a", h1))
    mean2, log_deviation2 = linear(p, "q2mu", c), linear(p, "q2ls", c)
    flat2 = noise2.reshape(batch * k, -1)
    h2 = mean2 + jnp.exp(log_deviation2) * flat2
    f = hidden(p, "p1b", hidden(p, "p1a", h2))
    prior_mean, prior_log_deviation = linear(p, "p1mu", f), linear(p, "p1ls", f)
    r = (h1 - prior_mean) * jnp.exp(-prior_log_deviation)
    logits = linear(p, "pxo", hidden(p, "pxb", hidden(p, "pxa", h1)))
    rest = 0.5 * (squares(flat2) - squares(r) - squares(h2))
    rest = rest - prior_log_deviation.sum(-1) + log_deviation2.sum(-1)
    likelihood = log_likelihood(x, logits.reshape(batch, k, -1)) + rest.reshape(batch, k)
    return likelihood + 0.5 * squares(noise1) + log_deviation1.sum(-1)[:, None]


LOG_WEIGHT = {1: log_weight_of_one_layer, 2: log_weight_of_two_layers}[REQUEST["layers"]]


def loss_of(p, x, noise):
    log_weight = LOG_WEIGHT(p, x, noise)
    bound = jax.scipy.special.logsumexp(log_weight, axis=1) - math.log(log_weight.shape[1])
    return -bound.mean()


def step(state, x, noise):
    p, m, v, count = state
    loss, gradient = jax.value_and_grad(loss_of)(p, x, noise)
    count = count + 1
    correction1, correction2 = 1 - BETA1**count, 1 - BETA2**count
    m = jax.tree.map(lambda a, g: BETA1 * a + (1 - BETA1) * g, m, gradient)
    v = jax.tree.map(lambda a, g: BETA2 * a + (1 - BETA2) * g * g, v, gradient)
    update = lambda w, a, b: w - LEARNING_RATE * (a / correction1) / (jnp.sqrt(b / correction2) + EPSILON)
    return (jax.tree.map(update, p, m, v), m, v, count), loss


def initial_state(parameters):
    p = {name: jnp.array(value) for name, value in parameters.items()}
    # Arrays of their own: a buffer that is given away cannot be given twice.
    zeros = lambda: {name: jnp.zeros_like(value) for name, value in p.items()}
    return p, zeros(), zeros(), jnp.array(0.0)


def check(parameters, x, noise):
    state = initial_state(parameters)
    loss, gradient = jax.jit(jax.value_and_grad(loss_of))(state[0], x, noise)
    losses, jitted = [], jax.jit(step)
    for _ in range(6):
        state, value = jitted(state, x, noise)
        losses.append(value)
    return loss, gradient, losses


def draw_noise(batch, k):
    sizes = NOISE_SIZES[REQUEST["layers"]]
    keys = jax.random.split(jax.random.key(0), len(sizes))
    return [jax.random.normal(key, (DRAWS, batch, k, size)) for key, size in zip(keys, sizes)]


def train_by_steps(state, rows, noise):
    jitted, done = jax.jit(step), 0
    draws = [[values[i] for values in noise] for i in range(DRAWS)]

    def train(count):
        nonlocal state, done
        loss = 0.0
        for _ in range(count):
            state, value = jitted(state, rows[done % len(rows)], draws[done % DRAWS])
            loss = float(value)
            done += 1
        return loss

    return train


def train_by_scan(state, rows, noise):
    """Data and noise are arguments: closed over, they would be constants of the compiled program."""
    inputs, done = (jnp.array(rows), noise), 0

    def one(state, i, inputs):
        data, draws = inputs
        return step(state, data[i % len(data)], [values[i % DRAWS] for values in draws])

    def many(state, first, inputs):
        return jax.lax.scan(lambda carry, i: one(carry, i, inputs), state, first + jnp.arange(SCAN_LENGTH))

    single, scan = jax.jit(one, donate_argnums=0), jax.jit(many, donate_argnums=0)

    def train(count):
        nonlocal state, done
        last = jnp.zeros(1)
        for _ in range(count // SCAN_LENGTH):
            state, last = scan(state, done, inputs)
            done += SCAN_LENGTH
        for _ in range(count % SCAN_LENGTH):
            state, last = single(state, done, inputs)
            done += 1
        return float(jnp.ravel(last)[-1])

    return train


def open_training(parameters, rows, k):
    noise = draw_noise(rows.shape[1], k)
    return (train_by_scan if SCAN else train_by_steps)(initial_state(parameters), rows, noise)


serve(check, open_training)
