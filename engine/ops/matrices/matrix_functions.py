"""torch.linalg's functions of whole matrices: pseudo-inverse, powers, exponential, rank, cross products, tensors as matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...arrays.arithmetic import in_rows
from ...errors import sizes
from ...modes import warn, warn_once
from ...naming.namespace import LINALG, export
from ...naming.rows import into
from ...op import Op, apply
from ...tensor import Tensor
from ..reductions.norms import matrix_norm
from ..reductions.reduce import dims
from ..reductions.statistics import return_type
from ..views.join import cat_, stack
from ..views.reshape import diagonal_, one_dim
from ..views.shape import view
from .factorization import eigh_row, singular, svd_row
from .linalg import matmul
from .matrix import LinAlgError, adjoint, must_be_float, must_be_matrix, must_be_square, plain, product, tr
from .solving import inv

LINALG["LinAlgError"] = LinAlgError
export("linalg", "diagonal")(lambda A, *, offset=0, dim1=-2, dim2=-1: diagonal_(A, offset, dim1, dim2))
export("linalg", "matmul")(lambda input, other, *, out=None: matmul(input, other, out=out))

# -- pseudo-inverse ------------------------------------------------------------------------------------------


def _number(x: Any) -> Any:
    return plain(x) if isinstance(x, (Tensor, np.ndarray)) else np.asarray(x)


def _cut(x: Any, largest: Any, atol: Any, rtol: Any) -> Any:
    """The tolerance below which a singular value counts as zero: max(atol, rtol * largest)."""
    low = np.asarray(0.0) if atol is None else _number(atol)
    if rtol is None:
        usual = max(x.shape[-2:]) * np.finfo(x.dtype).eps
        relative = np.asarray(usual) if atol is None else np.where(low > 0, 0.0, usual)
    else:
        relative = _number(rtol)
    return np.maximum(low, relative * largest)


def _pinv(x: Any, atol: Any = None, rtol: Any = None, hermitian: bool = False) -> Any:
    m, n = x.shape[-2:]
    if not x.size:
        return np.zeros((*x.shape[:-2], n, m), x.dtype)
    if hermitian:
        values, vectors = np.linalg.eigh(x)
        size = np.abs(values)
        keep = size > np.expand_dims(_cut(x, size.max(-1), atol, rtol), -1)
        inverse = np.where(keep, 1 / np.where(keep, values, 1), 0).astype(x.dtype)
        return (vectors * inverse[..., None, :]) @ adjoint(vectors)
    u, s, vh = singular(x, False)
    keep = s > np.expand_dims(_cut(x, s.max(-1), atol, rtol), -1)
    inverse = np.where(keep, 1 / np.where(keep, s, 1), 0).astype(x.dtype)
    return (adjoint(vh) * inverse[..., None, :]) @ adjoint(u)


def _pinv_vjp(g: Any, x: Any, result: Any) -> Any:
    """FunctionsManual.cpp, pinv_backward."""
    m, n = x.shape[-2:]
    th, gh = adjoint(result), adjoint(g)
    if m <= n:
        k = product(gh, result)
        kt = product(k, th)
        return -adjoint(product(result, k)) + kt - product(product(x, result), kt) + product(product(th, result), gh - product(k, x))
    k = product(result, gh)
    tk = product(th, k)
    return -adjoint(product(k, result)) + product(product(gh - product(x, k), result), th) + tk - product(product(tk, result), x)


pinv_row = Op(
    "linalg_pinv", _pinv, vjps=(_pinv_vjp,),
    formulas=(r"\bar{A} = -(A^{+}\bar{B}^{\mathsf{T}}A^{+})^{\mathsf{T}} + \dots",),
)  # fmt: skip
pinv_row.antilinear = True


@export("linalg")
def pinv(A: Any, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None, out: Any = None) -> Any:
    """The pseudo-inverse of Moore and Penrose."""
    if A._data.ndim < 2 or A._data.dtype.kind not in "fcV":
        raise RuntimeError(
            f"linalg.pinv({A.dtype.scalar_name}{{{sizes(A._data.shape)}}}): expected a tensor with 2 or more dimensions of float, double, "
            "cfloat or cdouble types"
        )
    must_be_float("linalg.pinv", A)
    if hermitian:
        must_be_square("linalg.eigh", A)
    given = {"atol": atol, "rtol": rtol if rcond is None else rcond, "hermitian": hermitian}
    return into(out, apply(pinv_row, (A,), given), "linalg_pinv")


export("torch method", "pinverse")(lambda input, rcond=1e-15: pinv(input, rcond))


@export("linalg")
def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None, out: Any = None) -> Any:
    """How many singular values are not zero, within a tolerance."""
    must_be_matrix("torch.linalg.matrix_rank", A, "input")
    x = A._data
    if x.dtype.kind not in "fcV":
        raise RuntimeError("This function doesn't handle types other than float and double")
    if hermitian:
        must_be_square("linalg.eigh", A)
    if not x.size:
        return Tensor._of(np.zeros(x.shape[:-2], np.int64))
    s = np.abs(np.linalg.eigvalsh(x)) if hermitian else singular(x, False)[1]
    cut = _cut(x, s.max(-1), atol, rtol) if tol is None else _number(tol)
    return Tensor._of(np.asarray((s > np.expand_dims(cut, -1)).sum(-1), np.int64))


def _least_squares(A: Any, b: Any, rcond: Any, vector: bool) -> Any:
    x = _pinv(A, atol=None, rtol=rcond, hermitian=False) @ (b[..., None] if vector else b)
    return x[..., 0] if vector else x


def _inverse_of(A: Any, rcond: Any) -> Any:
    return pinv_row(A, atol=None, rtol=rcond, hermitian=False)


def _lstsq_matrix_vjp(g: Any, A: Any, b: Any, rcond: Any, vector: bool) -> Any:
    """FunctionsManual.cpp, linalg_lstsq_backward."""
    if vector:
        g, b = g[..., None], b[..., None]
    return _pinv_vjp(product(g, adjoint(b)), A, _inverse_of(A, rcond))


def _lstsq_other_vjp(g: Any, A: Any, rcond: Any, vector: bool) -> Any:
    back = product(adjoint(_inverse_of(A, rcond)), g[..., None] if vector else g)
    return back[..., 0] if vector else back


lstsq_row = Op(
    "linalg_lstsq", _least_squares, inputs=("A", "b"), vjps=(_lstsq_matrix_vjp, _lstsq_other_vjp),
    formulas=(r"\bar{A} = \overline{A^{+}}(\bar{X}B^{\mathsf{T}})", r"\bar{B} = (A^{+})^{\mathsf{T}}\bar{X}"),
)  # fmt: skip
lstsq_row.antilinear = True


@export("linalg")
def lstsq(A: Any, B: Any, rcond: Any = None, *, driver: Any = None) -> Any:
    """The X for which the norm of A X - B is smallest."""
    if A._data.ndim < 2:
        raise RuntimeError("torch.linalg.lstsq: input must have at least 2 dimensions.")
    if not B._data.ndim:
        raise RuntimeError("torch.linalg.lstsq: other must have at least 1 dimension.")
    if not 0 <= A._data.ndim - B._data.ndim <= 1:
        raise RuntimeError("torch.linalg.lstsq: input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1")
    m, n = A._data.shape[-2:]
    vector = B._data.ndim == 1 or (A._data.ndim - 1 == B._data.ndim and B._data.shape == A._data.shape[:-1])
    b = B.unsqueeze(-1) if vector else B
    if b._data.shape[-2] != m:
        raise RuntimeError("torch.linalg.lstsq: input.size(-2) should match other.size(-" + ("1)" if vector else "2)"))
    if A._data.dtype.kind not in "fcV":
        raise RuntimeError("This function doesn't handle types other than float and double")
    x = apply(lstsq_row, (A, B), {"rcond": rcond, "vector": vector})
    rank = matrix_rank(A) if driver != "gels" else Tensor._of(np.zeros(0, np.int64))
    full = m > n and driver not in (None, "gelsy") and bool((rank._data == n).all())
    missing = Tensor._of(np.zeros(0, A._data.dtype))
    residuals = (apply(product, (A, x.unsqueeze(-1) if vector else x)) - b).square().sum(-2) if full else missing
    values = Tensor._of(singular(A._data, False)[1]) if driver in ("gelss", "gelsd") else missing
    return return_type("linalg_lstsq")(x, residuals, rank, values)


@export("linalg")
def cond(A: Any, p: Any = None, *, out: Any = None) -> Any:
    """The condition number: how much relative errors may grow."""
    must_be_matrix("linalg.cond", A, "")
    if p in (None, 2, -2):
        must_be_float("linalg.svd", A)
        s = apply(svd_row, (A,), {"full_matrices": False})[1]
        if not s._data.shape[-1]:
            return Tensor._of(np.zeros(s._data.shape[:-1], s._data.dtype))
        first, last = s.narrow(-1, 0, 1), s.narrow(-1, s._data.shape[-1] - 1, 1)
        return (last / first if p == -2 else first / last).squeeze(-1)
    must_be_square("linalg.cond", A)
    inverse = LINALG["inv_ex"](A)[0]
    return matrix_norm(A, p) * matrix_norm(inverse, p)


# -- powers and the exponential ---------------------------------------------------------------------------------


@export("torch method linalg")
def matrix_power(A: Any, n: int, *, out: Any = None) -> Any:
    """A multiplied with itself n times, by squaring; negative n through the inverse."""
    must_be_square("linalg.matrix_power", A)
    if n == 0:
        return A.clone().copy_(Tensor._of(np.eye(A._data.shape[-1], dtype=A._data.dtype)))
    x, power = (inv(A), -n) if n < 0 else (A, n)
    if n == 1:
        return x.clone()
    result = None
    while power:
        if power & 1:
            result = x if result is None else matmul(result, x)
        power >>= 1
        if power:
            x = matmul(x, x)
    return result


_PADE = (64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0, 10559470521600.0,
         670442572800.0, 33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0, 1.0)  # fmt: skip


def _exponential(x: Any) -> Any:
    """Scaling, the Padé approximant of order 13, and squaring (Higham 2005), in float64."""
    a = x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)
    if not a.size:
        return x.copy()
    largest = float(np.abs(a).sum(-2).max())
    squarings = max(0, math.ceil(math.log2(largest / 5.37))) if largest > 5.37 and math.isfinite(largest) else 0
    a = a / 2**squarings
    b, eye = _PADE, np.eye(a.shape[-1])
    a2 = a @ a
    a4 = a2 @ a2
    a6 = a4 @ a2
    u = a @ (a6 @ (b[13] * a6 + b[11] * a4 + b[9] * a2) + b[7] * a6 + b[5] * a4 + b[3] * a2 + b[1] * eye)
    v = a6 @ (b[12] * a6 + b[10] * a4 + b[8] * a2) + b[6] * a6 + b[4] * a4 + b[2] * a2 + b[0] * eye
    out = np.linalg.solve(v - u, v + u)
    for _ in range(squarings):
        out = out @ out
    return out.astype(x.dtype)


def _exponential_vjp(g: Any, x: Any) -> Any:
    """The upper right block of exp([[A^T, G], [0, A^T]])."""
    from ..views.join import cat

    t, n = tr(x), x.shape[-1]
    whole = cat([cat([t, g], dim=t.ndim - 1), cat([t * 0, t], dim=t.ndim - 1)], dim=t.ndim - 2)
    return matrix_exp_row(whole)[..., :n, n:]


matrix_exp_row = Op(
    "linalg_matrix_exp", _exponential, vjps=(_exponential_vjp,),
    formulas=(r"\bar{A} = \exp\begin{pmatrix}A^{\mathsf{T}} & \bar{B}\\ 0 & A^{\mathsf{T}}\end{pmatrix}_{12}",),
)  # fmt: skip


@export("torch method linalg", "matrix_exp")
def matrix_exp(input: Any) -> Any:
    """The sum of A^k / k!."""
    must_be_square("linalg.matrix_exp", input)
    must_be_float("linalg.matrix_exp", input)
    return apply(matrix_exp_row, (input,))


# -- products ---------------------------------------------------------------------------------------------------


def _cross(x: Any, y: Any, dim: int) -> Any:
    x, y = np.broadcast_arrays(x, y)
    return in_rows(np.cross(x, y, axis=dim))


cross_row = Op(
    "linalg_cross", _cross, inputs=("x", "y"), promote="same",
    vjps=(lambda g, y, dim: cross_row(y, g, dim=dim), lambda g, x, dim: cross_row(g, x, dim=dim)),
    formulas=(r"\bar{x} = y \times \bar{z}", r"\bar{y} = \bar{z} \times x"),
)  # fmt: skip


@export("linalg", "cross")
def linalg_cross(input: Any, other: Any, *, dim: int = -1, out: Any = None) -> Any:
    """The cross product of 3-vectors along a dimension."""
    a, b = input._data, other._data
    if a.ndim != b.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    if not a.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    d = one_dim(dim, a.ndim)
    if a.shape[d] != 3 or b.shape[d] != 3:
        raise RuntimeError(f"linalg.cross: inputs dimension {dim} must have length 3. Got {a.shape[d]} and {b.shape[d]}")
    if a.dtype is not b.dtype:
        raise RuntimeError(f"expected scalar type {input.dtype.scalar_name} but found {other.dtype.scalar_name}")
    return into(out, apply(cross_row, (input, other), {"dim": d - a.ndim}), "linalg_cross")


@export("torch method", "cross")
def cross(input: Any, other: Any, dim: int | None = None, *, out: Any = None) -> Any:
    """The cross product; without a dimension along the first one of size 3."""
    if dim is None:
        warn(
            "Using torch.cross without specifying the dim arg is deprecated.\nPlease either pass the dim explicitly or simply use "
            "torch.linalg.cross.\nThe default value of dim will change to agree with that of linalg.cross in a future release. (Triggered "
            "internally at /__w/pytorch/pytorch/aten/src/ATen/native/Cross.cpp:63.)"
        )
        found = [k for k, n in enumerate(input._data.shape) if n == 3]
        if not found:
            raise RuntimeError("no dimension of size 3 in input")
        dim = found[0]
    return linalg_cross(input, other, dim=dim, out=out)


@export("linalg")
def vecdot(x: Any, y: Any, *, dim: int = -1, out: Any = None) -> Any:
    """Inner products of vectors along a dimension."""
    if x._data.dtype.kind not in "fcV":
        raise RuntimeError(f"linalg.vecdot: Expected a floating point or complex tensor as input. Got {x.dtype.scalar_name}")
    if x.dtype is not y.dtype:
        raise RuntimeError(
            f"linalg.vecdot: Expected x and y to have the same dtype, but found x of type {x.dtype.scalar_name} and y of type "
            f"{y.dtype.scalar_name} instead"
        )
    if x._data.ndim == y._data.ndim == 1:
        return into(out, x.vdot(y), "linalg_vecdot")
    return into(out, ((x.conj() if x._data.dtype.kind == "c" else x) * y).sum(dim), "linalg_vecdot")


@export("linalg")
def multi_dot(tensors: Any, *, out: Any = None) -> Any:
    """The product of several matrices, in the order that costs least."""
    given = list(tensors)
    if len(given) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(given)}")
    first, last = given[0]._data.ndim, given[-1]._data.ndim
    for k, t in enumerate(given):
        if 0 < k < len(given) - 1 and t._data.ndim != 2:
            raise RuntimeError(f"multi_dot(): tensor {k} must be 2D but got {t._data.ndim}D")
    for name, n in (("first", first), ("last", last)):
        if n not in (1, 2):
            raise RuntimeError(f"multi_dot(): the {name} tensor must be 1D or 2D but got {n}D")
    for k, t in enumerate(given):
        if t._data.dtype is not given[0]._data.dtype:
            have, want = t.dtype.c_name, given[0].dtype.c_name
            raise RuntimeError(f"multi_dot(): all tensors must have be the same dtype but tensor 0 is {want} and tensor {k} {have}")
    for k in range(len(given) - 1):
        a, b = given[k]._data.shape, given[k + 1]._data.shape
        if a[-1] != b[0]:
            raise RuntimeError(f"multi_dot(): tensors {k} and {k + 1} with shapes {sizes(a)} and {sizes(b)} cannot be multiplied")
    if first == 1:
        given[0] = given[0].unsqueeze(0)
    if last == 1:
        given[-1] = given[-1].unsqueeze(1)
    result = _chain(given)
    rows, cols = result._data.shape
    size = ((rows,) if first == 2 else ()) + ((cols,) if last == 2 else ())
    return into(out, apply(view, (result,), {"size": size}), "multi_dot")


def _chain(given: list[Any]) -> Any:
    """Matrix chain multiplication (Cormen et al., 15.2)."""
    n = len(given)
    size = [given[0]._data.shape[0], *(t._data.shape[1] for t in given)]
    cost = [[0] * n for _ in range(n)]
    cut = [[0] * n for _ in range(n)]
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            cost[i][j], cut[i][j] = min((cost[i][k] + cost[k + 1][j] + size[i] * size[k + 1] * size[j + 1], k) for k in range(i, j))

    def multiplied(i: int, j: int) -> Any:
        return given[i] if i == j else matmul(multiplied(i, cut[i][j]), multiplied(cut[i][j] + 1, j))

    return multiplied(0, n - 1)


_CHAIN = (
    "torch.chain_matmul is deprecated and will be removed in a future PyTorch release. Use torch.linalg.multi_dot instead, which accepts a "
    "list of two or more tensors rather than multiple parameters. (Triggered internally at "
    "/__w/pytorch/pytorch/aten/src/ATen/native/LinearAlgebra.cpp:1102.)"
)


@export("torch")
def chain_matmul(*matrices: Any, out: Any = None) -> Any:
    """The old name of multi_dot."""
    warn_once(_CHAIN)
    return multi_dot(matrices, out=out)


@export("linalg", "vander")
def vander(x: Any, N: int | None = None, *, out: Any = None) -> Any:
    """The rows 1, x, x^2, ... of each x."""
    count = (x._data.shape[-1] if x._data.ndim else 1) if N is None else N
    if count <= 1:
        raise RuntimeError("N must be greater than 1.")
    x = x.reshape(1) if not x._data.ndim else x
    whole = x if x._data.dtype.kind in "fcV" else x.long()
    ones = Tensor._of(np.ones(whole._data.shape, whole._data.dtype))
    powers = whole.unsqueeze(-1).expand(*whole._data.shape, count - 1).cumprod(-1)
    return cat_([ones.unsqueeze(-1), powers], -1)


@export("torch", "vander")
def vander_old(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """torch.vander: the highest power first, unless increasing."""
    if x._data.ndim != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    if N is not None and N < 0:
        raise RuntimeError("N must be non-negative.")
    count = x._data.shape[-1] if N is None else N
    made = stack([x.pow(k) for k in range(count)], -1)
    return made if increasing else made.flip(-1)


# -- tensors as matrices --------------------------------------------------------------------------------------------


@export("linalg")
def tensorinv(A: Any, ind: int = 2, *, out: Any = None) -> Any:
    """The inverse of a tensor for tensordot over its first `ind` dimensions."""
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', but got {ind}")
    shape = A._data.shape
    if ind > len(shape):
        raise RuntimeError(f"ArrayRef: invalid slice, N = {ind}; size = {len(shape)}")
    rows, cols = math.prod(shape[:ind]), math.prod(shape[ind:])
    if rows != cols:
        raise RuntimeError(
            f"Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got {cols} != {rows}"
        )
    return inv(A.reshape(rows, cols)).reshape((*shape[ind:], *shape[:ind]))


@export("linalg")
def tensorsolve(A: Any, B: Any, dims: Any = None, *, out: Any = None) -> Any:
    """X with tensordot(A, X) = B."""
    x = A
    if dims is not None:
        moved = [one_dim(d, A._data.ndim) for d in dims]
        x = A.movedim(moved, list(range(A._data.ndim - len(moved), A._data.ndim)))
    rest = x._data.shape[B._data.ndim :]
    size = math.prod(rest)
    if size != B._data.size:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got "
            f"{size} != {B._data.size}"
        )
    return LINALG["solve"](x.reshape(-1, size), B.flatten()).reshape(rest)


__all__ = ["cross_row", "dims", "eigh_row", "matrix_exp_row", "pinv_row"]
