"""Max pooling by windows at random steps, so that any size comes out: fractional_max_pool2d and 3d (torch.nn.functional)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...naming.namespace import TORCH, export
from ...op import Op, apply
from ...tensor import Tensor
from ..indexing.index import index_add_into

Array = np.ndarray[Any, Any]


def _starts(sample: Any, size: int, out: int, kernel: int) -> list[int]:
    """Where the windows along one dimension begin."""
    found = []
    if out > 1:
        step = sample.dtype.type(size - kernel) / sample.dtype.type(out - 1)
        found = [int((i + sample) * step) - int(sample * step) for i in range(out - 1)]
    return [*found, size - kernel]


def _places(x: Array, samples: Array, kernel: tuple[int, ...], out: tuple[int, ...]) -> Array:
    """(batch, plane, *out): the flat place of each window's maximum, the last nan where there is one."""
    n = len(out)
    order = range(n) if n == 3 else range(n - 1, -1, -1)  # of two dimensions the last is drawn first
    made = np.zeros((*x.shape[:2], *out), np.int64)
    sizes = x.shape[2:]
    for batch, plane in np.ndindex(*x.shape[:2]):
        drawn = samples[batch, plane]
        starts = [_starts(drawn[place], sizes[d], out[d], kernel[d]) for d, place in zip(range(n), order, strict=True)]
        for at in np.ndindex(*out):
            corner = [starts[d][at[d]] for d in range(n)]
            window = x[(batch, plane, *(slice(c, c + k) for c, k in zip(corner, kernel, strict=True)))].reshape(-1)
            bad = np.flatnonzero(np.isnan(window))
            best = np.unravel_index(bad[-1] if bad.size else int(window.argmax()), kernel)
            made[(batch, plane, *at)] = np.ravel_multi_index([c + b for c, b in zip(corner, best, strict=True)], sizes)
    return made


def _pooled(x: Array, samples: Array, kernel: tuple[int, ...], out: tuple[int, ...]) -> tuple[Array, Array]:
    if x.ndim == len(out) + 1:
        values, places = _pooled(x[None], samples, kernel, out)
        return values[0], places[0]
    places = _places(x, samples, kernel, out)
    flat, wanted = x.reshape(*x.shape[:2], math.prod(x.shape[2:])), places.reshape(*x.shape[:2], math.prod(out))
    return np.take_along_axis(flat, wanted, 2).reshape(places.shape), places


def _pooled_vjp(g: Any, x: Any, result1: Any, out: tuple[int, ...]) -> Any:
    first = g[0] if isinstance(g, list) else g
    places = result1._data if isinstance(result1, Tensor) else result1
    shape = tuple(x.shape)
    planes = math.prod(shape[: len(shape) - len(out)])
    key = (np.arange(planes)[:, None], places.reshape(planes, math.prod(out)))
    return index_add_into(
        first.reshape((planes, math.prod(out))), shape=(planes, math.prod(shape[len(shape) - len(out) :])), key=key
    ).reshape(shape)


rows = {
    n: Op(
        f"fractional_max_pool{n}d", _pooled, vjps=(_pooled_vjp,), nondiff=(1,), grad_fn=f"FractionalMaxPool{n}DBackward0",
        formulas=(r"\bar{x}[\mathrm{argmax}] \mathrel{+}= \bar{z}",),
    )
    for n in (2, 3)
}  # fmt: skip


def _repeated(value: Any, n: int) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * n


def _must_fit(n: int, x: Any, kernel: tuple[int, ...], out: tuple[int, ...], samples: Any) -> None:
    """PyTorch's checks (FractionalMaxPooling.h and the files of two and of three dimensions)."""
    name = f"fractional_max_pool{n}d"
    for what, given in (("kernel_size", kernel), ("output_size", out)):
        if len(given) != n:
            raise RuntimeError(f"{name}: {what} must either be a single Int or tuple of Ints")
    shape = x._data.shape
    if len(shape) not in (n + 1, n + 2):
        raise RuntimeError(f"{name}(): Expected {n + 1}D or {n + 2}D tensor, but got: {list(shape)}")
    sizes, called = shape[-n:], ("time", "height", "width")[3 - n :]
    for k in range(n) if n == 2 else (0, 2, 1):
        room = out[k] + kernel[k] - 1
        if room > sizes[k] or (n == 3 and room == sizes[k]):
            raise RuntimeError(
                f"{name}{'_out' * (n == 3)}(): pool {called[k]} {kernel[k]} too large relative to input {called[k]} {sizes[k]}"
            )
    if samples._data.dtype != x._data.dtype:
        raise RuntimeError("Expect _random_samples to have the same dtype as input")
    if samples._data.ndim != 3:
        raise RuntimeError(f"Expect _random_samples to have 3 dimensions, got {samples._data.ndim}")
    batch, planes, each = samples._data.shape
    if batch < (1 if len(shape) == n + 1 else shape[0]):
        raise RuntimeError("Expect _random_samples.size(0) no less then input batch size.")
    if planes != shape[-n - 1]:
        raise RuntimeError("Expect _random_samples.size(1) equals to input channel size.")
    if each != n:
        raise RuntimeError(f"Expect _random_samples.size(2) equals to {n}; got {each}.")


def _public(n: int) -> None:
    name = f"fractional_max_pool{n}d"

    def function(
        input: Any, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, return_indices: bool = False, _random_samples: Any = None
    ) -> Any:  # fmt: skip
        if output_size is None and output_ratio is None:
            raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
        if output_size is None:
            if len(output_ratio) > n:
                raise ValueError(f"{name} requires output_ratio to either be a single Int or tuple of Ints.")
            output_size = [int(input.size(k - n) * ratio) for k, ratio in enumerate(_repeated(output_ratio, n))]
        if _random_samples is None:
            batch = 1 if input.dim() == n + 1 else input.size(0)
            _random_samples = TORCH["rand"](batch, input.size(-n - 1), n, dtype=input.dtype)
        kernel, out = _repeated(kernel_size, n), _repeated(output_size, n)
        _must_fit(n, input, kernel, out, _random_samples)
        values, places = apply(rows[n], (input,), {"samples": _random_samples._data, "kernel": kernel, "out": out})
        return (values, places) if return_indices else values

    function.__name__ = name
    export("functional", name)(function)
    export("functional", f"{name}_with_indices")(lambda *a, **k: function(*a, **{**k, "return_indices": True}))


_public(2)
_public(3)
