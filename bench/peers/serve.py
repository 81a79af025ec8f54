"""The program of a peer in Python: the twin of serve.js, which describes the requests and the replies."""

import json
import os
import sys
import time
from pathlib import Path

REQUEST = json.loads(sys.argv[1])
THREADS = str(REQUEST["threads"])
# Read when the libraries are loaded, so before they are.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = THREADS

import numpy as np  # noqa: E402

DATA_SIZE = 784
NOISE_SIZES = {1: [50], 2: [100, 50]}

#: Layers of weights [inputs, outputs] with a bias each, in the order of the fixtures.
LAYER_SIZES = {
    1: {
        "W1": (784, 200),
        "W2": (200, 200),
        "Wmu": (200, 50),
        "Wls": (200, 50),
        "W3": (50, 200),
        "W4": (200, 200),
        "W5": (200, 784),
    },
    2: {
        "q1a": (784, 200),
        "q1b": (200, 200),
        "q1mu": (200, 100),
        "q1ls": (200, 100),
        "q2a": (100, 100),
        "q2b": (100, 100),
        "q2mu": (100, 50),
        "q2ls": (100, 50),
        "p1a": (50, 100),
        "p1b": (100, 100),
        "p1mu": (100, 100),
        "p1ls": (100, 100),
        "pxa": (100, 200),
        "pxb": (200, 200),
        "pxo": (200, 784),
    },
}

LEARNING_RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-4


def initial_parameters(layers):
    """Glorot's uniform weights (Glorot & Bengio 2010), biases 0."""
    random = np.random.default_rng(0)
    parameters = {}
    for name, (inputs, outputs) in LAYER_SIZES[layers].items():
        limit = np.sqrt(6 / (inputs + outputs))
        parameters[name] = random.uniform(-limit, limit, (inputs, outputs)).astype(np.float32)
        parameters["b_" + name] = np.zeros(outputs, np.float32)
    return parameters


def _fixed_case(layers):
    """What the fixed case is computed from; what should come out stays with the bench."""
    name = "one-layer" if layers == 1 else "two-layers"
    case = json.loads((Path(__file__).parent / "fixtures" / f"{name}.json").read_text())
    array = lambda nested: np.array(nested, np.float32)
    parameters = {key: array(case["params"][key]) for key in case["order"]}
    return parameters, array(case["x"]), [array(noise) for noise in case["eps"]]


def _batches(path, batch):
    """[batches, batch, 784] in f32."""
    data = np.fromfile(path, np.uint8).astype(np.float32)
    count = data.size // (batch * DATA_SIZE)
    return data[: count * batch * DATA_SIZE].reshape(count, batch, DATA_SIZE)


def _reply(message):
    print(json.dumps(message), flush=True)


def serve(check, open_training):
    """
    `check(parameters, x, noise)` gives (loss, gradients by name, losses of six steps); `open_training(parameters, rows, k)`
    gives a function that trains so many steps and returns the last loss, all work done.
    """
    if REQUEST["task"] == "check":
        loss, gradients, losses = check(*_fixed_case(REQUEST["layers"]))
        flat = {name: np.ravel(gradient).tolist() for name, gradient in gradients.items()}
        _reply({"loss": float(loss), "gradients": flat, "losses": [float(value) for value in losses]})
        return
    rows = _batches(REQUEST["rows"], REQUEST["batch"])
    start = time.perf_counter()
    train = open_training(initial_parameters(REQUEST["layers"]), rows, REQUEST["k"])
    train(1)
    _reply({"firstMilliseconds": 1000 * (time.perf_counter() - start)})
    for line in sys.stdin:
        start = time.perf_counter()
        loss = train(int(line))
        _reply({"milliseconds": 1000 * (time.perf_counter() - start), "loss": loss})
