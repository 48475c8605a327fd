"""Matrix factorisations and what follows from them: inverse, determinant, solve, Cholesky, QR, SVD, eigenvalues.

The vjps are those of Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
differentiation" (2008), and of PyTorch's FunctionsManual.cpp where it goes further.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import LinAlgError
from ..namespace import export
from ..op import Op, apply
from ..tensor import Tensor
from .linalg import matmul
from .reshape import tril, triu
from .statistics import return_type

Array = np.ndarray[Any, Any]


def times(a: Any, b: Any) -> Any:
    """Matrix product of arrays or of tensors."""
    return np.matmul(a, b) if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) else matmul(_lift(a), _lift(b))


def turned(a: Any) -> Any:
    """The matrices transposed."""
    return np.swapaxes(a, -1, -2) if isinstance(a, np.ndarray) else a.transpose(-2, -1)


def _lift(a: Any) -> Any:
    return Tensor(a) if isinstance(a, np.ndarray) else a


def _column(g: Any) -> Any:
    """A batch of numbers as a batch of 1 x 1 matrices."""
    return g[..., None, None] if isinstance(g, np.ndarray) else g.unsqueeze(-1).unsqueeze(-1)


def _diagonal(values: Any) -> Any:
    """A batch of vectors as diagonal matrices."""
    if isinstance(values, np.ndarray):
        return values[..., None] * np.eye(values.shape[-1], dtype=values.dtype)
    return values.diag_embed()


def _part(g: Any, k: int) -> Any:
    """The cotangent of output k, None where it got none."""
    return g[k] if isinstance(g, (list, tuple)) else (g if k == 0 else None)


def _lower(a: Any, k: int = 0) -> Any:
    return np.tril(a, k) if isinstance(a, np.ndarray) else tril(a, diagonal=k)


def _upper(a: Any, k: int = 0) -> Any:
    return np.triu(a, k) if isinstance(a, np.ndarray) else triu(a, diagonal=k)


def _square(name: str, a: Any, argument: str = "A") -> None:
    x = a._data
    if x.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor {argument} must have at least 2 dimensions.")
    if x.shape[-1] != x.shape[-2]:
        raise RuntimeError(f"{name}: {argument} must be batches of square matrices, but they are {x.shape[-2]} by {x.shape[-1]} matrices")
    _floating(name, a)


def _floating(name: str, a: Any) -> None:
    if a._data.dtype.kind not in "fc" or a._data.dtype.itemsize < 4:
        raise RuntimeError(f"{name}: Expected a floating point or complex tensor as input. Got {a.dtype.scalar_name}")


def _first_zero_pivot(a: Array) -> int:
    """The (1-based) pivot at which elimination stops, as LAPACK tells it."""
    _, u, _ = _eliminate(a.reshape(-1, *a.shape[-2:])[0].astype(np.float64))
    zero = np.flatnonzero(np.diagonal(u) == 0)
    return int(zero[0]) + 1 if len(zero) else a.shape[-1]


# -- inverse, determinant, solve ------------------------------------------------------------------------------------


def _inverse(a: Array) -> Array:
    if not a.size:
        return a.copy()
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        raise LinAlgError(
            f"linalg.inv: The diagonal element {_first_zero_pivot(a)} is zero, the inversion could not be completed because the input matrix is singular."
        ) from None


inv_row = Op(
    "linalg_inv_ex", _inverse, inputs=("A",), grad_fn="LinalgInvExBackward0",
    vjps=(lambda g, result: -times(times(turned(result), g), turned(result)),),
    formulas=(r"\bar{A} = -A^{-\mathsf{T}}\,\bar{z}\,A^{-\mathsf{T}}",),
)  # fmt: skip


@export("linalg", "inv")
@export("torch method", "inverse")
def inv(A: Any, *, out: Any = None) -> Any:
    """Inverse of square matrices."""
    _square("linalg.inv", A)
    return apply(inv_row, (A,))


@export("linalg")
def inv_ex(A: Any, *, check_errors: bool = False, out: Any = None) -> Any:
    """Inverse, and 0 for each matrix that has one."""
    return return_type("linalg_inv_ex", "inverse", "info")(inv(A), Tensor(np.zeros(A._data.shape[:-2], np.int32)))


def _cofactors(a: Array) -> Array:
    """The derivative of the determinant, for singular matrices too."""
    u, s, vh = np.linalg.svd(a)
    n = a.shape[-1]
    others = np.stack([np.prod(np.delete(s, k, -1), -1) for k in range(n)], -1) if n else s
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return np.asarray(sign[..., None, None] * np.matmul(u * others[..., None, :], vh)).astype(a.dtype)


def _det_vjp(g: Any, A: Any, result: Any) -> Any:
    if isinstance(A, np.ndarray):
        return g[..., None, None] * _cofactors(A)
    return _column(g * result) * turned(inv(A))


det_row = Op(
    "linalg_det", lambda A: np.asarray(np.linalg.det(A)).astype(A.dtype), inputs=("A",), vjps=(_det_vjp,),
    formulas=(r"\bar{A} = \bar{z}\,\det(A)\,A^{-\mathsf{T}}",),
)  # fmt: skip


@export("linalg torch method")
def det(A: Any, *, out: Any = None) -> Any:
    """Determinant of square matrices."""
    _square("linalg.det", A)
    return apply(det_row, (A,))


def _slogdet(A: Array) -> tuple[Array, Array]:
    sign, size = np.linalg.slogdet(A)
    return np.asarray(sign).astype(A.dtype), np.asarray(size).astype(A.dtype)


slogdet_row = Op(
    "linalg_slogdet", _slogdet, inputs=("A",), nondiff=(0,),
    vjps=(lambda g, A: _column(_part(g, 1)) * turned(inv_row(A)),), formulas=(r"\bar{A} = \bar{z}\,A^{-\mathsf{T}}",),
)  # fmt: skip


@export("linalg", "slogdet")
def linalg_slogdet(A: Any, *, out: Any = None) -> Any:
    """Sign and logarithm of the magnitude of the determinant."""
    _square("linalg.slogdet", A)
    return return_type("linalg_slogdet", "sign", "logabsdet")(*apply(slogdet_row, (A,)))


@export("torch method")
def slogdet(input: Any) -> Any:
    """As torch.linalg.slogdet."""
    _square("linalg.slogdet", input)
    return return_type("slogdet", "sign", "logabsdet")(*apply(slogdet_row, (input,)))


@export("torch method")
def logdet(input: Any) -> Any:
    """Logarithm of the determinant, nan where that is negative."""
    _square("logdet", input)
    sign, size = apply(slogdet_row, (input,))
    return size + Tensor(np.where(sign._data < 0, math.nan, 0.0).astype(size._data.dtype)) if (sign._data < 0).any() else size


def _solve(A: Array, B: Array) -> Array:
    try:
        return np.linalg.solve(A, B)
    except np.linalg.LinAlgError:
        raise LinAlgError("torch.linalg.solve: The solver failed because the input matrix is singular.") from None


def _solve_vjp(g: Any, A: Any, result: Any, needs: Any) -> tuple[Any, Any]:
    right = solve_row(turned(A), g)
    return (-times(right, turned(result)) if needs[0] else None), right


solve_row = Op(
    "linalg_solve_ex", _solve, inputs=("A", "B"), grad_fn="LinalgSolveExBackward0", joint=_solve_vjp,
    formulas=(r"\bar{A} = -A^{-\mathsf{T}}\bar{z}\,z^{\mathsf{T}}", r"\bar{B} = A^{-\mathsf{T}}\,\bar{z}"),
)  # fmt: skip


def _batched(a: Any, b: Any) -> tuple[Any, Any]:
    """Batches broadcast against each other."""
    batch = np.broadcast_shapes(a._data.shape[:-2], b._data.shape[:-2])
    return a.expand(*batch, *a._data.shape[-2:]), b.expand(*batch, *b._data.shape[-2:])


@export("linalg")
def solve(A: Any, B: Any, *, left: bool = True, out: Any = None) -> Any:
    """The X with A X = B (X A = B where `left` is false); B may be vectors."""
    _square("linalg.solve", A)
    vector = B._data.ndim == 1 or (B._data.ndim == A._data.ndim - 1 and B._data.shape == A._data.shape[:-1])
    right = B.unsqueeze(-1) if vector else B
    if not left and not vector:
        return turned(solve(turned(A), turned(B)))
    if A._data.shape[-1] != right._data.shape[-2]:
        raise RuntimeError(
            f"linalg.solve: Incompatible shapes of A and B for the equation AX = B ({A._data.shape[-2]}x{A._data.shape[-1]} and "
            f"{right._data.shape[-2]}x{right._data.shape[-1]})"
        )
    got = apply(solve_row, _batched(A, right))
    return got.squeeze(-1) if vector else got


@export("linalg")
def solve_ex(A: Any, B: Any, *, left: bool = True, check_errors: bool = False, out: Any = None) -> Any:
    """solve, and 0 for each system that has a solution."""
    return return_type("linalg_solve_ex", "result", "info")(solve(A, B, left=left), Tensor(np.zeros(A._data.shape[:-2], np.int32)))


def _triangle(A: Array, upper: bool, unitriangular: bool) -> Array:
    part = np.triu(A) if upper else np.tril(A)
    if unitriangular:
        at = np.arange(A.shape[-1])
        part[..., at, at] = 1
    return part


def _solve_triangular(A: Array, B: Array, upper: bool, unitriangular: bool) -> Array:
    """Substitution, row by row, for all batches at once."""
    A, B = np.broadcast_to(A, (*np.broadcast_shapes(A.shape[:-2], B.shape[:-2]), *A.shape[-2:])), B
    X = np.array(np.broadcast_to(B, (*A.shape[:-2], *B.shape[-2:])))
    n = A.shape[-1]
    for i in reversed(range(n)) if upper else range(n):
        known = slice(i + 1, n) if upper else slice(0, i)
        X[..., i, :] -= np.matmul(A[..., i : i + 1, known], X[..., known, :])[..., 0, :]
        if not unitriangular:
            X[..., i, :] /= A[..., i, i, None]
    return X


def _solve_triangular_vjp(g: Any, A: Any, result: Any, needs: Any, upper: bool, unitriangular: bool) -> tuple[Any, Any]:
    right = triangular_row(turned(A), g, upper=not upper, unitriangular=unitriangular)
    if not needs[0]:
        return None, right
    outer = -times(right, turned(result))
    k = 1 if unitriangular else 0
    return (_upper(outer, k) if upper else _lower(outer, -k)), right


triangular_row = Op(
    "linalg_solve_triangular", _solve_triangular, inputs=("A", "B"), joint=_solve_triangular_vjp,
    formulas=(r"\bar{A} = -\mathrm{tri}(A^{-\mathsf{T}}\bar{z}\,z^{\mathsf{T}})", r"\bar{B} = A^{-\mathsf{T}}\,\bar{z}"),
)  # fmt: skip


@export("linalg")
def solve_triangular(A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False, out: Any = None) -> Any:
    """solve for triangular A; the other half of A is not looked at."""
    _square("linalg.solve_triangular", A)
    if not left:
        return turned(solve_triangular(turned(A), turned(B), upper=not upper, unitriangular=unitriangular))
    return apply(triangular_row, _batched(A, B), {"upper": bool(upper), "unitriangular": bool(unitriangular)})


@export("torch method")
def triangular_solve(b: Any, A: Any, upper: bool = True, transpose: bool = False, unitriangular: bool = False) -> Any:
    """The older name of solve_triangular."""
    matrix = turned(A) if transpose else A
    solution = solve_triangular(matrix, b, upper=bool(upper) != bool(transpose), unitriangular=unitriangular)
    return return_type("triangular_solve", "solution", "cloned_coefficient")(solution, A.clone())


# -- Cholesky -------------------------------------------------------------------------------------------------------


def _cholesky(A: Array, upper: bool) -> Array:
    try:
        lower = np.linalg.cholesky(A)
    except np.linalg.LinAlgError:
        order = 1
        for matrix in A.reshape(-1, *A.shape[-2:]):
            for k in range(1, len(matrix) + 1):
                if np.linalg.det(matrix[:k, :k]) <= 0:
                    order = k
                    break
        raise LinAlgError(
            f"linalg.cholesky: The factorization could not be completed because the input is not positive-definite (the leading minor of order {order} is not positive-definite)."
        ) from None
    return np.swapaxes(lower, -1, -2).copy() if upper else lower


def _cholesky_vjp(g: Any, result: Any, upper: bool) -> Any:
    L, gl = (turned(result), turned(g)) if upper else (result, g)
    inner = _lower(times(turned(L), gl))
    half = inner - _diagonal(_diagonal_of(inner)) * 0.5
    back = triangular_row(turned(L), half, upper=True, unitriangular=False)
    back = turned(triangular_row(turned(L), turned(back), upper=True, unitriangular=False))
    return (back + turned(back)) * 0.5


def _diagonal_of(a: Any) -> Any:
    return np.diagonal(a, axis1=-2, axis2=-1) if isinstance(a, np.ndarray) else a.diagonal(0, -2, -1)


cholesky_row = Op(
    "linalg_cholesky_ex", _cholesky, inputs=("A",), grad_fn="LinalgCholeskyExBackward0", vjps=(_cholesky_vjp,),
    formulas=(r"\bar{A} = L^{-\mathsf{T}}\,\Phi(L^{\mathsf{T}}\bar{L})\,L^{-1}",),
)  # fmt: skip


@export("linalg", "cholesky")
def linalg_cholesky(A: Any, *, upper: bool = False, out: Any = None) -> Any:
    """The lower (upper) triangular L with A = L L^T."""
    _square("linalg.cholesky", A)
    return apply(cholesky_row, (A,), {"upper": bool(upper)})


@export("torch method")
def cholesky(input: Any, upper: bool = False, *, out: Any = None) -> Any:
    """As torch.linalg.cholesky."""
    return linalg_cholesky(input, upper=upper)


@export("linalg")
def cholesky_ex(A: Any, *, upper: bool = False, check_errors: bool = False, out: Any = None) -> Any:
    """cholesky, and 0 for each matrix that has one."""
    return return_type("linalg_cholesky_ex", "L", "info")(linalg_cholesky(A, upper=upper), Tensor(np.zeros(A._data.shape[:-2], np.int32)))


@export("torch method")
def cholesky_inverse(L: Any, upper: bool = False, *, out: Any = None) -> Any:
    """The inverse of the matrix whose factor is given."""
    return inv(times(turned(L), L) if upper else times(L, turned(L))) if L._data.size else L.clone()


@export("torch method")
def cholesky_solve(B: Any, L: Any, upper: bool = False, *, out: Any = None) -> Any:
    """Solve with the matrix whose factor is given."""
    first = solve_triangular(turned(L) if upper else L, B, upper=False)
    return solve_triangular(L if upper else turned(L), first, upper=True)


# -- QR -------------------------------------------------------------------------------------------------------------


def _qr(A: Array, mode: str) -> tuple[Array, Array]:
    if mode == "r":
        r = np.linalg.qr(A, "r")
        return np.zeros((0,), A.dtype), r
    q, r = np.linalg.qr(A, mode)
    return q, r


def _qr_vjp(g: Any, A: Any, node: Any, mode: str) -> Any:
    q, r = _qr(A, "reduced") if isinstance(A, np.ndarray) else apply(qr_row, (A,), {"mode": "reduced"})
    gq, gr = _part(g, 0), _part(g, 1)
    rows, columns = A.shape[-2:]
    if mode == "complete" and rows > columns:
        raise RuntimeError("The QR decomposition is not differentiable when mode='complete' and nrows > ncols")
    gq = q * 0 if gq is None else gq
    gr = r * 0 if gr is None else gr
    if rows >= columns:
        return _tall(q, r, gq, gr)
    square, rest = r[..., :rows], r[..., rows:]
    del rest
    g_square, g_rest = gr[..., :rows], gr[..., rows:]
    y = A[..., rows:]
    left = _tall(q, square, gq + times(y, turned(g_rest)), g_square)
    right = times(q, g_rest)
    if isinstance(left, np.ndarray):
        return np.concatenate([left, right], -1)
    from .join import cat_

    return cat_([left, right], -1)


def _tall(q: Any, r: Any, gq: Any, gr: Any) -> Any:
    m = times(r, turned(gr)) - times(turned(gq), q)
    lower = _lower(m, -1)
    both = lower + turned(lower) + _diagonal(_diagonal_of(m))
    inner = gq + times(q, both)
    return turned(triangular_row(r, turned(inner), upper=True, unitriangular=False))


qr_row = Op("linalg_qr", _qr, inputs=("A",), vjps=(_qr_vjp,), formulas=(r"\bar{A} = (\bar{Q} + Q\,\mathrm{copyltu}(M))R^{-\mathsf{T}}",))


@export("linalg", "qr")
def linalg_qr(A: Any, mode: str = "reduced", *, out: Any = None) -> Any:
    """Q with orthonormal columns and upper triangular R."""
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'")
    if A._data.ndim < 2:
        raise RuntimeError("linalg.qr: The input tensor A must have at least 2 dimensions.")
    if mode == "r" and A._requires_grad:
        from .. import modes

        if modes.grad:
            raise RuntimeError(
                "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if you are going to require gradients"
            )
    return return_type("linalg_qr", "Q", "R")(*apply(qr_row, (A,), {"mode": mode}))


@export("torch method")
def qr(input: Any, some: bool = True, *, out: Any = None) -> Any:
    """The older name of torch.linalg.qr."""
    return return_type("qr", "Q", "R")(*linalg_qr(input, "reduced" if some else "complete"))


# -- singular values, eigenvalues -----------------------------------------------------------------------------------


def _svd(A: Array, full: bool) -> tuple[Array, Array, Array]:
    u, s, vh = np.linalg.svd(A, full_matrices=full)
    return u, s, vh


def _svd_vjp(g: Any, A: Any, full: bool) -> Any:
    u, s, vh = _svd(A, False) if isinstance(A, np.ndarray) else apply(svd_row, (A,), {"full": False})
    gu, gs, gvh = (_part(g, k) for k in range(3))
    k = s.shape[-1]
    inner = _diagonal(gs) if gs is not None else None
    if gu is not None or gvh is not None:
        gap = s[..., None, :] ** 2 - s[..., :, None] ** 2 if isinstance(s, np.ndarray) else (s * s).unsqueeze(-2) - (s * s).unsqueeze(-1)
        eye = np.eye(k, dtype=A.dtype if isinstance(A, np.ndarray) else A._data.dtype)
        one = eye if isinstance(A, np.ndarray) else Tensor(eye)
        f = (1 - one) / (gap + one)
        row, column = (s[..., None, :], s[..., :, None]) if isinstance(s, np.ndarray) else (s.unsqueeze(-2), s.unsqueeze(-1))
        if gu is not None:
            skew = times(turned(u), gu[..., :k])
            part = f * (skew - turned(skew)) * row
            inner = part if inner is None else inner + part
        if gvh is not None:
            skew = times(vh, turned(gvh[..., :k, :]))
            part = column * (f * (skew - turned(skew)))
            inner = part if inner is None else inner + part
    got = times(times(u, inner), vh)
    rows, columns = A.shape[-2:]
    if gu is not None and rows > k:
        free = gu[..., :k] / (s[..., None, :] if isinstance(s, np.ndarray) else s.unsqueeze(-2))
        got = got + times(free - times(u, times(turned(u), free)), vh)
    if gvh is not None and columns > k:
        free = gvh[..., :k, :] / (s[..., :, None] if isinstance(s, np.ndarray) else s.unsqueeze(-1))
        got = got + times(u, free - times(times(free, turned(vh)), vh))
    return got


svd_row = Op("linalg_svd", _svd, inputs=("A",), vjps=(_svd_vjp,), formulas=(r"\bar{A} = U(\ldots)V^{\mathsf{T}}",))


@export("linalg", "svd")
def linalg_svd(A: Any, full_matrices: bool = True, *, driver: Any = None, out: Any = None) -> Any:
    """U, singular values, V^T."""
    if A._data.ndim < 2:
        raise RuntimeError("linalg.svd: The input tensor A must have at least 2 dimensions.")
    return return_type("linalg_svd", "U", "S", "Vh")(*apply(svd_row, (A,), {"full": bool(full_matrices)}))


@export("torch method")
def svd(input: Any, some: bool = True, compute_uv: bool = True, *, out: Any = None) -> Any:
    """The older torch.svd: U, S, V."""
    u, s, vh = linalg_svd(input, not some)
    return return_type("svd", "U", "S", "V")(u, s, turned(vh))


@export("linalg")
def svdvals(A: Any, *, driver: Any = None, out: Any = None) -> Any:
    """The singular values, largest first."""
    if A._data.ndim < 2:
        raise RuntimeError("linalg.svdvals: The input tensor A must have at least 2 dimensions.")
    return apply(svd_row, (A,), {"full": False})[1]


def _eigh(A: Array, UPLO: str) -> tuple[Array, Array]:
    w, v = np.linalg.eigh(A, UPLO)
    return w, v


def _eigh_vjp(g: Any, A: Any, UPLO: str) -> Any:
    w, v = _eigh(A, UPLO) if isinstance(A, np.ndarray) else apply(eigh_row, (A,), {"UPLO": UPLO})
    gw, gv = _part(g, 0), _part(g, 1)
    inner = _diagonal(gw) if gw is not None else None
    if gv is not None:
        plain = isinstance(w, np.ndarray)
        gap = w[..., None, :] - w[..., :, None] if plain else w.unsqueeze(-2) - w.unsqueeze(-1)
        eye = np.eye(A.shape[-1], dtype=A.dtype if plain else A._data.dtype)
        one = eye if plain else Tensor(eye)
        part = times(turned(v), gv) * (1 - one) / (gap + one)
        inner = part if inner is None else inner + part
    return times(times(v, inner), turned(v))


eigh_row = Op(
    "linalg_eigh", _eigh, inputs=("A",), vjps=(_eigh_vjp,), formulas=(r"\bar{A} = V(\mathrm{diag}(\bar{w}) + \ldots)V^{\mathsf{T}}",)
)


@export("linalg")
def eigh(A: Any, UPLO: str = "L", *, out: Any = None) -> Any:
    """Eigenvalues (ascending) and eigenvectors of symmetric matrices."""
    _square("linalg.eigh", A)
    return return_type("linalg_eigh", "eigenvalues", "eigenvectors")(*apply(eigh_row, (A,), {"UPLO": UPLO.upper()}))


@export("linalg")
def eigvalsh(A: Any, UPLO: str = "L", *, out: Any = None) -> Any:
    """Eigenvalues of symmetric matrices."""
    _square("linalg.eigvalsh", A)
    return apply(eigh_row, (A,), {"UPLO": UPLO.upper()})[0]


def _pinv(A: Array, atol: Any, rtol: Any, hermitian: bool) -> Array:
    if not A.size:
        return np.zeros((*A.shape[:-2], A.shape[-1], A.shape[-2]), A.dtype)
    u, s, vh = np.linalg.svd(A, full_matrices=False)
    relative = (
        rtol
        if rtol is not None
        else (0.0 if atol is not None and np.any(np.asarray(atol) > 0) else max(A.shape[-2:]) * np.finfo(A.dtype).eps)
    )
    top = s.max(-1, keepdims=True)
    bound = np.maximum(np.asarray(0.0 if atol is None else atol)[..., None], np.asarray(relative)[..., None] * top)
    inverse = np.where(s > bound, 1 / np.where(s > bound, s, 1), 0).astype(A.dtype)
    return np.matmul(np.swapaxes(vh, -1, -2) * inverse[..., None, :], np.swapaxes(u, -1, -2))


def _pinv_vjp(g: Any, A: Any, result: Any) -> Any:
    p, gh, ph = result, turned(g), turned(result)
    rows, columns = A.shape[-2:]
    if rows <= columns:
        k = times(gh, p)
        kp = times(k, ph)
        return -turned(times(p, k)) + kp - times(times(A, p), kp) + times(times(ph, p), gh - times(k, A))
    k = times(p, gh)
    pk = times(ph, k)
    return -turned(times(k, p)) + times(times(gh - times(A, k), p), ph) + pk - times(times(pk, p), A)


pinv_row = Op(
    "linalg_pinv", _pinv, inputs=("A",), vjps=(_pinv_vjp,), formulas=(r"\bar{A} = -A^{+\mathsf{T}}\bar{z}A^{+\mathsf{T}} + \ldots",)
)


@export("linalg")
def pinv(A: Any, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None, out: Any = None) -> Any:
    """Moore-Penrose inverse."""
    _floating("linalg.pinv", A)
    if A._data.ndim < 2:
        raise RuntimeError("linalg.pinv: The input tensor A must have at least 2 dimensions.")
    return apply(pinv_row, (A,), {"atol": _number(atol), "rtol": _number(rtol if rtol is not None else rcond), "hermitian": hermitian})


@export("torch method", "pinverse")
def pinverse(input: Any, rcond: float = 1e-15) -> Any:
    """The older name of pinv."""
    return pinv(input, rtol=rcond)


def _number(x: Any) -> Any:
    return x._data if isinstance(x, Tensor) else x


@export("linalg")
def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None, out: Any = None) -> Any:
    """How many singular values are above the tolerance."""
    s = np.linalg.svd(A._data, compute_uv=False) if A._data.size else np.zeros((*A._data.shape[:-2], 0))
    atol, rtol = _number(tol if tol is not None else atol), _number(rtol)
    relative = rtol if rtol is not None else (0.0 if atol is not None else max(A._data.shape[-2:]) * np.finfo(A._data.dtype).eps)
    top = s.max(-1, keepdims=True) if s.shape[-1] else np.zeros((*s.shape[:-1], 1))
    bound = np.maximum(np.asarray(0.0 if atol is None else atol)[..., None], np.asarray(relative)[..., None] * top)
    return Tensor(np.asarray((s > bound).sum(-1), np.int64))


@export("linalg")
def cond(A: Any, p: Any = None, *, out: Any = None) -> Any:
    """Condition number in a norm; by default the ratio of the singular values."""
    from .norms import matrix_norm

    if p is None or p in (2, -2):
        s = svdvals(A)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return matrix_norm(A, p) * matrix_norm(inv(A), p)


# -- LU -------------------------------------------------------------------------------------------------------------


def _eliminate(a: Array) -> tuple[Array, Array, Array]:
    """(L, U, order of the rows) of one matrix, with partial pivoting."""
    u, rows, columns = a.copy(), *a.shape
    order = np.arange(rows)
    lower = np.zeros((rows, min(rows, columns)), a.dtype)
    for k in range(min(rows, columns)):
        top = k + int(np.argmax(np.abs(u[k:, k])))
        if top != k:
            u[[k, top]], order[[k, top]], lower[[k, top]] = u[[top, k]], order[[top, k]], lower[[top, k]]
        if u[k, k] != 0:
            factors = u[k + 1 :, k] / u[k, k]
            lower[k + 1 :, k] = factors
            u[k + 1 :] -= factors[:, None] * u[k]
            u[k + 1 :, k] = 0
        lower[k, k] = 1
    return lower, u[: min(rows, columns)], order


def _lu(A: Array) -> tuple[Array, Array, Array]:
    rows, columns = A.shape[-2:]
    flat = A.reshape(-1, rows, columns)
    k = min(rows, columns)
    p, low, up = (
        np.zeros((len(flat), rows, rows), A.dtype),
        np.zeros((len(flat), rows, k), A.dtype),
        np.zeros((len(flat), k, columns), A.dtype),
    )
    for n, matrix in enumerate(flat):
        low[n], up[n], order = _eliminate(matrix)
        p[n, order, np.arange(rows)] = 1
    batch = A.shape[:-2]
    return p.reshape(*batch, rows, rows), low.reshape(*batch, rows, k), up.reshape(*batch, k, columns)


def _lu_vjp(g: Any, A: Any) -> Any:
    p, low, up = _lu(A) if isinstance(A, np.ndarray) else apply(lu_row, (A,))
    gl, gu = _part(g, 1), _part(g, 2)
    rows, columns = A.shape[-2:]
    k = min(rows, columns)
    gl = low * 0 if gl is None else gl
    gu = up * 0 if gu is None else gu
    l1, u1 = low[..., :k, :], up[..., :, :k]
    if rows == columns:
        inner = _lower(times(turned(low), gl), -1) + _upper(times(gu, turned(up)))
    elif rows < columns:
        rest_u, rest_g = up[..., :, k:], gu[..., :, k:]
        inner = _lower(times(turned(low), gl) - times(rest_g, turned(rest_u)), -1) + _upper(times(gu[..., :, :k], turned(u1)))
    else:
        rest_l, rest_g = low[..., k:, :], gl[..., k:, :]
        inner = _lower(times(turned(l1), gl[..., :k, :]), -1) + _upper(times(gu, turned(up)) - times(turned(rest_l), rest_g))
    core = triangular_row(turned(l1), inner, upper=True, unitriangular=True)
    core = turned(triangular_row(u1, turned(core), upper=True, unitriangular=False))
    if rows < columns:
        right = triangular_row(turned(low), gu[..., :, k:], upper=True, unitriangular=True)
        core = np.concatenate([core, right], -1) if isinstance(core, np.ndarray) else _cat([core, right], -1)
    elif rows > columns:
        below = turned(triangular_row(u1, turned(gl[..., k:, :]), upper=True, unitriangular=False))
        core = np.concatenate([core, below], -2) if isinstance(core, np.ndarray) else _cat([core, below], -2)
    return times(p, core)


def _cat(parts: list[Any], dim: int) -> Any:
    from .join import cat_

    return cat_(parts, dim)


lu_row = Op(
    "linalg_lu", _lu, inputs=("A",), nondiff=(0,), vjps=(_lu_vjp,), formulas=(r"\bar{A} = P\,L^{-\mathsf{T}}(\ldots)U^{-\mathsf{T}}",)
)


@export("linalg", "lu")
def linalg_lu(A: Any, *, pivot: bool = True, out: Any = None) -> Any:
    """P, L, U with A = P L U."""
    if A._data.ndim < 2:
        raise RuntimeError("linalg.lu: Expected tensor with 2 or more dimensions. Got size: " + str(list(A._data.shape)) + " instead")
    return return_type("linalg_lu", "P", "L", "U")(*apply(lu_row, (A,)))


def _packed(A: Any) -> tuple[Any, Any]:
    """L and U in one matrix, and LAPACK's pivots (1-based)."""
    p, low, up = apply(lu_row, (A,))
    rows, columns = A._data.shape[-2:]
    wide, tall = max(0, columns - rows), max(0, rows - columns)
    lower = tril(low, diagonal=-1)
    if wide:
        lower = _cat([lower, Tensor(np.zeros((*A._data.shape[:-2], rows, wide), A._data.dtype))], -1)
    upper = up if not tall else _cat([up, Tensor(np.zeros((*A._data.shape[:-2], tall, columns), A._data.dtype))], -2)
    order = np.argmax(p._data, axis=-2)
    pivots = np.zeros((*order.shape[:-1], min(rows, columns)), np.int32)
    for at in np.ndindex(order.shape[:-1]):
        now = list(range(rows))
        for k in range(min(rows, columns)):
            other = now.index(int(order[at][k]))
            pivots[at][k] = other + 1
            now[k], now[other] = now[other], now[k]
    return lower + upper, Tensor(pivots)


