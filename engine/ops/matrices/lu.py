"""LU and what is computed with factors at hand: lu_solve, cholesky_solve, cholesky_inverse."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.arithmetic import in_columns
from ...calls.kernels import KERNELS
from ...errors import cannot_broadcast, sizes
from ...half.bfloat16 import cast
from ...modes import warn_once
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor
from ...warned import kernel_warning
from ..reductions.statistics import return_type
from ..views.join import cat
from ..views.reshape import tril, triu
from .matrix import (
    LinAlgError,
    adjoint,
    alike,
    batch_prefix,
    conjugate,
    eye_as,
    must_be_float,
    must_be_matrix,
    must_be_square,
    plain,
    product,
    tr,
)
from .solving import lu_arrays, must_fit, permutation, solve_triangular_row


def _solve_l(low: Any, b: Any) -> Any:
    """L^-T B"""
    return solve_triangular_row(tr(low), b, upper=True, left=True, unitriangular=True)


def _right_u(b: Any, up: Any) -> Any:
    """B U^-T"""
    return solve_triangular_row(tr(up), b, upper=False, left=False, unitriangular=False)


def _lu_cotangent(p: Any, low: Any, up: Any, gl: Any, gu: Any) -> Any:
    """The cotangent of A = P L U (FunctionsManual.cpp, lu_backward)."""
    m, n = low.shape[-2], up.shape[-1]
    k = min(m, n)
    if m > k:  # tall: the lower rows are L2 = A2 U^-1
        l1, g2 = low[..., :k, :], gl[..., k:, :]
        a2 = _right_u(g2, up)
        gu = gu - triu(product(tr(low[..., k:, :]), a2), diagonal=0)
        return product(p, cat([_square(l1, up, gl[..., :k, :], gu), a2], dim=low.ndim - 2))
    if n > k:  # wide: the right columns are U2 = L^-1 A2
        g2 = gu[..., :, k:]
        a2 = _solve_l(low, g2)
        gl = gl - tril(product(a2, tr(up[..., :, k:])), diagonal=-1)
        return product(p, cat([_square(low, up[..., :, :k], gl, gu[..., :, :k]), a2], dim=low.ndim - 1))
    return product(p, _square(low, up, gl, gu))


def _square(low: Any, up: Any, gl: Any, gu: Any) -> Any:
    inner = tril(product(tr(low), gl), diagonal=-1) + triu(product(gu, tr(up)), diagonal=0)
    return _right_u(_solve_l(low, inner), up)


def _parts(packed: Any) -> tuple[Any, Any]:
    """L (with its unit diagonal) and U out of the packed matrix."""
    m, n = packed.shape[-2:]
    k = min(m, n)
    low = tril(packed[..., :, :k], diagonal=-1) + alike(np.eye(m, k), packed)
    return low, triu(packed[..., :k, :], diagonal=0)


def _factor(x: Any, pivot: bool = True) -> tuple[Any, Any, Any]:
    packed, pivots, info = lu_arrays(x, pivot)
    return in_columns(packed), pivots, info


def _factor_vjp(g: Any, result: Any, result1: Any) -> Any:
    first = g[0] if isinstance(g, list) else g
    low, up = _parts(result)
    k = min(result.shape[-2:])
    p = alike(permutation(plain(result1), result.shape[-2]), result)
    return _lu_cotangent(p, low, up, tril(first[..., :, :k], diagonal=-1), triu(first[..., :k, :], diagonal=0))


lu_factor_row = Op(
    "linalg_lu_factor_ex", _factor, vjps=(_factor_vjp,), nondiff=(1, 2),
    formulas=(r"\bar{A} = P L^{-\mathsf{T}}(\mathrm{tril}(L^{\mathsf{T}}\bar{L}) + \mathrm{triu}(\bar{U}U^{\mathsf{T}}))U^{-\mathsf{T}}",),
)  # fmt: skip


def _lu(x: Any, pivot: bool = True) -> tuple[Any, Any, Any]:
    packed, pivots, _ = lu_arrays(x, pivot)
    m, n = x.shape[-2:]
    k = min(m, n)
    low = np.tril(packed[..., :, :k], -1) + np.eye(m, k, dtype=x.dtype)
    p = permutation(pivots, m).astype(x.dtype) if pivot else np.zeros(0, x.dtype)
    return p, low, np.triu(packed[..., :k, :])


def _lu_vjp(g: Any, result: Any, result1: Any, result2: Any, pivot: bool = True) -> Any:
    low, up = result1, result2
    p = result if pivot else eye_as(low, low.shape[-2])
    gl = g[1] if g[1] is not None else low * 0
    gu = g[2] if g[2] is not None else up * 0
    return _lu_cotangent(p, low, up, gl, gu)


lu_row = Op("linalg_lu", _lu, vjps=(_lu_vjp,), nondiff=(0,), formulas=lu_factor_row.formulas)


def _must_factor(function: str, a: Tensor, pivot: bool) -> None:
    if a._data.ndim < 2:
        raise RuntimeError(f"{function}: Expected tensor with 2 or more dimensions. Got size: {sizes(a._data.shape)} instead")
    KERNELS["lu"].refuse(a._data)
    if not pivot:
        raise RuntimeError("linalg.lu_factor: LU without pivoting is not implemented on the CPU")


@export("linalg", "lu")
def lu(A: Any, *, pivot: bool = True, out: Any = None) -> Any:
    """P, L and U with A = P L U."""
    _must_factor("linalg.lu", A, pivot)
    return return_type("linalg_lu")(*apply(lu_row, (A,), {"pivot": pivot}))


@export("linalg")
def lu_factor_ex(A: Any, *, pivot: bool = True, check_errors: bool = False, out: Any = None) -> Any:
    """L and U in one matrix, the pivots, and per matrix the first zero of U's diagonal."""
    _must_factor("torch.lu_factor", A, pivot)
    return return_type("linalg_lu_factor_ex")(*apply(lu_factor_row, (A,), {"pivot": pivot}))


