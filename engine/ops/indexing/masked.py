"""What a mask picks: masked_select, masked_fill, nonzero."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.arithmetic import in_rows
from ...errors import cannot_broadcast, must_fit
from ...graph.saved import track
from ...half.bfloat16 import readable
from ...memory.inplace import write
from ...naming.namespace import export
from ...naming.rows import into, invalid_combination
from ...op import Op, apply
from ...tensor import Tensor
from ..pointwise.elementwise import where
from .gather import zeros_like
from .index import index, index_add_into


@export("torch method")
def masked_select(input: Any, mask: Any) -> Any:
    """The elements where the mask holds, in one dimension."""
    if mask._data.dtype.kind != "b":
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    told = cannot_broadcast(mask._data.shape, input._data.shape)
    if told is not None:
        raise told
    shape = np.broadcast_shapes(input._data.shape, mask._data.shape)
    return track(apply(masked_select_row, (input,), {"key": np.broadcast_to(mask._data, shape)}), mask)


masked_select_row = Op(
    "masked_select", lambda x, key: np.array(np.broadcast_to(x, key.shape)[key]).reshape(-1), frees="key", formulas=index.formulas,
    vjps=(lambda g, key: index_add_into(g, shape=key.shape, key=(key,)),),
)  # fmt: skip

masked_fill = Op(
    "masked_fill", lambda x, mask, value: in_rows(np.where(mask, _number(value, x.dtype), x)),
    inputs=("x", "mask", "value"),
    vjps=(lambda g, mask: where(mask, zeros_like(tuple(g.shape), g), g), None, lambda g, mask: where(mask, g, zeros_like(tuple(g.shape), g)).sum()),
    formulas=(r"\bar{x} = \bar{z} \odot \neg m", "", r"\bar{v} = \textstyle\sum \bar{z} \odot m"), elementwise=True,
)  # fmt: skip


def _number(value: Any, dtype: np.dtype[Any]) -> Any:
    """A number in the dtype that it fills: what is negative wraps around, and of a complex one whose imaginary part is 0 the real part stays."""
    given = np.asarray(value)
    return (given.real if given.dtype.kind == "c" and dtype.kind not in "bc" else given).astype(dtype)


fill_number, fill_tensor = masked_fill.named("MaskedFillBackward0", without=(2,)), masked_fill.named("MaskedFillBackward1")


def _must_be_scalar(input: Any, value: Any) -> None:
    if isinstance(value, Tensor):
        value = readable(value._data).item()
    must_fit(value, input.dtype)


def _mask(input: Any, mask: Any, value: Any, inplace: bool = False) -> Any:
    if not isinstance(mask, Tensor):
        raise invalid_combination("masked_fill", (mask, value), "Tensor mask, Tensor value", "Tensor mask, Number value")
    if inplace:
        _must_be_mask(mask, value)
    told = cannot_broadcast(*((input._data.shape, mask._data.shape) if inplace else (mask._data.shape, input._data.shape)))
    if told is not None:
        raise told
    _must_be_mask(mask, value)
    return mask


def _must_be_mask(mask: Any, value: Any) -> None:
    if isinstance(value, Tensor) and value._data.ndim:
        raise RuntimeError(f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {value._data.ndim} dimension(s).")
    if mask._data.dtype.kind != "b":
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {mask.dtype.c_name}")


@export("torch method", "masked_fill")
def masked_fill_public(input: Any, mask: Any, value: Any) -> Any:
    """A value where the mask holds."""
    mask = _mask(input, mask, value)
    _must_be_scalar(input, value)
    return apply(fill_tensor if isinstance(value, Tensor) else fill_number, (input, mask, value))


@export("method", "masked_fill_")
def masked_fill_write(self: Any, mask: Any, value: Any) -> Any:
    """In place: a value where the mask holds."""
    mask = _mask(self, mask, value, True)
    _must_be_scalar(self, value)
    return write(fill_tensor if isinstance(value, Tensor) else fill_number, self, (mask, value))


@export("torch method", "nonzero")
def nonzero(input: Any, *, as_tuple: bool = False, out: Any = None) -> Any:
    """Places of the non-zero elements."""
    if as_tuple and out is not None:
        raise RuntimeError("nonzero does not support the out kwarg when as_tuple is True")
    data = readable(input._data)
    found = np.nonzero(data) if data.ndim else np.nonzero(data.reshape(1))
    if as_tuple:
        return tuple(Tensor._of(f.astype(np.int64)) for f in found)
    rows = np.stack(found).T if input._data.ndim else np.zeros((len(found[0]), 0), np.int64)
    return Tensor._of(rows.astype(np.int64))  # a dimension's places one after the other, as PyTorch's kernel finds them


@export("torch method")
def nonzero_static(input: Any, *, size: int, fill_value: int = -1, out: Any = None) -> Any:
    """(size, dimensions) int64: the first places of the non-zero elements, then `fill_value`."""
    if size < 0:
        raise RuntimeError("nonzero_static: 'size' must be an non-negative integer")
    found = nonzero(input)._data[:size]
    rows = np.full((size, found.shape[1]), fill_value, np.int64)
    rows[: len(found)] = found
    return into(out, Tensor._of(rows), "nonzero_static")


@export("torch method")
def argwhere(input: Any) -> Any:
    """Places of the non-zero elements, a row each."""
    return nonzero(input)
