"""The workloads once more under JAX's jit: the whole step is one compiled program, its state handed over from step to step.

JAX compiles before the first step (0.04 to 1 s), which is outside of what is measured. Its numbers are its own:
only the work is the same (shapes, ops, one move of SGD).
"""

from __future__ import annotations

import importlib
import itertools
import time
from collections.abc import Callable
from typing import Any

from .programs import Turns

State = Any
Step = Callable[[State], State]


def jit_of(name: str) -> Turns | None:
    """The workload's step under JAX; None where JAX is not installed or has no version of it here."""
    try:
        jax = importlib.import_module("jax")
    except ImportError:
        return None
    make = _MADE.get(name)
    if make is None:
        return None
    step, state = make(jax, jax.numpy)
    compiled = jax.jit(step)

    def run(turns: int) -> float:
        now = state
        begun = time.perf_counter()
        for _ in range(turns):
            now = compiled(now)
        jax.block_until_ready(now)
        return time.perf_counter() - begun

    return run


def _descent(jax: Any, loss: Callable[[Any], Any]) -> Step:
    """One move of SGD with rate 0.01."""
    slope = jax.grad(loss)

    def step(parameters: State) -> State:
        return jax.tree_util.tree_map(lambda p, g: p - 0.01 * g, parameters, slope(parameters))

    return step


def _normal(jax: Any, number: int, *shape: int) -> Any:
    return jax.random.normal(jax.random.PRNGKey(number), shape) * 0.1


def _lesson(jax: Any, jnp: Any) -> tuple[Step, State]:
    slope = jax.grad(lambda x: jnp.mean((x + 2) * (x + 2) * 2))
    return lambda state: (state[0], slope(state[0])), (jnp.ones(3), jnp.ones(3))


def _small_mlp(jax: Any, jnp: Any) -> tuple[Step, State]:
    x, y = _normal(jax, 1, 64, 2), _normal(jax, 2, 64, 1)
    sizes = (2, 16, 16, 1)
    parameters = [(_normal(jax, 3 + k, a, b), jnp.zeros(b)) for k, (a, b) in enumerate(itertools.pairwise(sizes))]

    def loss(layers: Any) -> Any:
        h = x
        for weight, bias in layers[:-1]:
            h = jnp.tanh(h @ weight + bias)
        return jnp.mean((h @ layers[-1][0] + layers[-1][1] - y) ** 2)

    return _descent(jax, loss), parameters


def _cross_entropy(jax: Any, jnp: Any, logits: Any, target: Any) -> Any:
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), target[:, None], 1))


def _wide_mlp(jax: Any, jnp: Any) -> tuple[Step, State]:
    x, y = _normal(jax, 1, 128, 784), jnp.arange(128) % 10
    parameters = [_normal(jax, 2, 784, 256), jnp.zeros(256), _normal(jax, 3, 256, 10), jnp.zeros(10)]

    def loss(p: Any) -> Any:
        return _cross_entropy(jax, jnp, jax.nn.relu(x @ p[0] + p[1]) @ p[2] + p[3], y)

    return _descent(jax, loss), parameters


def _chain(turns: int, size: int) -> Callable[[Any, Any], tuple[Step, State]]:
    def make(jax: Any, jnp: Any) -> tuple[Step, State]:
        def loss(v: Any) -> Any:
            for _ in range(turns):
                v = jnp.tanh(v * 1.01 + 0.1) - 0.1
            return jnp.sum(v)

        slope = jax.grad(loss)
        start = _normal(jax, 1, size)
        return lambda state: (state[0], slope(state[0])), (start, start)

    return make


def _lenet(jax: Any, jnp: Any) -> tuple[Step, State]:
    x, y = _normal(jax, 1, 32, 1, 28, 28), jnp.arange(32) % 10
    shapes = [(6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (400, 120), (120,), (120, 84), (84,), (84, 10), (10,)]
    parameters = [_normal(jax, 2 + k, *shape) for k, shape in enumerate(shapes)]

    def conv(h: Any, weight: Any, bias: Any, padding: int) -> Any:
        layout = ("NCHW", "OIHW", "NCHW")
        pads = [(padding, padding)] * 2
        return jax.lax.conv_general_dilated(h, weight, (1, 1), pads, dimension_numbers=layout) + bias[None, :, None, None]

    def pool(h: Any) -> Any:
        n, c, height, width = h.shape
        return h.reshape(n, c, height // 2, 2, width // 2, 2).max((3, 5))

    def loss(p: Any) -> Any:
        h = pool(jax.nn.relu(conv(x, p[0], p[1], 2)))
        h = pool(jax.nn.relu(conv(h, p[2], p[3], 0))).reshape(32, -1)
        h = jax.nn.relu(jax.nn.relu(h @ p[4] + p[5]) @ p[6] + p[7])
        return _cross_entropy(jax, jnp, h @ p[8] + p[9], y)

    return _descent(jax, loss), parameters


def _block(jax: Any, jnp: Any) -> tuple[Step, State]:
    x = _normal(jax, 1, 8, 32, 64) * 10
    shapes = [(64, 192), (192,), (64, 64), (64,), (64,), (64,), (64, 256), (256,), (256, 64), (64,), (64,), (64,)]
    parameters = [_normal(jax, 2 + k, *shape) for k, shape in enumerate(shapes)]

    def norm(h: Any, weight: Any, bias: Any) -> Any:
        centred = h - h.mean(-1, keepdims=True)
        return centred / jnp.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * weight + bias

    def loss(p: Any) -> Any:
        q, k, v = (part.reshape(8, 32, 4, 16).transpose(0, 2, 1, 3) for part in jnp.split(x @ p[0] + p[1], 3, -1))
        weights = jax.nn.softmax(q @ k.transpose(0, 1, 3, 2) / 4.0)
        h = norm(x + (weights @ v).transpose(0, 2, 1, 3).reshape(8, 32, 64) @ p[2] + p[3], p[4], p[5])
        h = norm(h + jax.nn.gelu(h @ p[6] + p[7], approximate=False) @ p[8] + p[9], p[10], p[11])
        return jnp.mean(h**2)

    return _descent(jax, loss), parameters


_MADE: dict[str, Callable[[Any, Any], tuple[Step, State]]] = {
    "W1": _lesson,
    "W2": _small_mlp,
    "W3": _wide_mlp,
    "W4": _chain(250, 8),
    "W5": _chain(5, 1_000_000),
    "W6": _lenet,
    "W7": _block,
}
