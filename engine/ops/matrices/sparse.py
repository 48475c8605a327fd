"""Rows of sparse tensors: numbers at places, and the product of such a matrix with a dense one.

A sparse tensor is a list of places and a tensor of the numbers there (engine/sparse.py); the rows know the places as a param.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...op import Op
from ..pointwise.elementwise import mul
from ..reductions.reduce import sum_dim
from ..views.shape import view


def _scattered(x: Any, at: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, x.dtype)
    np.add.at(out, at, x)
    return out


scattered = Op(
    "to_dense", _scattered, vjps=(lambda g, at: taken(g, at=at),), formulas=(r"\bar{v}_k = \bar{z}[i_k]",),
)  # fmt: skip
taken = Op(
    "to_sparse", lambda x, at: x[at], vjps=(lambda g, x_shape, at: scattered(g, at=at, shape=tuple(x_shape)),), grad_fn="ToSparseBackward1",
    formulas=(r"\bar{x}[i_k] \mathrel{+}= \bar{v}_k",),
)  # fmt: skip


def _product(x: Any, y: Any, rows: Any, columns: Any, count: int) -> Any:
    out = np.zeros((count, y.shape[1]), y.dtype)
    np.add.at(out, rows, x[:, None] * y[columns])
    return out


def _pairs(g: Any, y: Any, rows: Any, columns: Any) -> Any:
    """The product of the rows that each number of the matrix joins."""
    return sum_dim(mul(taken(g, at=(rows,)), taken(y, at=(columns,))), dim=1, keepdim=False)


product = Op(
    "sparse_mm", _product, inputs=("x", "y"), grad_fn="SparseAddmmBackward0",
    vjps=(
        lambda g, y, rows, columns: _pairs(g, y, rows, columns),
        lambda g, x, y_shape, rows, columns: product(x, g, rows=columns, columns=rows, count=y_shape[0]),
    ),
    formulas=(r"\bar{v}_k = \bar{z}_{i_k} \cdot y_{j_k}", r"\bar{y} = x^T \bar{z}"),
)  # fmt: skip


def _vector(x: Any, y: Any, rows: Any, columns: Any, count: int) -> Any:
    out = np.zeros((count,), y.dtype)
    np.add.at(out, rows, x * y[columns])
    return out


vector_product = Op(
    "sparse_mv", _vector, inputs=("x", "y"), grad_fn="MvBackward0",
    vjps=(
        lambda g, y, rows, columns: mul(taken(g, at=(rows,)), taken(y, at=(columns,))),
        lambda g, x, y_shape, rows, columns: vector_product(x, g, rows=columns, columns=rows, count=y_shape[0]),
    ),
    formulas=(r"\bar{v}_k = \bar{z}_{i_k} y_{j_k}", r"\bar{y} = x^T \bar{z}"),
)  # fmt: skip
grouped = {name: scattered.named(name) for name in ("AddBackward0", "CoalesceBackward0", "SparseSumBackward0")}
softened = taken.named("SparseSoftmaxBackward0")
same = {
    name: view.named(name)
    for name in ("SparseCooTensorWithDimsAndTensorsBackward0", "ValuesBackward0", "TBackward0", "TransposeBackward0", "PermuteBackward0")
}

__all__ = ["grouped", "product", "same", "scattered", "softened", "taken", "vector_product"]
