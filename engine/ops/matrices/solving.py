"""Solving with matrices: triangular, general, inverse. Cotangents after PyTorch's FunctionsManual.cpp."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.arithmetic import in_columns
from ...errors import cannot_broadcast
from ...modes import warn_once
from ...naming.namespace import export
from ...naming.rows import into
from ...op import Op, apply
from ...tensor import Tensor
from ...warned import kernel_warning
from ..reductions.statistics import return_type
from ..views.reshape import tril, triu
from .matrix import (
    LinAlgError,
    batch_prefix,
    column,
    must_be_float,
    must_be_matrix,
    must_be_square,
    product,
    row,
    tr,
)

# -- triangular systems ----------------------------------------------------------------------------------


def _broadcast(a: Any, b: Any) -> tuple[Any, Any]:
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return np.broadcast_to(a, (*batch, *a.shape[-2:])), np.broadcast_to(b, (*batch, *b.shape[-2:]))


def _triangular(a: Any, b: Any, upper: bool, left: bool, unitriangular: bool) -> Any:
    if not left:
        swapped = _triangular(np.swapaxes(a, -2, -1), np.swapaxes(b, -2, -1), not upper, True, unitriangular)
        return in_columns(np.swapaxes(swapped, -2, -1))
    a, b = _broadcast(a, b)
    out, n = np.zeros_like(b), a.shape[-1]
    for i in reversed(range(n)) if upper else range(n):
        known = slice(i + 1, n) if upper else slice(0, i)
        rest = b[..., i, :] - (a[..., i : i + 1, known] @ out[..., known, :])[..., 0, :]
        out[..., i, :] = rest if unitriangular else rest / a[..., i, i, None]
    return in_columns(out)


def _triangular_b(g: Any, a: Any, upper: bool, left: bool, unitriangular: bool) -> Any:
    return solve_triangular_row(tr(a), g, upper=not upper, left=left, unitriangular=unitriangular)


def _triangular_a(g: Any, a: Any, result: Any, upper: bool, left: bool, unitriangular: bool) -> Any:
    gb = _triangular_b(g, a, upper, left, unitriangular)
    full = -(product(gb, tr(result)) if left else product(tr(result), gb))
    return (triu if upper else tril)(full, diagonal=(1 if upper else -1) if unitriangular else 0)


solve_triangular_row = Op(
    "linalg_solve_triangular", _triangular, inputs=("a", "b"), vjps=(_triangular_a, _triangular_b),
    formulas=(r"\bar{A} = -\mathrm{tri}(\bar{B}\,X^{\mathsf{T}})", r"\bar{B} = A^{-\mathsf{T}}\,\bar{X}"),
)  # fmt: skip


@export("linalg")
def solve_triangular(A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False, out: Any = None) -> Any:
    """X with A X = B (or X A = B) for triangular A; the other triangle is not read."""
    must_be_square("linalg.solve_triangular", A)
    must_be_matrix("linalg.solve_triangular", B, "B")
    must_fit("linalg.solve_triangular", A, B, left)
    return into(
        out, apply(solve_triangular_row, (A, B), {"upper": upper, "left": left, "unitriangular": unitriangular}), "solve_triangular"
    )


def must_fit(function: str, a: Tensor, b: Tensor, left: bool) -> None:
    """PyTorch's error for a right side whose size is not that of the matrices."""
    (m, n), rows = b._data.shape[-2:], a._data.shape[-1]
    if (m if left else n) != rows:
        raise RuntimeError(
            f"{function}: Incompatible shapes of A and B for the equation {'AX = B' if left else 'XA = B'} ({rows}x{rows} and {m}x{n})"
        )


@export("torch method")
def triangular_solve(
    input: Any, A: Any, upper: bool = True, transpose: bool = False, unitriangular: bool = False, *, out: Any = None
) -> Any:
    """The older name: (X, a copy of A)."""
    warn_once(kernel_warning("triangular_solve"))
    for name, given in (("b", input), ("A", A)):
        if given._data.ndim < 2:
            raise RuntimeError(
                f"torch.triangular_solve: Expected {name} to have at least 2 dimensions, but it has {given._data.ndim} dimensions instead"
            )
    told = cannot_broadcast(input._data.shape[:-2], A._data.shape[:-2])
    if told is not None:
        raise told
    (m, n), (rows, columns) = input._data.shape[-2:], A._data.shape[-2:]
    if rows != columns:
        raise RuntimeError(f"A must be batches of square matrices, but they are {rows} by {columns} matrices")
    if m != rows:
        raise RuntimeError(
            f"Incompatible matrix sizes for triangular_solve: each A matrix is {rows} by {columns} but each b matrix is {m} by {n}"
        )
    if transpose:
        x = apply(solve_triangular_row, (A.mT, input), {"upper": not upper, "left": True, "unitriangular": unitriangular})
    else:
        x = apply(solve_triangular_row, (A, input), {"upper": upper, "left": True, "unitriangular": unitriangular})
    batch = x._data.shape[:-2]
    copied = A.expand(*batch, *A._data.shape[-2:]).clone()
    return return_type("triangular_solve")(x, copied)