@export("linalg")
def lu_factor(A: Any, *, pivot: bool = True, out: Any = None) -> Any:
    """L and U packed, and the pivots."""
    return return_type("linalg_lu_factor", "LU", "pivots")(*_packed(A))


@export("torch method", "lu")
def lu(self: Any, pivot: bool = True, get_infos: bool = False, *, out: Any = None) -> Any:
    """The older name of lu_factor."""
    found = _packed(self)
    return (*found, Tensor(np.zeros(self._data.shape[:-2], np.int32))) if get_infos else found


def _permutation(pivots: Array, rows: int, dtype: Any) -> Array:
    p = np.zeros((*pivots.shape[:-1], rows, rows), dtype)
    for at in np.ndindex(pivots.shape[:-1]):
        now = list(range(rows))
        for k, other in enumerate(pivots[at].tolist()):
            now[k], now[other - 1] = now[other - 1], now[k]
        p[(*at, now, np.arange(rows))] = 1
    return p


@export("torch")
def lu_unpack(LU_data: Any, LU_pivots: Any, unpack_data: bool = True, unpack_pivots: bool = True, *, out: Any = None) -> Any:
    """P, L, U of what lu_factor packed."""
    rows, columns = LU_data._data.shape[-2:]
    k = min(rows, columns)
    p = Tensor(_permutation(LU_pivots._data, rows, LU_data._data.dtype)) if unpack_pivots else Tensor(np.zeros(0, LU_data._data.dtype))
    if not unpack_data:
        empty = Tensor(np.zeros(0, LU_data._data.dtype))
        return return_type("lu_unpack", "P", "L", "U")(p, empty, empty)
    eye = Tensor(np.eye(rows, k, dtype=LU_data._data.dtype))
    return return_type("lu_unpack", "P", "L", "U")(p, tril(LU_data[..., :, :k], diagonal=-1) + eye, triu(LU_data[..., :k, :], diagonal=0))


@export("linalg", "lu_solve")
def linalg_lu_solve(LU: Any, pivots: Any, B: Any, *, left: bool = True, adjoint: bool = False, out: Any = None) -> Any:
    """Solve with what lu_factor packed."""
    p, low, up = lu_unpack(LU, pivots)
    matrix = matmul(matmul(p, low), up)
    return solve(turned(matrix) if adjoint else matrix, B, left=left)


@export("torch method")
def lu_solve(b: Any, LU_data: Any, LU_pivots: Any, *, out: Any = None) -> Any:
    """The older argument order of torch.linalg.lu_solve."""
    return linalg_lu_solve(LU_data, LU_pivots, b)


__all__ = [
    "cholesky_row",
    "det_row",
    "eigh_row",
    "inv_row",
    "lu_row",
    "pinv_row",
    "qr_row",
    "slogdet_row",
    "solve_row",
    "svd_row",
    "triangular_row",
]
