"""
PyTorch. On a CPU eager, with its foreach Adam; on a GPU the loss compiled and the whole step, fused Adam included, as
one CUDA graph over data and noise on the device, products in full f32 (no TF32). `"compile": true` in the request
compiles the loss on a CPU too.
"""

import math

from serve import BETA1, BETA2, EPSILON, LEARNING_RATE, NOISE_SIZES, REQUEST, serve

import torch
import torch.nn.functional as F

ON_GPU = REQUEST["device"] == "webgpu"
if ON_GPU and not torch.cuda.is_available():
    raise SystemExit("PyTorch finds no GPU")
DEVICE = torch.device("cuda" if ON_GPU else "cpu")
torch.set_num_threads(REQUEST["threads"])
# Importance weights far below the largest have subnormal products, which slow a CPU down several times.
torch.set_flush_denormal(True)
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.set_float32_matmul_precision("highest")

#: Noise is drawn beforehand and used in turn, which favours this peer.
DRAWS = 4


def linear(p, name, x):
    return torch.addmm(p["b_" + name], x, p[name])


def hidden(p, name, x):
    return torch.tanh(linear(p, name, x))


def squares(a):
    return (a * a).sum(-1)


def log_likelihood(x, logits):
    expanded = x[:, None].expand_as(logits)
    return -F.binary_cross_entropy_with_logits(logits, expanded, reduction="none").sum(-1)


def log_weight_of_one_layer(p, x, noise):
    (noise,) = noise
    batch, k, size = noise.shape
    h = hidden(p, "W2", hidden(p, "W1", x))
    mean, log_deviation = linear(p, "Wmu", h), linear(p, "Wls", h)
    z = mean[:, None] + log_deviation.exp()[:, None] * noise
    y = hidden(p, "W4", hidden(p, "W3", z.reshape(-1, size)))
    likelihood = log_likelihood(x, linear(p, "W5", y).view(batch, k, -1))
    return likelihood - 0.5 * squares(z) + 0.5 * squares(noise) + log_deviation.sum(-1)[:, None]


def log_weight_of_two_layers(p, x, noise):
    noise1, noise2 = noise
    batch, k, size1 = noise1.shape
    a = hidden(p, "q1b", hidden(p, "q1a", x))
    mean1, log_deviation1 = linear(p, "q1mu", a), linear(p, "q1ls", a)
    h1 = (mean1[:, None] + log_deviation1.exp()[:, None] * noise1).reshape(-1, size1)
    c = hidden(p, "q2b", hidden(p, "q2a", h1))
    mean2, log_deviation2 = linear(p, "q2mu", c), linear(p, "q2ls", c)
    flat2 = noise2.reshape(batch * k, -1)
    h2 = mean2 + log_deviation2.exp() * flat2
    f = hidden(p, "p1b", hidden(p, "p1a", h2))
    prior_mean, prior_log_deviation = linear(p, "p1mu", f), linear(p, "p1ls", f)
    r = (h1 - prior_mean) * torch.exp(-prior_log_deviation)
    logits = linear(p, "pxo", hidden(p, "pxb", hidden(p, "pxa", h1)))
    rest = 0.5 * (squares(flat2) - squares(r) - squares(h2))
    rest = rest - prior_log_deviation.sum(-1) + log_deviation2.sum(-1)
    likelihood = log_likelihood(x, logits.view(batch, k, -1)) + rest.view(batch, k)
    return likelihood + 0.5 * squares(noise1) + log_deviation1.sum(-1)[:, None]


LOG_WEIGHT = {1: log_weight_of_one_layer, 2: log_weight_of_two_layers}[REQUEST["layers"]]


def loss_of(p, x, noise):
    log_weight = LOG_WEIGHT(p, x, noise)
    return -(torch.logsumexp(log_weight, 1).mean() - math.log(log_weight.shape[1]))


def tensors(parameters):
    return {name: torch.tensor(value, device=DEVICE, requires_grad=True) for name, value in parameters.items()}


def adam(p, **options):
    return torch.optim.Adam(p.values(), lr=LEARNING_RATE, betas=(BETA1, BETA2), eps=EPSILON, **options)


def check(parameters, x, noise):
    x, noise = torch.tensor(x, device=DEVICE), [torch.tensor(values, device=DEVICE) for values in noise]
    p = tensors(parameters)
    loss = loss_of(p, x, noise)
    loss.backward()
    gradients = {name: value.grad.cpu().numpy().copy() for name, value in p.items()}
    optimizer, losses = adam(p, foreach=True), []
    for _ in range(6):
        optimizer.zero_grad()
        value = loss_of(p, x, noise)
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return loss.item(), gradients, losses


def train_by_steps(parameters, rows, noise):
    p = tensors(parameters)
    optimizer, done = adam(p, foreach=True), 0
    loss_function = torch.compile(loss_of) if REQUEST.get("compile", False) else loss_of
    batches = torch.from_numpy(rows)
    draws = [[values[i] for values in noise] for i in range(DRAWS)]

    def train(count):
        nonlocal done
        value = 0.0
        for _ in range(count):
            optimizer.zero_grad(set_to_none=True)
            loss = loss_function(p, batches[done % len(batches)], draws[done % DRAWS])
            loss.backward()
            optimizer.step()
            value = loss.item()
            done += 1
        return value

    return train


def train_by_graph(parameters, rows, noise):
    p, data = tensors(parameters), torch.from_numpy(rows).to(DEVICE)
    optimizer = adam(p, fused=True, capturable=True)
    compiled = torch.compile(loss_of)
    x, draw = data[0].clone(), [values[0].clone() for values in noise]

    def step():
        loss = compiled(p, x, draw)
        loss.backward()
        optimizer.step()
        return loss

    # PyTorch asks for some steps on another stream before the capture, and for gradients that the graph allocates.
    warm_up = torch.cuda.Stream()
    warm_up.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(warm_up):
        for _ in range(3):
            optimizer.zero_grad(set_to_none=True)
            step()
    torch.cuda.current_stream().wait_stream(warm_up)
    optimizer.zero_grad(set_to_none=True)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        loss = step()
    done = 0

    def train(count):
        nonlocal done
        for _ in range(count):
            x.copy_(data[done % len(data)])
            for target, values in zip(draw, noise):
                target.copy_(values[done % DRAWS])
            graph.replay()
            done += 1
        return loss.item()

    return train


def open_training(parameters, rows, k):
    batch = rows.shape[1]
    noise = [torch.randn(DRAWS, batch, k, size, device=DEVICE) for size in NOISE_SIZES[REQUEST["layers"]]]
    return (train_by_graph if ON_GPU else train_by_steps)(parameters, rows, noise)


serve(check, open_training)
