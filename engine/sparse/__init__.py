"""torch.sparse: the functions that are for sparse tensors alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..creation.factories import leaf
from ..naming.namespace import FUNCTIONAL, TORCH
from ..op import apply
from ..ops.matrices.sparse import product, softened
from ..tensor import Size
from . import writes  # noqa: F401 - what it knows is asked for by name
from .functions import pattern, times, total
from .tensors import SparseTensor, coalesced, dense, like, made, sparse_coo_tensor


def _softmax(input: SparseTensor, dim: int, *, dtype: Any = None, log: bool = False) -> SparseTensor:
    x = coalesced(input)
    at = tuple(x._places)
    rest = leaf(np.where(pattern(x), 0.0, -np.inf).astype(x._entries._data.dtype))
    whole = FUNCTIONAL["log_softmax" if log else "softmax"](dense(x, dtype) + rest, dim)
    return like(x, apply(softened, (whole,), {"at": at}))


def mm(mat1: Any, mat2: Any) -> Any:
    """The product of a sparse matrix and a dense one, with gradients of both."""
    if isinstance(mat1, SparseTensor) and not isinstance(mat2, SparseTensor):
        return times(mat1, mat2, product)
    return TORCH["mm"](mat1, mat2)


def addmm(mat: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    """A sum with the product of a sparse matrix and a dense one."""
    return TORCH["add"](mat * beta if beta != 1 else mat, mm(mat1, mat2), alpha=alpha)


def sum(input: Any, dim: Any = None, dtype: Any = None) -> Any:
    """The sum of all numbers, or along dimensions."""
    return total(input, dim, dtype=dtype)


def softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """Softmax of the numbers that are kept; the others count as minus infinity."""
    return _softmax(input, dim, dtype=dtype)


def log_softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """The logarithm of softmax."""
    return _softmax(input, dim, dtype=dtype, log=True)


def _older(dtype: dtypes.dtype) -> Callable[..., Any]:
    def construct(*given: Any) -> SparseTensor:
        if not given or isinstance(given[0], (int, Size)):
            return sparse_coo_tensor(size=given[0] if given and not isinstance(given[0], int) else given, dtype=dtype)
        return sparse_coo_tensor(given[0], given[1], *given[2:3], dtype=None if given[1].dtype is dtype else dtype)

    return construct


FloatTensor, DoubleTensor, LongTensor = _older(dtypes.float32), _older(dtypes.float64), _older(dtypes.int64)


def spmm(input: Any, mat2: Any) -> Any:
    """The older name of torch.mm."""
    return TORCH["mm"](input, mat2)


# functions of torch itself: none of the table that the palette reads, because a canvas has no sparse tensors
FUNCTIONS = {"sparse_coo_tensor": sparse_coo_tensor, "spmm": spmm}

PUBLIC = {
    "mm": mm, "addmm": addmm, "sum": sum, "softmax": softmax, "log_softmax": log_softmax, "FloatTensor": FloatTensor, "DoubleTensor": DoubleTensor,
    "LongTensor": LongTensor,
}  # fmt: skip

__all__ = ["FUNCTIONS", "PUBLIC", "SparseTensor", "made", "sparse_coo_tensor"]