@export("linalg")
def lu_factor(A: Any, *, pivot: bool = True, out: Any = None) -> Any:
    """L and U in one matrix, and the pivots."""
    packed, pivots, info = lu_factor_ex(A, pivot=pivot)
    bad = np.flatnonzero(info._data)
    if bad.size:
        at = info._data.reshape(-1)[bad[0]]
        raise LinAlgError(
            f"torch.linalg.lu_factor: {batch_prefix(int(bad[0]), info._data.shape)}U[{at},{at}] is zero and using it on lu_solve would "
            "result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or "
            "linalg.lu_factor_ex(A, pivot)"
        )
    return return_type("linalg_lu_factor")(packed, pivots)


@export("torch method", "lu")
def lu_old(A: Any, pivot: bool = True, get_infos: bool = False, out: Any = None) -> Any:
    """torch.lu, the older name: (LU, pivots) and, if asked for, the infos."""
    warn_once(kernel_warning("lu"))
    packed, pivots, info = lu_factor_ex(A, pivot=pivot)
    return (packed, pivots, info) if get_infos else (packed, pivots)


@export("torch")
def lu_unpack(LU_data: Any, LU_pivots: Any, unpack_data: bool = True, unpack_pivots: bool = True, *, out: Any = None) -> Any:
    """P, L and U out of what lu_factor returns."""
    if LU_pivots._data.dtype != np.int32 and unpack_pivots:
        raise RuntimeError(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\nNote: this function is intended to be "
            "used with the output produced by torch.linalg.lu_factor"
        )
    data = LU_data._data
    empty = Tensor._of(np.zeros(0, data.dtype))
    p = Tensor._of(cast(permutation(LU_pivots._data, data.shape[-2]), data.dtype)) if unpack_pivots else empty
    if not unpack_data:
        return return_type("lu_unpack")(p, empty, empty)
    low, up = apply(lu_unpack_row, (LU_data,))
    return return_type("lu_unpack")(p, low, up)


def _unpack_vjp(g: Any, x_shape: Any) -> Any:
    gl, gu = g
    m, n = x_shape[-2:]
    k = min(m, n)
    from ..indexing.index import place

    total = None
    if gl is not None:
        total = place(tril(gl, diagonal=-1), shape=tuple(x_shape), key=(Ellipsis, slice(0, k)))
    if gu is not None:
        other = place(triu(gu, diagonal=0), shape=tuple(x_shape), key=(Ellipsis, slice(0, k), slice(None)))
        total = other if total is None else total + other
    return total


def _unpacked(x: Any) -> tuple[Any, Any]:
    m, n = x.shape[-2:]
    k = min(m, n)
    return np.tril(x[..., :, :k], -1) + np.eye(m, k, dtype=x.dtype), np.triu(x[..., :k, :])


lu_unpack_row = Op("lu_unpack", _unpacked, vjps=(_unpack_vjp,), formulas=(r"\bar{A} = \mathrm{tril}(\bar{L}) + \mathrm{triu}(\bar{U})",))


def _with_factors(packed: Any, pivots: Any, b: Any, left: bool, adjoint: bool) -> Any:
    """X with A X = B (X A = B, or with A^H), for A = P L U given by its factors: triangular systems one after the other."""
    if not left:
        return _with_factors(packed, pivots, b.mH, True, not adjoint).mH
    p = Tensor._of(permutation(pivots._data, packed._data.shape[-1]).astype(packed._data.dtype))
    low = {"left": True, "unitriangular": True}
    up = {"left": True, "unitriangular": False}
    if adjoint:
        turned = packed.mH
        y = apply(solve_triangular_row, (turned, b), {"upper": False, **up})
        return apply(product, (p, apply(solve_triangular_row, (turned, y), {"upper": True, **low})))
    y = apply(solve_triangular_row, (packed, apply(product, (p.mT, b))), {"upper": False, **low})
    return apply(solve_triangular_row, (packed, y), {"upper": True, **up})


