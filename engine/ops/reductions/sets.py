"""Sets: the different elements of a tensor, and which of them are among others."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...half.bfloat16 import readable
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor
from ..underived import not_written
from ..views.reshape import one_dim

Array = np.ndarray[Any, Any]


@export("torch method")
def unique(input: Any, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: Any = None) -> Any:
    """The different elements (or slices), ascending."""
    _must_have_order(input, "unique" if dim is None else "unique_dim")
    x = readable(input._data)
    if dim is None:
        values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
        inverse = inverse.reshape(x.shape)
    else:
        d = _dim_of_slices(dim, x.shape)
        values, inverse, counts = np.unique(np.moveaxis(x, d, 0), return_inverse=True, return_counts=True, axis=0)
        values, inverse = np.moveaxis(values, 0, d), inverse.reshape(-1)
    return _answers(input, "_unique2" if dim is None else "unique_dim", values, inverse, counts, return_inverse, return_counts)


@export("torch method")
def unique_consecutive(input: Any, return_inverse: bool = False, return_counts: bool = False, dim: Any = None) -> Any:
    """Runs of equal elements (or slices) as one each."""
    _must_have_order(input, "unique" if dim is None else "unique_dim")
    x = readable(input._data)
    flat = x.reshape(-1) if dim is None else np.moveaxis(x, _dim_of_slices(dim, x.shape), 0)
    new = np.ones(len(flat), bool)
    if len(flat) > 1:
        different = flat[1:] != flat[:-1]
        new[1:] = different.reshape(len(flat) - 1, -1).any(-1)
    values = flat[new] if dim is None else np.moveaxis(flat[new], 0, one_dim(dim, x.ndim))
    inverse = np.cumsum(new) - 1
    counts = np.diff(np.append(np.flatnonzero(new), len(flat)))
    return _answers(
        input, "unique_consecutive", values, inverse.reshape(x.shape) if dim is None else inverse, counts, return_inverse, return_counts
    )


def _dim_of_slices(dim: int, shape: tuple[int, ...]) -> int:
    """The dimension whose slices are compared; PyTorch's errors where there are none."""
    if not shape:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    d = one_dim(dim, len(shape))
    if shape.count(0) > 1:
        raise RuntimeError("Number of zero sized dimensions is more than one, so unique cannot be applied ")
    if 0 in shape and shape[d]:
        raise RuntimeError("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied")
    return d


def _must_have_order(input: Any, kernel: str) -> None:
    if input._data.dtype.kind == "c":
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{input.dtype.scalar_name}'")


def _answers(input: Any, name: str, values: Array, inverse: Array, counts: Array, with_inverse: bool, with_counts: bool) -> Any:
    node = name.title().replace("_", "") + "Backward0"
    row = Op(name.lstrip("_").rstrip("2"), lambda x: values, grad_fn=node, vjps=(not_written(name),), formulas=("",))
    found = [apply(row, (input,))]
    if with_inverse:
        found.append(Tensor._of(np.asarray(inverse, np.int64)))
    if with_counts:
        found.append(Tensor._of(np.asarray(counts, np.int64)))
    return found[0] if len(found) == 1 else tuple(found)


@export("torch")
def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Any:
    """Which elements are among others."""
    for given in (elements, test_elements):
        if isinstance(given, Tensor) and given._data.dtype.kind in "bc":
            raise RuntimeError(f"Unsupported input type encountered for isin(): {given.dtype.scalar_name}")
    a, b = (readable(v._data) if isinstance(v, Tensor) else np.asarray(v) for v in (elements, test_elements))
    return Tensor._of(np.isin(a, b, invert=invert))
