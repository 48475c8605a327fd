"""Factorizations of matrices: Cholesky, QR, eigenvalues, singular values. Cotangents after PyTorch's FunctionsManual.cpp."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.arithmetic import in_columns
from ...calls.kernels import KERNELS
from ...modes import warn_once
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor
from ...warned import kernel_warning
from ..pointwise.complex import real_row
from ..reductions.statistics import return_type
from ..views.reshape import tril, triu
from .matrix import (
    LinAlgError,
    adjoint,
    alike,
    batch_prefix,
    column,
    conjugate,
    eye_as,
    must_be_float,
    must_be_matrix,
    must_be_square,
    on_diagonal,
    plain,
    product,
    row,
    tr,
)
from .solving import solve_row, solve_triangular_row

# -- Cholesky ------------------------------------------------------------------------------------------


def _cholesky(x: Any, upper: bool = False) -> tuple[Any, Any]:
    """(factor, order of the first leading minor that is not positive, 0 where all are)."""
    low = np.tril(adjoint(x) if upper else x)
    out, info = np.zeros_like(low), np.zeros(x.shape[:-2], np.int32)
    n = x.shape[-1]
    for at in np.ndindex(*x.shape[:-2]):
        a, factor = low[at], out[at]
        for j in range(n):
            row_so_far = np.conj(factor[j, :j])
            pivot = (a[j, j] - factor[j, :j] @ row_so_far).real
            if not pivot > 0:
                info[at] = j + 1
                break
            factor[j, j] = np.sqrt(pivot)
            factor[j + 1 :, j] = (a[j + 1 :, j] - factor[j + 1 :, :j] @ row_so_far) / factor[j, j]
    return in_columns(adjoint(out) if upper else out), info


def _cholesky_vjp(g: Any, result: Any, upper: bool = False) -> Any:
    first = g[0] if isinstance(g, list) else g
    low, gl = (adjoint(result), adjoint(first)) if upper else (result, first)
    middle = tril(product(tr(low), gl), diagonal=0)
    middle = (middle + adjoint(tril(middle, diagonal=-1))) * 0.5
    left = solve_triangular_row(tr(low), middle, upper=True, left=True, unitriangular=False)
    return solve_triangular_row(conjugate(low), left, upper=False, left=False, unitriangular=False)


cholesky_row = Op(
    "linalg_cholesky_ex", _cholesky, vjps=(_cholesky_vjp,), nondiff=(1,), grad_fn="LinalgCholeskyExBackward0",
    formulas=(r"\bar{A} = L^{-\mathsf{T}}\,\mathrm{sym}\,\Phi(L^{\mathsf{T}}\bar{L})\,L^{-1}",),
)  # fmt: skip


@export("linalg")
def cholesky_ex(A: Any, *, upper: bool = False, check_errors: bool = False, out: Any = None) -> Any:
    """The factor, and per matrix the order of the leading minor that failed (0: none)."""
    must_be_square("linalg.cholesky", A)
    must_be_float("linalg.cholesky", A)
    made = apply(cholesky_row, (A,), {"upper": upper})
    if check_errors:
        _must_be_positive("linalg.cholesky_ex", made[1])
    return return_type("linalg_cholesky_ex")(*made)


def _must_be_positive(function: str, info: Tensor) -> None:
    bad = np.flatnonzero(info._data)
    if bad.size:
        order = info._data.reshape(-1)[bad[0]]
        raise LinAlgError(
            f"{function}: {batch_prefix(int(bad[0]), info._data.shape)}The factorization could not be completed because the input is not "
            f"positive-definite (the leading minor of order {order} is not positive-definite)."
        )


@export("linalg")
def cholesky(A: Any, *, upper: bool = False, out: Any = None) -> Any:
    """L with A = L L^T."""
    factor, info = cholesky_ex(A, upper=upper)
    _must_be_positive("linalg.cholesky", info)
    return factor


_cholesky_of_old = cholesky_row.named("CholeskyBackward0")


@export("torch method", "cholesky")
def cholesky_old(input: Any, upper: bool = False, *, out: Any = None) -> Any:
    """torch.cholesky, the older name."""
    warn_once(kernel_warning("cholesky"))
    must_be_square("cholesky", input)
    KERNELS["cholesky"].refuse(input._data)
    factor, info = apply(_cholesky_of_old, (input,), {"upper": upper})
    _must_be_positive("cholesky", info)
    return factor


# -- QR ------------------------------------------------------------------------------------------------


def _qr(x: Any, mode: str) -> tuple[Any, Any]:
    if mode == "r":
        return np.zeros(0, x.dtype), in_columns(np.linalg.qr(x, "r"))
    m, n = x.shape[-2:]
    if not x.size:
        k = m if mode == "complete" else min(m, n)
        return np.broadcast_to(np.eye(m, k, dtype=x.dtype), (*x.shape[:-2], m, k)).copy(), np.zeros((*x.shape[:-2], k, n), x.dtype)
    q, r = np.linalg.qr(x, mode)  # type: ignore[call-overload]
    return in_columns(q), in_columns(r)


def _qr_vjp(g: Any, result: Any, result1: Any, x_shape: Any, mode: str) -> Any:
    gq, gr = g
    m, n = x_shape[-2:]
    if mode == "r":
        raise RuntimeError(
            "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if "
            "you are going to be differentiating through linalg.qr."
        )
    if mode == "complete" and m > n:
        raise RuntimeError("The QR decomposition is not differentiable when mode='complete' and nrows > ncols.\n")
    q, r = result, result1
    gq = gq if gq is not None else q * 0
    gr = gr if gr is not None else r * 0
    if m >= n:
        return _qr_square(q, r, gq, gr)
    # A = [A1 | A2]: A1 = Q R1 is the square case, R2 = Q^T A2
    rest = product(q, r[..., :, m:])
    g2 = gr[..., :, m:]
    first = _qr_square(q, r[..., :, :m], gq + product(rest, adjoint(g2)), gr[..., :, :m])
    return _beside(first, product(q, g2))


def _beside(a: Any, b: Any) -> Any:
    from ..views.join import cat

    return cat([a, b], dim=a.ndim - 1)


def _qr_square(q: Any, r: Any, gq: Any, gr: Any) -> Any:
    upper = triu(product(gr, adjoint(r)) - product(adjoint(q), gq), diagonal=0)
    mirrored = (upper + adjoint(upper)) * alike(1 - 0.5 * np.eye(r.shape[-1]), upper)
    return solve_triangular_row(adjoint(r), gq + product(q, mirrored), upper=False, left=False, unitriangular=False)


qr_row = Op(
    "linalg_qr", _qr, vjps=(_qr_vjp,),
    formulas=(r"\bar{A} = (\bar{Q} + Q\,\mathrm{sym}(\mathrm{triu}(\bar{R}R^{\mathsf{T}} - Q^{\mathsf{T}}\bar{Q})))\,R^{-\mathsf{T}}",),
)  # fmt: skip
qr_row.antilinear = True  # as those of the others here: no factor is a holomorphic function of its matrix


@export("linalg")
def qr(A: Any, mode: str = "reduced", *, out: Any = None) -> Any:
    """Q with orthonormal columns and R upper triangular."""
    must_be_matrix("linalg.qr", A)
    must_be_float("linalg.qr", A)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'")
    return return_type("linalg_qr")(*apply(qr_row, (A,), {"mode": mode}))


@export("torch method", "qr")
def qr_old(input: Any, some: bool = True, *, out: Any = None) -> Any:
    """torch.qr, the older name."""
    warn_once(kernel_warning("qr"))
    must_be_matrix("linalg.qr", input)
    must_be_float("linalg.qr", input)
    return return_type("qr")(*apply(qr_row, (input,), {"mode": "reduced" if some else "complete"}))


# -- eigenvalues of symmetric matrices ------------------------------------------------------------------


def _eigh(x: Any, uplo: str = "L", steps: int = 1) -> tuple[Any, Any]:
    try:
        values, vectors = np.linalg.eigh(x, uplo)
    except np.linalg.LinAlgError:
        first = int(np.argmin(np.isfinite(x).all((-2, -1))))
        raise LinAlgError(
            f"linalg.eigh: {batch_prefix(first, x.shape[:-2])}The algorithm failed to converge because the input matrix is "
            f"ill-conditioned or has too many repeated eigenvalues (error code: {x.shape[-1] - steps})."
        ) from None
    return values, in_columns(vectors)


def _as_vectors(numbers: Any, vectors: Any) -> Any:
    """Real numbers, such as the cotangents of eigenvalues, in the dtype of the vectors that they meet."""
    if plain(vectors).dtype.kind != "c" or plain(numbers).dtype.kind == "c":
        return numbers
    return numbers + alike(np.zeros(()), vectors)


def _gap(values: Any) -> Any:
    """1 / (l_j - l_i), and 0 on the diagonal."""
    differences = row(values) - column(values)
    eye = alike(np.eye(values.shape[-1]), values)
    return (1 - eye) / (differences + eye)


def _eigh_vjp(g: Any, result: Any, result1: Any) -> Any:
    gl, gv = g
    values, vectors = result, result1
    middle = on_diagonal(gl) if gl is not None else None
    if gv is not None:
        turned = product(adjoint(vectors), gv) * _gap(values)
        turned = (turned + adjoint(turned)) * 0.5  # as PyTorch: the cotangent of a symmetric matrix is symmetric
        middle = turned if middle is None else middle + turned
    return product(product(vectors, _as_vectors(middle, vectors)), adjoint(vectors))


eigh_row = Op(
    "linalg_eigh", _eigh, vjps=(_eigh_vjp,),
    formulas=(r"\bar{A} = V\,(\mathrm{diag}(\bar{\lambda}) + (V^{\mathsf{T}}\bar{V}) \oslash E)\,V^{\mathsf{T}}",),
)  # fmt: skip


eigh_row.antilinear = True


def _uplo(uplo: str) -> str:
    if uplo.upper() not in ("L", "U"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {uplo}")
    return uplo.upper()


@export("linalg")
def eigh(A: Any, UPLO: str = "L", *, out: Any = None) -> Any:
    """Eigenvalues (ascending) and eigenvectors of symmetric matrices."""
    must_be_square("linalg.eigh", A)
    must_be_float("linalg.eigh", A)
    made = apply(eigh_row, (A,), {"uplo": _uplo(UPLO)})
    return return_type("linalg_eigh")(*made)


@export("linalg")
def eigvalsh(A: Any, UPLO: str = "L", *, out: Any = None) -> Any:
    """Eigenvalues of symmetric matrices, ascending."""
    must_be_square("linalg.eigvalsh", A)
    must_be_float("linalg.eigvalsh", A)
    return apply(eigh_row, (A,), {"uplo": _uplo(UPLO), "steps": 2})[0]


# -- eigenvalues of any square matrix (complex) -----------------------------------------------------------


def _complex(dtype: Any) -> Any:
    return {"f4": np.complex64, "f8": np.complex128}.get(dtype.str[1:], dtype)


def _eig(x: Any, of_reals: bool = True) -> tuple[Any, Any]:
    if not np.isfinite(x).all():
        raise RuntimeError("torch.linalg.eig: input tensor should not contain infs or NaNs.")
    values, vectors = np.linalg.eig(x)
    return values.astype(_complex(x.dtype)), in_columns(vectors.astype(_complex(x.dtype)))


def _eig_vjp(g: Any, result: Any, result1: Any, of_reals: bool = True) -> Any:
    gl, gv = g
    values, vectors = result, result1
    eye = alike(np.eye(values.shape[-1]), values)
    middle = on_diagonal(gl) if gl is not None else None
    if gv is not None:
        turned = product(adjoint(vectors), gv)
        lengths = real_row(turned * eye).sum(-2).reshape((*values.shape[:-1], 1, values.shape[-1]))
        inner = turned - product(adjoint(vectors), vectors) * lengths
        apart = (1 - eye) * inner / (conjugate(row(values) - column(values)) + eye)
        middle = apart if middle is None else middle + apart
    out = solve_row(adjoint(vectors), product(middle, adjoint(vectors)))[0]
    return real_row(out) if of_reals else out


eig_row = Op(
    "linalg_eig", _eig, vjps=(_eig_vjp,), formulas=(r"\bar{A} = V^{-\mathsf{H}}(\mathrm{diag}(\bar{\lambda}) + \dots)V^{\mathsf{H}}",)
)
eig_row.antilinear = True  # its gradients are conjugates already, as PyTorch's


@export("linalg")
def eig(A: Any, *, out: Any = None) -> Any:
    """Eigenvalues and eigenvectors, complex."""
    must_be_square("linalg.eig", A)
    must_be_float("linalg.eig", A)
    return return_type("linalg_eig")(*apply(eig_row, (A,), {"of_reals": A._data.dtype.kind in "fV"}))


@export("linalg")
def eigvals(A: Any, *, out: Any = None) -> Any:
    """Eigenvalues, complex."""
    must_be_square("linalg.eigvals", A)
    must_be_float("linalg.eigvals", A)
    return apply(eig_row, (A,), {"of_reals": A._data.dtype.kind in "fV"})[0]


# -- singular values -----------------------------------------------------------------------------------


def _svd(x: Any, full_matrices: bool = False) -> tuple[Any, Any, Any]:
    if not x.size:
        m, n = x.shape[-2:]
        batch = x.shape[:-2]
        rows, cols = (m, n) if full_matrices else (min(m, n), min(m, n))
        u, v = (np.broadcast_to(np.eye(a, b, dtype=x.dtype), (*batch, a, b)).copy() for a, b in ((m, rows), (cols, n)))
        return u, np.zeros((*batch, min(m, n)), x.real.dtype), v
    u, s, vh = singular(x, full_matrices)
    return in_columns(u), s, in_columns(vh)


def singular(x: Any, full_matrices: bool) -> tuple[Any, Any, Any]:
    """numpy's svd, which fails in PyTorch's words, and is not asked about infinite matrices: it may have no end there."""
    finite = np.isfinite(x).all((-2, -1), keepdims=True)
    if finite.all():
        u, s, vh = np.linalg.svd(x, full_matrices)
        return u, s, vh
    unknown = np.flatnonzero(np.isnan(x).any((-2, -1)))
    if unknown.size:
        where = batch_prefix(int(unknown[0]), x.shape[:-2])
        raise LinAlgError(f"linalg.svd: {where}The algorithm failed to converge because the input matrix contained non-finite values.")
    u, s, vh = np.linalg.svd(np.where(finite, x, 0), full_matrices)
    nan = s.dtype.type(np.nan)
    return np.where(finite, u, nan), np.where(finite[..., 0], s, nan), np.where(finite, vh, nan)


def _svd_vjp(g: Any, result: Any, result1: Any, result2: Any, full_matrices: bool = False) -> Any:
    gu, gs, gvh = g
    s, k = result1, result1.shape[-1]
    u, vh = (result[..., :, :k], result2[..., :k, :]) if full_matrices else (result, result2)
    if gu is not None:
        gu = gu[..., :, :k]
    gv = None if gvh is None else adjoint(gvh[..., :k, :])
    v = adjoint(vh)
    if gu is None and gv is None:
        return product(u * row(gs), vh)
    m, n = u.shape[-2], v.shape[-2]
    squares = s * s
    gap = _gap(squares)  # 1 / (s_j^2 - s_i^2)
    middle: Any = on_diagonal(gs) if gs is not None else 0
    if gu is not None:
        a = product(adjoint(u), gu)
        a = a - adjoint(a)
        middle = middle + (a * gap) * row(s)
        if plain(u).dtype.kind == "c":  # the phase of u and v, of which the matrix has one only
            middle = middle + a * alike(np.eye(k), u) / (row(s) * 2)
    if gv is not None:
        b = product(adjoint(v), gv)
        middle = middle + column(s) * ((b - adjoint(b)) * gap)
    out = product(product(u, _as_vectors(middle, u)), vh)
    if gu is not None and m > k:
        out = out + product((gu - product(u, product(adjoint(u), gu))) / row(s), vh)
    if gv is not None and n > k:
        out = out + product(u, adjoint((gv - product(v, product(adjoint(v), gv))) / row(s)))
    return out


svd_row = Op(
    "linalg_svd", _svd, vjps=(_svd_vjp,),
    formulas=(r"\bar{A} = U\,(\mathrm{diag}(\bar{S}) + \dots)\,V^{\mathsf{T}}",),
)  # fmt: skip
svd_row.antilinear = True


@export("linalg")
def svd(A: Any, full_matrices: bool = True, *, driver: Any = None, out: Any = None) -> Any:
    """U, S and V^T with A = U diag(S) V^T."""
    must_be_matrix("linalg.svd", A)
    must_be_float("linalg.svd", A)
    return return_type("linalg_svd")(*apply(svd_row, (A,), {"full_matrices": full_matrices}))


@export("linalg")
def svdvals(A: Any, *, driver: Any = None, out: Any = None) -> Any:
    """Singular values, descending."""
    must_be_matrix("linalg.svdvals", A)
    must_be_float("linalg.svd", A)
    return apply(svd_row, (A,), {"full_matrices": False})[1]


@export("torch method", "svd")
def svd_old(input: Any, some: bool = True, compute_uv: bool = True, *, out: Any = None) -> Any:
    """torch.svd, the older name: V instead of V^T."""
    u, s, vh = apply(svd_row, (input,), {"full_matrices": not some})
    if not compute_uv:
        m, n = input._data.shape[-2:]
        u, vh = (Tensor._of(np.zeros((*input._data.shape[:-2], k, k), input._data.dtype)) for k in (m, n))
    return return_type("svd")(u, s, vh.mH)


__all__ = ["cholesky_row", "eigh_row", "eye_as", "qr_row", "svd_row", "svdvals", "tril"]
