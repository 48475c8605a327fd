"""Writing whole tensors: zero_, fill_, copy_, and the random fills."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import events, random
from ..inplace import check, overwrite, write
from ..namespace import export
from ..op import Op, apply
from ..tensor import Tensor

zero = Op("zero", lambda x: np.zeros_like(x), vjps=(lambda g: g * 0,), formulas=(r"\bar{x} = 0",), elementwise=True)
fill = Op(
    "fill", lambda x, value: np.full_like(x, value) if not isinstance(value, np.ndarray) else np.broadcast_to(value.astype(x.dtype), x.shape).copy(),
    inputs=("x", "value"), vjps=(lambda g: g * 0, lambda g: g.sum()), formulas=(r"\bar{x} = 0", r"\bar{v} = \textstyle\sum \bar{z}"), elementwise=True,
)  # fmt: skip
copy = Op(
    "copy", lambda x, source: np.broadcast_to(source, x.shape).astype(x.dtype), inputs=("x", "source"), grad_fn="CopyBackwards",
    vjps=(lambda g: g * 0, lambda g: g), formulas=(r"\bar{x} = 0", r"\bar{s} = \bar{z}"), elementwise=True,
)  # fmt: skip


@export("method")
def zero_(self: Any) -> Any:
    """All elements 0, in place."""
    return write(zero, self)


export("torch", "zero_")(zero_)


@export("method")
def fill_(self: Any, value: Any) -> Any:
    """All elements one value, in place."""
    if isinstance(value, Tensor) and value._data.ndim:
        raise RuntimeError(f"fill_ only supports 0-dimension value tensor but got tensor with {value._data.ndim} dimensions.")
    return write(fill, self, (value,))


export("torch", "fill_")(fill_)
export("torch", "fill")(lambda input, value: apply(fill, (input, value)))


@export("method")
def copy_(self: Any, src: Any, non_blocking: bool = False) -> Any:
    """Numbers of another tensor, broadcast and cast, in place."""
    given = src if isinstance(src, Tensor) else Tensor(np.asarray(src))
    return write(copy, self, (given,))


def _drawn(name: str, draw: Any) -> None:
    def method(self: Any, *args: Any, generator: Any = None, **kwargs: Any) -> Any:
        check(self)
        overwrite(self, draw(generator or random.default_generator, self._data.shape, self._data.dtype, *args, **kwargs), "op")
        return self

    method.__name__ = name
    export("method", name)(method)


def _normal(g: Any, shape: Any, d: Any, mean: float = 0.0, std: float = 1.0) -> Any:
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    return random.normal(g, shape, mean, std, d)


def _uniform(g: Any, shape: Any, d: Any, a: float = 0.0, b: float = 1.0) -> Any:
    low, high = (a, b)
    if low > high:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low} > to={high}")
    return random.uniform(g, shape, low, high, d)


def _uniform_named(g: Any, shape: Any, d: Any, *args: Any, **named: Any) -> Any:
    return _uniform(g, shape, d, *args, **{{"from": "a", "to": "b"}.get(k, k): v for k, v in named.items()})


def _bernoulli(g: Any, shape: Any, d: Any, p: Any = 0.5) -> Any:
    return random.bernoulli_p(g, shape, p._data if isinstance(p, Tensor) else p).astype(d)


def _random(g: Any, shape: Any, d: Any, low: Any = None, high: Any = None) -> Any:
    if low is None:
        return random.random_full(g, shape, d)
    if high is None:
        low, high = 0, low
    return random.randint(g, low, high, shape).astype(d)


_drawn("normal_", _normal)
_drawn("uniform_", _uniform_named)
_drawn("bernoulli_", _bernoulli)
_drawn("random_", _random)
_drawn("exponential_", lambda g, shape, d, lambd=1.0: random.exponential(g, shape, lambd, d))


def told_leaf(data: Any) -> Tensor:
    """A new tensor without history, told to the watcher."""
    made: Tensor = Tensor(data)
    if events.watcher is not None:
        events.watcher.create_leaf(made)
    return made