# -- LU --------------------------------------------------------------------------------------------------


def _size(x: Any) -> Any:
    """What LAPACK measures pivots by: of complex numbers both parts, added."""
    return np.abs(x.real) + np.abs(x.imag) if x.dtype.kind == "c" else np.abs(x)


def lu_arrays(x: Any, pivot: bool = True) -> tuple[Any, Any, Any]:
    """(L and U in one matrix, pivots counted from 1, first zero of the diagonal or 0), as LAPACK's getrf."""
    out = x.copy()
    m, n = x.shape[-2:]
    k = min(m, n)
    pivots = np.broadcast_to(np.arange(1, k + 1, dtype=np.int32), (*x.shape[:-2], k)).copy()
    info = np.zeros(x.shape[:-2], np.int32)
    for at in np.ndindex(*x.shape[:-2]):
        a = out[at]
        for j in range(k):
            best = j + int(np.argmax(_size(a[j:, j]))) if pivot else j
            pivots[at][j] = best + 1
            if best != j:
                a[[j, best]] = a[[best, j]]
            if a[j, j] == 0:
                info[at] = info[at] or j + 1
                continue
            a[j + 1 :, j] /= a[j, j]
            a[j + 1 :, j + 1 :] -= np.outer(a[j + 1 :, j], a[j, j + 1 :])
    return out, pivots, info


def permutation(pivots: Any, m: int) -> Any:
    """The matrix P of A = P L U for LAPACK's pivots."""
    out = np.zeros((*pivots.shape[:-1], m, m))
    for at in np.ndindex(*pivots.shape[:-1]):
        order = np.arange(m)
        for j, p in enumerate(pivots[at]):
            order[[j, p - 1]] = order[[p - 1, j]]
        out[at][order, np.arange(m)] = 1
    return out


def singular(x: Any) -> Any:
    """Whether each matrix has a zero pivot."""
    return lu_arrays(x)[2]


# -- general systems ----------------------------------------------------------------------------------------


def _solve(a: Any, b: Any, left: bool = True, vector: bool = False) -> tuple[Any, Any]:
    if vector:
        x, info = _solve(a, b[..., None])
        return x[..., 0], info
    if not left:
        x, info = _solve(np.swapaxes(a, -2, -1), np.swapaxes(b, -2, -1))
        return np.swapaxes(x, -2, -1).copy(), info
    a, b = _broadcast(a, b)
    try:
        return in_columns(np.linalg.solve(a, b)), np.zeros(a.shape[:-2], np.int32)
    except np.linalg.LinAlgError:
        packed, pivots, info = lu_arrays(a)
        return in_columns(lu_solved(packed, pivots, b)), info


def _first(g: Any) -> Any:
    return g[0] if isinstance(g, list) else g


def _solve_b(g: Any, a: Any, left: bool = True, vector: bool = False) -> Any:
    return solve_row(tr(a), _first(g), left=left, vector=vector)[0]


def _solve_a(g: Any, a: Any, result: Any, left: bool = True, vector: bool = False) -> Any:
    gb = _solve_b(g, a, left, vector)
    if vector:
        return -(column(gb) * row(result))
    return -(product(gb, tr(result)) if left else product(tr(result), gb))


solve_row = Op(
    "linalg_solve_ex", _solve, inputs=("a", "b"), vjps=(_solve_a, _solve_b), nondiff=(1,),
    formulas=(r"\bar{A} = -\bar{B}\,X^{\mathsf{T}}", r"\bar{B} = A^{-\mathsf{T}}\,\bar{X}"),
)  # fmt: skip


