"""Padding (torch.nn.functional.pad): constant, reflect, replicate, circular."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ...arrays.arithmetic import in_rows
from ...arrays.channels_last import keeping_pictures
from ...arrays.windows import surrounded
from ...errors import must_fit
from ...naming.namespace import export
from ...op import Op, apply
from ..indexing.index import index_add_into
from . import window_checks


def _pairs(pad: Any, ndim: int) -> list[tuple[int, int]]:
    pairs = [(int(pad[2 * k]), int(pad[2 * k + 1])) for k in range(len(pad) // 2)][::-1]
    return [(0, 0)] * (ndim - len(pairs)) + pairs


def _constant(x: Any, pad: Any, value: float) -> Any:
    pairs = _pairs(pad, x.ndim)
    cut = tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(pairs, x.shape, strict=True))
    return in_rows(surrounded(x[cut], [(max(a, 0), max(b, 0)) for a, b in pairs], value))


constant_pad = Op(
    "constant_pad_nd", keeping_pictures(_constant), grad_fn="ConstantPadNdBackward0", formulas=(r"\bar{x} = \bar{z}[\mathrm{inside}]",),
    vjps=(lambda g, pad: constant_pad(g, pad=tuple(-p for p in pad), value=0.0),),
)  # fmt: skip


@functools.lru_cache(maxsize=64)
def _places(shape: tuple[int, ...], pad: Any, mode: str) -> tuple[Any, ...]:
    """For each place of the result the place of the input that it copies."""
    pairs = _pairs(pad, len(shape))
    axes = []
    for (a, b), n in zip(pairs, shape, strict=True):
        at = np.arange(-a, n + b)
        if mode == "replicate":
            at = np.clip(at, 0, n - 1)
        elif mode == "circular":
            kept = np.arange(max(-a, 0), n - max(-b, 0))  # what is taken away is not wrapped around
            at = kept[np.arange(-max(a, 0), len(kept) + max(b, 0)) % max(len(kept), 1)]
        elif n > 1:
            at = np.abs(at) % (2 * n - 2)
            at = np.where(at >= n, 2 * n - 2 - at, at)
        axes.append(at)
    return tuple(np.ix_(*axes))


copy_pad = Op(
    "pad", lambda x, pad, mode: x[_places(x.shape, pad, mode)], frees="x", grad_fn="CopySlices", formulas=(r"\bar{x}[i] \mathrel{+}= \bar{z}",),
    vjps=(lambda g, x_shape, pad, mode: index_add_into(g, shape=tuple(x_shape), key=_places(tuple(x_shape), pad, mode)),),
)  # fmt: skip


_copy_pad = Op(
    "pad", keeping_pictures(copy_pad.forward), formulas=copy_pad.formulas,
    vjps=(lambda g, x, pad, mode: index_add_into(g, shape=tuple(x.shape), key=_places(tuple(x.shape), pad, mode)),),
)  # fmt: skip
_padders = {
    (mode, n): _copy_pad.named(f"{name}Pad{n}DBackward0") for mode, name in (("reflect", "Reflection"), ("replicate", "Replication")) for n in (1, 2, 3)
}  # fmt: skip


@export("functional")
def pad(input: Any, pad: Any, mode: str = "constant", value: Any = None) -> Any:
    """Numbers added (or taken away) around the last dimensions; the first pair is the last dimension."""
    if len(pad) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(pad) // 2 > input._data.ndim:
        raise RuntimeError(
            f"Padding length should be less than or equal to two times the input dimension but got padding length {len(pad)} and input of dimension {input._data.ndim}"
        )
    if mode == "constant":
        return constant_pad_nd(input, pad, 0.0 if value is None else value)
    if mode not in {"reflect", "replicate", "circular"}:
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if value:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    window_checks.padding_of(input._data.shape, tuple(pad), mode)
    return apply(_padders.get((mode, len(pad) // 2), copy_pad), (input,), {"pad": tuple(int(p) for p in pad), "mode": mode})


@export("torch")
def constant_pad_nd(input: Any, pad: Any, value: Any = 0) -> Any:
    """One number around the last dimensions."""
    if len(pad) % 2:
        raise RuntimeError(f"Length of pad must be even but instead it equals {len(pad)}")
    if len(pad) // 2 > input._data.ndim:
        raise RuntimeError(
            f"Length of pad should be no more than twice the number of dimensions of the input. Pad length is {len(pad)}while the input has "
            f"{input._data.ndim}dimensions."
        )
    if any(n + a + b < 0 for (a, b), n in zip(_pairs(pad, input._data.ndim), input._data.shape, strict=True)):
        raise RuntimeError("narrow(): length must be non-negative.")
    if value:
        must_fit(value, input.dtype)
    return apply(constant_pad, (input,), {"pad": tuple(int(p) for p in pad), "value": value})
