"""What the matrix rows are written with: batched products, transposes, diagonals, and the checks of torch.linalg.

Everything here takes arrays and tensors alike, so that a vjp is written once and is differentiable itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...op import Op
from ...tensor import Tensor
from ..views.reshape import diagonal, diagonal_backward
from ..views.shape import transpose


class LinAlgError(RuntimeError):
    """torch.linalg.LinAlgError: a matrix without the inverse or factor that was asked for."""


LinAlgError.__name__ = LinAlgError.__qualname__ = "_LinAlgError"
LinAlgError.__module__ = "torch._C"

product = Op(
    "matmul", np.matmul, inputs=("x", "y"), vjps=(lambda g, y: product(g, tr(y)), lambda g, x: product(tr(x), g)),
    formulas=(r"\bar{x} = \bar{z}\,y^{\mathsf{T}}", r"\bar{y} = x^{\mathsf{T}}\,\bar{z}"),
)  # fmt: skip


def tr(x: Any) -> Any:
    """The last two dimensions swapped."""
    return transpose(x, dim0=x.ndim - 2, dim1=x.ndim - 1)


def conjugate(x: Any) -> Any:
    """The conjugates of complex numbers; real ones as they are."""
    if isinstance(x, np.ndarray):
        return np.conj(x) + 0 if x.dtype.kind == "c" else x  # no minus before a zero
    return x.conj() if x._data.dtype.kind == "c" else x


def adjoint(x: Any) -> Any:
    """The last two dimensions swapped, and complex numbers conjugated."""
    return conjugate(tr(x))


def plain(x: Any) -> Any:
    """The numbers of an array, a tensor or a scalar."""
    return x._data if isinstance(x, Tensor) else np.asarray(x)


def alike(data: Any, other: Any) -> Any:
    """Constant numbers as an array or a tensor, as `other` is, and in its dtype."""
    made = np.asarray(data, plain(other).dtype)
    return Tensor._of(made) if isinstance(other, Tensor) else made


def diagonal_of(x: Any) -> Any:
    """The main diagonals of matrices, as vectors."""
    return diagonal(x, offset=0, dim1=x.ndim - 2, dim2=x.ndim - 1)


def on_diagonal(v: Any, rows: int = -1, cols: int = -1) -> Any:
    """Matrices (square, or rows x cols) with `v` on their main diagonals."""
    n = v.shape[-1]
    shape = (*v.shape[:-1], n if rows < 0 else rows, n if cols < 0 else cols)
    return diagonal_backward(v, shape=tuple(shape), offset=0, dim1=len(shape) - 2, dim2=len(shape) - 1)


def column(v: Any) -> Any:
    """v[..., None]"""
    return v.reshape((*v.shape, 1))


def row(v: Any) -> Any:
    """v[..., None, :]"""
    return v.reshape((*v.shape[:-1], 1, v.shape[-1]))


def eye_as(x: Any, n: int) -> Any:
    """The unit matrix in the dtype of x."""
    return alike(np.eye(n), x)


def must_be_matrix(function: str, a: Tensor, name: str = "A") -> None:
    """PyTorch's error for fewer than two dimensions."""
    if a._data.ndim < 2:
        shown = {"linalg.svdvals": "linalg.svd", "linalg.eigvalsh": "linalg.eigh"}.get(function, function)
        raise RuntimeError(f"{shown}: The input tensor{' ' * bool(name)}{name} must have at least 2 dimensions.")


def must_be_square(function: str, a: Tensor, name: str = "A") -> None:
    """PyTorch's error for matrices that are not square."""
    must_be_matrix(function, a, name)
    rows, cols = a._data.shape[-2:]
    if rows != cols:
        function = "linalg.eigh" if function == "linalg.eigvalsh" else function
        raise RuntimeError(f"{function}: {name} must be batches of square matrices, but they are {rows} by {cols} matrices")


# factorizations that refuse float16 only in their kernel
_HALF_KERNELS = {
    "linalg.cholesky": "cholesky_cpu", "linalg.lu": "lu_cpu", "linalg.lu_factor": "lu_cpu", "torch.linalg.lu_solve": "linalg.lu_solve_cpu",
    "linalg.svdvals": "linalg_svd_cpu", "linalg.svd": "linalg_svd_cpu", "linalg.det": "lu_cpu",
    "linalg.eigh": "linalg_eigh_cpu", "linalg.eigvalsh": "linalg_eigh_cpu", "linalg.qr": "geqrf_cpu",
}  # fmt: skip


def must_be_float(function: str, a: Tensor) -> None:
    """PyTorch's error for integers."""
    if a._data.dtype.kind not in "fcV":
        if function in ("linalg.eigh", "linalg.eigvalsh") and a._data.size:
            raise NotImplementedError(f"\"linalg_eigh_cpu\" not implemented for '{a.dtype.scalar_name}'")
        raise RuntimeError(f"{function}: Expected a floating point or complex tensor as input. Got {a.dtype.scalar_name}")
    if a._data.dtype.itemsize == 2:
        if function in _HALF_KERNELS:
            if a._data.size:
                raise NotImplementedError(f"\"{_HALF_KERNELS[function]}\" not implemented for '{a.dtype.scalar_name}'")
            return
        raise RuntimeError(f"{function}: Low precision dtypes not supported. Got {a.dtype.scalar_name}")


def batch_prefix(at: int, shape: tuple[int, ...]) -> str:
    """How an error names the matrix of a batch that failed."""
    return f"(Batch element {at}): " if shape else ""


__all__ = ["LinAlgError", "alike", "column", "diagonal_of", "eye_as", "on_diagonal", "plain", "product", "row", "tr"]