def _solved(A: Any, B: Any, left: bool) -> tuple[Any, Any]:
    must_be_float("linalg.solve", A)
    must_be_square("linalg.solve", A)
    if A._data.dtype is not B._data.dtype:
        raise RuntimeError(
            f"linalg.solve: Expected A and B to have the same dtype, but found A of type {A.dtype.scalar_name} and B of type "
            f"{B.dtype.scalar_name} instead"
        )
    shape = A._data.shape
    vector = B._data.ndim == 1 or (A._data.ndim - 1 == B._data.ndim and B._data.shape == shape[:-1])
    if vector:
        must_fit("linalg.solve", A, B.unsqueeze(-1), left)  # type: ignore[attr-defined]
    if vector and not left:
        raise RuntimeError(
            "linalg.solve: Vector broadcasting of the left hand side is not supported for left=False. In this case linalg.solve is "
            "equivalent to B / A.squeeze(-1)"
        )
    if not vector:
        must_be_matrix("linalg.solve", B, "B")
        must_fit("linalg.solve", A, B, left)
    x, info = apply(solve_row, (A, B), {"left": left, "vector": vector})
    return x, info


@export("linalg")
def solve_ex(A: Any, B: Any, *, left: bool = True, check_errors: bool = False, out: Any = None) -> Any:
    """X with A X = B, and per system the first zero pivot (0: none)."""
    x, info = _solved(A, B, left)
    if check_errors:
        _must_be_solved("torch.linalg.solve_ex", info)
    return return_type("linalg_solve_ex")(x, info)


def _must_be_solved(function: str, info: Tensor) -> None:
    bad = np.flatnonzero(info._data)
    if bad.size:
        raise LinAlgError(
            f"{function}: {batch_prefix(int(bad[0]), info._data.shape)}The solver failed because the input matrix is singular."
        )


@export("linalg")
def solve(A: Any, B: Any, *, left: bool = True, out: Any = None) -> Any:
    """X with A X = B, or X A = B with left=False."""
    x, info = _solved(A, B, left)
    _must_be_solved("torch.linalg.solve", info)
    return into(out, x, "linalg_solve")


# -- inverse -------------------------------------------------------------------------------------------------


def _inv(x: Any) -> tuple[Any, Any]:
    try:
        return in_columns(np.linalg.inv(x)), np.zeros(x.shape[:-2], np.int32)
    except np.linalg.LinAlgError:
        info = singular(x)
        safe = np.where((info != 0)[..., None, None], np.eye(x.shape[-1], dtype=x.dtype), x)
        return in_columns(np.linalg.inv(safe)), info


inv_row = Op(
    "linalg_inv_ex", _inv, vjps=(lambda g, result: -product(tr(result), product(_first(g), tr(result))),), nondiff=(1,),
    formulas=(r"\bar{A} = -A^{-\mathsf{T}}\,\bar{B}\,A^{-\mathsf{T}}",),
)  # fmt: skip


def _inverted(function: str, A: Any) -> tuple[Any, Any]:
    must_be_square(function, A)
    must_be_float(function, A)
    made: tuple[Any, Any] = apply(inv_row, (A,))
    return made


def _must_be_invertible(function: str, info: Tensor) -> None:
    bad = np.flatnonzero(info._data)
    if bad.size:
        at = info._data.reshape(-1)[bad[0]]
        raise LinAlgError(
            f"{function}: {batch_prefix(int(bad[0]), info._data.shape)}The diagonal element {at} is zero, the inversion could not be "
            "completed because the input matrix is singular."
        )


@export("linalg")
def inv_ex(A: Any, *, check_errors: bool = False, out: Any = None) -> Any:
    """The inverse, and per matrix the first zero pivot (0: none)."""
    x, info = _inverted("linalg.inv", A)
    if check_errors:
        _must_be_invertible("linalg.inv_ex", info)
    return return_type("linalg_inv_ex")(x, info)


@export("linalg", "inv")
@export("torch method", "inverse")
def inv(A: Any, *, out: Any = None) -> Any:
    """The inverse of a matrix, or of a batch of them."""
    x, info = _inverted("linalg.inv", A)
    _must_be_invertible("linalg.inv", info)
    return into(out, x, "linalg_inv")


def lu_solved(packed: Any, pivots: Any, b: Any) -> Any:
    """X with P L U X = B on arrays."""
    p = permutation(pivots, packed.shape[-1]).astype(packed.dtype)
    y = _triangular(packed, np.swapaxes(p, -2, -1) @ b, False, True, True)
    return _triangular(packed, y, True, True, False)


__all__ = ["inv_row", "lu_arrays", "lu_solved", "solve_row", "solve_triangular_row"]