@export("linalg", "lu_solve")
def lu_solve(LU: Any, pivots: Any, B: Any, *, left: bool = True, adjoint: bool = False, out: Any = None) -> Any:
    """X with A X = B, given lu_factor(A)."""
    if LU.dtype is not B.dtype and LU._data.dtype.kind in "fcV":
        raise RuntimeError(
            f"linalg.lu_solve: Expected LU and B to have the same dtype, but found LU of type {LU.dtype.scalar_name} and B of type "
            f"{B.dtype.scalar_name} instead"
        )
    must_be_float("torch.linalg.lu_solve", LU)
    if pivots._data.dtype != np.int32:
        raise RuntimeError("linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32")
    must_be_square("torch.linalg.lu_solve", LU)
    must_be_matrix("linalg.lu_solve", B, "B")
    must_fit("linalg.lu_solve", LU, B, left)
    batch, have = LU._data.shape[:-1], pivots._data.shape
    if have[-1:] != batch[-1:]:
        raise RuntimeError("linalg.lu_solve: Number of pivots per batch should be same as the dimension of the matrix")
    if have != batch:
        raise RuntimeError(
            f"linalg.lu_solve: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape {sizes(have)} instead"
        )
    told = cannot_broadcast(B._data.shape[:-2], LU._data.shape[:-2])
    if told is not None:
        raise told
    return _with_factors(LU, pivots, B, left, adjoint)


@export("torch method", "lu_solve")
def lu_solve_old(input: Any, LU_data: Any, LU_pivots: Any, *, out: Any = None) -> Any:
    """torch.lu_solve, the older name with the right side first."""
    warn_once(kernel_warning("lu_solve"))
    return lu_solve(LU_data, LU_pivots, input)


def _with_cholesky(b: Any, factor: Any, upper: bool) -> Any:
    first, second = (adjoint(factor), factor) if upper else (factor, adjoint(factor))
    y = solve_triangular_row(first, b, upper=False, left=True, unitriangular=False)
    return in_columns(solve_triangular_row(second, y, upper=True, left=True, unitriangular=False))


def _cholesky_solve_factor(g: Any, factor: Any, result: Any, upper: bool) -> Any:
    conj = conjugate(factor)
    common = product(cholesky_solve_row(g, conj, upper=upper), tr(result))
    common = common + adjoint(common)
    return -(product(conj, common) if upper else product(common, conj))


cholesky_solve_row = Op(
    "cholesky_solve", _with_cholesky, inputs=("b", "factor"),
    vjps=(lambda g, factor, upper: cholesky_solve_row(g, conjugate(factor), upper=upper), _cholesky_solve_factor),
    formulas=(r"\bar{B} = A^{-1}\bar{X}", r"\bar{L} = -(\bar{B}X^{\mathsf{T}} + X\bar{B}^{\mathsf{T}})\,L"),
)  # fmt: skip


def _cholesky_inverted(factor: Any, upper: bool) -> Any:
    eye = np.broadcast_to(np.eye(factor.shape[-1], dtype=factor.dtype), factor.shape)
    return _with_cholesky(eye, factor, upper)


def _cholesky_inverse_vjp(g: Any, factor: Any, result: Any, upper: bool) -> Any:
    inverse, conj = conjugate(result), conjugate(factor)
    common = product(inverse, product(g + adjoint(g), inverse))
    return -(product(conj, common) if upper else product(common, conj))


cholesky_inverse_row = Op(
    "cholesky_inverse", _cholesky_inverted, inputs=("factor",), vjps=(_cholesky_inverse_vjp,),
    formulas=(r"\bar{L} = -A^{-1}(\bar{B} + \bar{B}^{\mathsf{T}})A^{-1}L",),
)  # fmt: skip


@export("torch method")
def cholesky_solve(input: Any, L: Any, upper: bool = False, *, out: Any = None) -> Any:
    """X with A X = B, given the Cholesky factor of A."""
    for name, t in (("b", input), ("u", L)):
        if t._data.ndim < 2:
            raise RuntimeError(f"{name} should have at least 2 dimensions, but has {t._data.ndim} dimensions instead")
    if L._data.shape[-2] != L._data.shape[-1] or L._data.shape[-1] != input._data.shape[-2]:
        told = [f"{m} by {n}" for m, n in (L._data.shape[-2:], input._data.shape[-2:])]
        raise RuntimeError(f"Incompatible matrix sizes for cholesky_solve: each A matrix is {told[0]} but each b matrix is {told[1]}")
    return apply(cholesky_solve_row, (input, L), {"upper": upper})


@export("torch method")
def cholesky_inverse(input: Any, upper: bool = False, *, out: Any = None) -> Any:
    """The inverse of A, given its Cholesky factor."""
    must_be_square("cholesky_inverse", input)
    return apply(cholesky_inverse_row, (input,), {"upper": upper})


__all__ = ["lu_factor_row", "lu_row", "lu_unpack_row"]
