"""Writing whole tensors: zero_, fill_, copy_; the random fills are in creation/sampling.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import events
from ..errors import cannot_broadcast, class_name, must_fit, sizes
from ..graph.written import nothing
from ..half.bfloat16 import by_way
from ..memory.inplace import apart, check, write
from ..naming.namespace import export
from ..naming.rows import NUMBERS
from ..op import Op, apply
from ..tensor import Tensor

zero = Op("zero", lambda x: np.zeros_like(x), vjps=(nothing,), formulas=(r"\bar{x} = 0",), elementwise=True)
fill = Op(
    "fill", lambda x, value: np.full_like(x, by_way(np.asarray(value), x.dtype)) if not isinstance(value, np.ndarray) else np.broadcast_to(by_way(value, x.dtype).astype(x.dtype), x.shape).copy(),
    inputs=("x", "value"), vjps=(nothing, lambda g: g.sum()), formulas=(r"\bar{x} = 0", r"\bar{v} = \textstyle\sum \bar{z}"), elementwise=True,
)  # fmt: skip
fill_tensor, fill_tensor_written = (fill.named(f"FillBackward{k}") for k in (1, 3))
fill_number, fill_written = (fill.named(f"FillBackward{k}", without=(1,)) for k in (0, 2))
copy = Op(
    "copy", lambda x, source: np.broadcast_to(by_way(source, x.dtype), x.shape).astype(x.dtype), inputs=("x", "source"), grad_fn="CopyBackwards",
    vjps=(nothing, lambda g: g), formulas=(r"\bar{x} = 0", r"\bar{s} = \bar{z}"), elementwise=True,
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
    if not isinstance(value, Tensor):
        must_fit(value, self.dtype)
    if isinstance(value, int) and self._data.dtype.kind in "iu":
        value = np.asarray(value).astype(self._data.dtype).item()  # C++ wraps around
    return write(fill_tensor_written if isinstance(value, Tensor) else fill_written, self, (value,))


export("torch", "fill_")(fill_)


@export("torch", "fill")
def filled(input: Any, value: Any) -> Any:
    """A tensor like another, with one value in all places."""
    if not isinstance(value, Tensor):
        must_fit(value, input.dtype)
    return apply(fill_tensor if isinstance(value, Tensor) else fill_number, (input, value))


@export("method")
def copy_(self: Any, src: Any, non_blocking: bool = False) -> Any:
    """Numbers of another tensor, broadcast and cast, in place."""
    if not isinstance(src, (Tensor, *NUMBERS)):
        raise TypeError(f"copy_(): argument 'other' (position 1) must be Tensor, not {class_name(src)}")
    check(self)
    given = src if isinstance(src, Tensor) else Tensor._of(np.asarray(src))
    if given is not self:
        apart(self._data, given._data, False)
    have, want = given._data.shape, self._data.shape
    told = cannot_broadcast(want, have)
    if told is not None:
        raise told
    common = np.broadcast_shapes(have, want)
    if common != want:
        raise RuntimeError(f"output with shape {sizes(want)} doesn't match the broadcast shape {sizes(common)}")
    return write(copy, self, (given,))


def told_leaf(data: Any) -> Tensor:
    """A new tensor without history, told to the watcher."""
    made: Tensor = Tensor._of(data)
    if events.watcher is not None:
        events.watcher.create_leaf(made)
    return made
