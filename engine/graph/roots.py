"""What a backward pass starts from: tensors and their cotangents, checked with PyTorch's errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import errors
from .. import op as rows
from ..half.bfloat16 import narrow
from .cotangents import wrapped
from .node import passed_by

if TYPE_CHECKING:
    from ..tensor import Tensor

Array = np.ndarray[Any, Any]
_ndarray = np.ndarray
_seeds: dict[Any, Array] = {}


def one(data: Array) -> Array:
    """The cotangent 1 in the shape and dtype of a scalar's data; shared, never written."""
    if data.ndim:
        return np.ones(data.shape, data.dtype) if data.dtype.kind != "V" else narrow(np.ones(data.shape))
    seed = _seeds.get(data.dtype)
    if seed is None:
        seed = _seeds[data.dtype] = np.ones((), data.dtype) if data.dtype.kind != "V" else narrow(1.0)
        seed.flags.writeable = False
    return seed


def make_roots(tensors: Sequence[Tensor], cotangents: Sequence[Any], create: bool) -> list[tuple[Tensor, Any]]:
    """Check what backward starts from, with PyTorch's errors; a scalar gets the cotangent 1."""
    roots = []
    for nr, (tensor, given) in enumerate(zip(tensors, cotangents, strict=False)):
        if not isinstance(tensor, rows._Tensor):
            raise AssertionError("Expected output to be a torch.Tensor")
        if given is None:
            if tensor._requires_grad and tensor._data.size != 1:
                raise RuntimeError(errors.SCALAR_ONLY)
            if tensor._requires_grad and tensor._data.dtype.kind not in "fV":
                raise RuntimeError("grad can be implicitly created only for real scalar outputs but got " + str(tensor.dtype))
            seed: Any = one(tensor._data)
        else:
            if not isinstance(given, rows._Tensor):
                raise TypeError("gradients can be either Tensors or None, but got " + type(given).__name__)
            if (tensor._data.dtype.kind == "c") != (given._data.dtype.kind == "c"):
                raise RuntimeError(
                    "For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in dtype: "
                    f"grad_output[{nr}] has a dtype of {given.dtype} and output[{nr}] has a dtype of {tensor.dtype}."
                )
            if given._data.shape != tensor._data.shape:
                raise RuntimeError(
                    f"Mismatch in shape: grad_output[{nr}] has a shape of torch.Size({list(given._data.shape)}) and output[{nr}] has a "
                    f"shape of torch.Size({list(tensor._data.shape)})."
                )
            if given._data.dtype is not tensor._data.dtype:
                given = given.to(tensor.dtype)
            seed = given if create else given._data
        if not tensor._requires_grad or (tensor._node is None and passed_by(tensor)):
            raise errors.no_grad_to_give(nr)
        if create and type(seed) is _ndarray:
            seed = wrapped(seed.copy())
        roots.append((tensor, seed))
    return roots


def paired(outs: tuple[Any, ...], given: tuple[Any, ...], create: bool) -> list[tuple[Tensor, Any]]:
    """make_roots, where there are at least as many cotangents as tensors."""
    roots = make_roots(outs, given, create)
    if len(given) < len(outs):
        raise RuntimeError(f"got {len(outs)} tensors and {len(given)} gradients")
    return roots


def must_be_tensors(wanted: Sequence[Any]) -> None:
    for t in wanted:
        if not isinstance(t, rows._Tensor) and not hasattr(t, "output_nr"):  # a GradientEdge
            raise RuntimeError(f"all inputs have to be Tensors or GradientEdges, but got {errors.class_name(t)}")


__all__ = ["make_roots", "must_be_tensors", "one", "paired"]
