"""Products of many kinds: scaled sums of products (addmm and its kin), outer, Kronecker, tensordot, einsum, powers, chains."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import sizes
from ..inplace import write
from ..namespace import LINALG, export
from ..op import Op, apply
from ..rows import into
from ..tensor import Tensor
from .factor import _square, inv, times, turned
from .linalg import bmm, dot_, matmul, mm, mv

Array = np.ndarray[Any, Any]


def _outer(x: Any, y: Any) -> Any:
    return np.multiply.outer(x, y) if isinstance(x, np.ndarray) else x.unsqueeze(1) * y


def _scaled(name: str, product: Callable[[Any, Any], Any], to_x: Callable[[Any, Any], Any], to_y: Callable[[Any, Any], Any]) -> Op:
    """beta * bias + alpha * product(x, y)."""

    def forward(bias: Array, x: Array, y: Array, beta: Any = 1, alpha: Any = 1) -> Any:
        found = np.asarray(product(x, y))
        if alpha != 1:
            found = (found * alpha).astype(found.dtype)
        if beta == 0:
            return np.broadcast_to(found, np.broadcast_shapes(found.shape, bias.shape)).copy()
        return found + (bias if beta == 1 else (bias * beta).astype(bias.dtype))

    return Op(
        name, forward, inputs=("bias", "x", "y"),
        vjps=(
            lambda g, beta: g * beta if beta != 1 else g,
            lambda g, y, alpha: to_x(g * alpha if alpha != 1 else g, y),
            lambda g, x, alpha: to_y(g * alpha if alpha != 1 else g, x),
        ),
        formulas=(r"\bar{b} = \beta\,\bar{z}", r"\bar{x} = \alpha\,\bar{z}\,y^{\mathsf{T}}", r"\bar{y} = \alpha\,x^{\mathsf{T}}\bar{z}"),
    )  # fmt: skip


def _of_batch(g: Any, y: Any) -> Any:
    """The cotangent of a sum over a batch, once for each of the batch."""
    shape = (y.shape[0], *g.shape)
    return np.broadcast_to(g, shape) if isinstance(g, np.ndarray) else g.expand(shape)


addmm_row = _scaled("addmm", np.dot, lambda g, y: mm(g, turned(y)), lambda g, x: mm(turned(x), g))
addmv_row = _scaled("addmv", np.dot, _outer, lambda g, x: mv(turned(x), g))
addr_row = _scaled("addr", np.multiply.outer, lambda g, y: mv(g, y), lambda g, x: mv(turned(g), x))
baddbmm_row = _scaled("baddbmm", np.matmul, lambda g, y: bmm(g, turned(y)), lambda g, x: bmm(turned(x), g))
addbmm_row = _scaled(
    "addbmm", lambda x, y: np.add.reduce(np.matmul(x, y), axis=0), lambda g, y: bmm(_of_batch(g, y), turned(y)),
    lambda g, x: bmm(turned(x), _of_batch(g, x)),
)  # fmt: skip


def _check_scaled(name: str, x: Array, y: Array) -> None:
    if name == "addmm":
        if x.ndim != 2 or y.ndim != 2:
            raise RuntimeError(f"mat{1 if x.ndim != 2 else 2} must be a matrix, got {x.ndim if x.ndim != 2 else y.ndim}-D tensor")
        if x.shape[1] != y.shape[0]:
            raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({x.shape[0]}x{x.shape[1]} and {y.shape[0]}x{y.shape[1]})")
    elif name == "addmv":
        if x.ndim != 2 or y.ndim != 1:
            raise RuntimeError(f"vector + matrix @ vector expected, got 1, {x.ndim}, {y.ndim}")
        if x.shape[1] != y.shape[0]:
            raise RuntimeError(f"size mismatch, got input ({x.shape[0]}), mat ({x.shape[0]}x{x.shape[1]}), vec ({y.shape[0]})")
    elif name in ("baddbmm", "addbmm"):
        if x.ndim != 3 or y.ndim != 3:
            which = 1 if x.ndim != 3 else 2
            raise RuntimeError(f"batch{which} must be a 3D tensor")
        if x.shape[0] != y.shape[0] or x.shape[2] != y.shape[1]:
            raise RuntimeError(
                f"Expected size for first two dimensions of batch2 tensor to be: [{x.shape[0]}, {x.shape[2]}] but got: [{y.shape[0]}, {y.shape[1]}]."
            )


def _publish_scaled(name: str, row: Op) -> None:
    def function(input: Any, x: Any, y: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
        _check_scaled(name, x._data, y._data)
        return into(out, apply(row, (input, x, y), {"beta": beta, "alpha": alpha}), name)

    def write_method(self: Any, x: Any, y: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
        _check_scaled(name, x._data, y._data)
        return write(row, self, (x, y), {"beta": beta, "alpha": alpha})

    function.__name__, write_method.__name__ = name, name + "_"
    export("torch method", name)(function)
    export("method", name + "_")(write_method)


for _row in (addmm_row, addmv_row, addr_row, baddbmm_row, addbmm_row):
    _publish_scaled(_row.name, _row)


@export("torch method", "bmm")
def bmm_(input: Any, mat2: Any, *, out: Any = None) -> Any:
    """Products of batches of matrices."""
    a, b = input._data, mat2._data
    if a.ndim != 3 or b.ndim != 3:
        raise RuntimeError(f"batch{1 if a.ndim != 3 else 2} must be a 3D tensor")
    if a.shape[0] != b.shape[0] or a.shape[2] != b.shape[1]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{a.shape[0]}, {a.shape[2]}] but got: [{b.shape[0]}, {b.shape[1]}]."
        )
    return into(out, apply(bmm, (input, mat2)), "bmm")


export("method", "__rmatmul__")(lambda self, other: matmul(other, self))
LINALG["matmul"] = matmul


@export("torch method", "outer", "ger")
def outer(input: Any, vec2: Any, *, out: Any = None) -> Any:
    """All products of two vectors' elements."""
    for name, v in (("self", input), ("vec2", vec2)):
        if v._data.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {v._data.ndim}-D")
    return into(out, input.unsqueeze(1) * vec2, "outer")


@export("torch method")
def inner(input: Any, other: Any, *, out: Any = None) -> Any:
    """Sum of products over the last dimensions."""
    a, b = input._data, other._data
    if a.ndim == 0 or b.ndim == 0:
        return into(out, input * other, "inner")
    if a.shape[-1] != b.shape[-1]:
        raise RuntimeError(
            f"inner() the last dimension must match on both input tensors but got shapes {sizes(a.shape)} and {sizes(b.shape)}"
        )
    return into(out, tensordot(input, other, dims=([-1], [-1])), "inner")


@export("torch method")
def vdot(input: Any, other: Any, *, out: Any = None) -> Any:
    """Inner product of vectors, the first conjugated."""
    return into(out, dot_(input, other), "vdot")


@export("linalg")
def vecdot(x: Any, y: Any, *, dim: int = -1, out: Any = None) -> Any:
    """Inner products along a dimension."""
    return into(out, (x * y).sum(dim), "vecdot")


@export("torch method")
def kron(input: Any, other: Any, *, out: Any = None) -> Any:
    """Kronecker product."""
    n = max(input._data.ndim, other._data.ndim)
    a = input.reshape((1,) * (n - input._data.ndim) + input._data.shape)
    b = other.reshape((1,) * (n - other._data.ndim) + other._data.shape)
    left = a.reshape(tuple(k for s in a._data.shape for k in (s, 1)))
    right = b.reshape(tuple(k for s in b._data.shape for k in (1, s)))
    return into(out, (left * right).reshape(tuple(p * q for p, q in zip(a._data.shape, b._data.shape, strict=True))), "kron")


@export("torch")
def tensordot(a: Any, b: Any, dims: Any = 2, out: Any = None) -> Any:
    """Sum of products over pairs of dimensions."""
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        over_a, over_b = list(range(a._data.ndim - dims, a._data.ndim)), list(range(dims))
    else:
        over_a, over_b = ([d] if isinstance(d, int) else list(d) for d in dims)
    over_a, over_b = [d % a._data.ndim for d in over_a], [d % b._data.ndim for d in over_b]
    for p, q in zip(over_a, over_b, strict=True):
        if a._data.shape[p] != b._data.shape[q] and 1 not in (a._data.shape[p], b._data.shape[q]):
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {a._data.shape[p]} in dim {p} and second has size {b._data.shape[q]} in dim {q}"
            )
    free_a = [d for d in range(a._data.ndim) if d not in over_a]
    free_b = [d for d in range(b._data.ndim) if d not in over_b]
    left = a.permute(*free_a, *over_a) if a._data.ndim else a
    right = b.permute(*over_b, *free_b) if b._data.ndim else b
    common = math.prod(a._data.shape[d] for d in over_a)
    shape = [a._data.shape[d] for d in free_a] + [b._data.shape[d] for d in free_b]
    rows, columns = math.prod(shape[: len(free_a)]), math.prod(shape[len(free_a) :])
    return into(out, apply(mm, (left.reshape(rows, common), right.reshape(common, columns))).reshape(shape), "tensordot")


# -- einsum ---------------------------------------------------------------------------------------------------------


def _subscripts(equation: str, operands: tuple[Any, ...]) -> tuple[list[list[str]], list[str]]:
    """The letters of each operand and of the result, the ellipsis written out as \"...0\", \"...1\", ..."""
    text = equation.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        few = "fewer" if len(terms) > len(operands) else "more"
        raise RuntimeError(f"einsum(): {few} operands were provided than specified in the equation")
    wide = 0
    for k, (term, x) in enumerate(zip(terms, operands, strict=True)):
        letters = len(term.replace("...", ""))
        if "..." in term:
            wide = max(wide, x._data.ndim - letters)
        elif letters != x._data.ndim:
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({letters}) does not match the number of dimensions ({x._data.ndim}) for operand {k} and no ellipsis was given"
            )
    parsed = []
    for term, x in zip(terms, operands, strict=True):
        names: list[str] = []
        before, dots, after = term.partition("...")
        names += before
        if dots:
            here = x._data.ndim - len(before) - len(after)
            names += [f"...{wide - here + k}" for k in range(here)]
        parsed.append(names + list(after))
    if arrow:
        before, dots, after = right.partition("...")
        result = [*before, *([f"...{k}" for k in range(wide)] if dots else []), *after]
    else:
        every = [n for names in parsed for n in names]
        result = [f"...{k}" for k in range(wide)] + sorted(n for n in set(every) if every.count(n) == 1 and not n.startswith("..."))
    return parsed, result


def _without_repeats(x: Any, names: list[str]) -> tuple[Any, list[str]]:
    for name in list(dict.fromkeys(names)):
        while names.count(name) > 1:
            i = names.index(name)
            j = names.index(name, i + 1)
            x = x.diagonal(0, i, j)
            names = [n for k, n in enumerate(names) if k not in (i, j)] + [name]
    return x, names


def _pair(x: Any, xs: list[str], y: Any, ys: list[str], keep: set[str]) -> tuple[Any, list[str]]:
    """Two operands contracted over what nobody needs any more, by one bmm."""
    size = dict(zip(xs, x._data.shape, strict=True))
    for n, s in zip(ys, y._data.shape, strict=True):
        size[n] = max(size.get(n, 1), s) if s != 1 or n not in size else size[n]
    for n in xs:
        if n not in keep and n not in ys:
            x = x.sum(xs.index(n))
            xs = [m for m in xs if m != n]
    for n in ys:
        if n not in keep and n not in xs:
            y = y.sum(ys.index(n))
            ys = [m for m in ys if m != n]
    both = [n for n in xs if n in ys]
    batch, summed = [n for n in both if n in keep], [n for n in both if n not in keep]
    only_x, only_y = [n for n in xs if n not in both], [n for n in ys if n not in both]

    def arranged(t: Any, names: list[str], groups: tuple[list[str], ...]) -> Any:
        order = [n for group in groups for n in group]
        t = t.permute(*[names.index(n) for n in order]) if order else t
        t = t.expand([size[n] for n in order]) if order else t
        return t.reshape([math.prod(size[n] for n in group) for group in groups])

    left, right = arranged(x, xs, (batch, only_x, summed)), arranged(y, ys, (batch, summed, only_y))
    names = [*batch, *only_x, *only_y]
    return apply(bmm, (left, right)).reshape([size[n] for n in names]), names


@export("torch")
def einsum(*args: Any) -> Any:
    """Sums of products, in Einstein's notation."""
    equation, *rest = args
    if not isinstance(equation, str):
        every = list(args)
        last = every.pop() if len(every) % 2 else None
        letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        terms = ["".join("..." if d is Ellipsis else letters[d] for d in every[k + 1]) for k in range(0, len(every), 2)]
        equation = ",".join(terms)
        if last is not None:
            equation += "->" + "".join("..." if d is Ellipsis else letters[d] for d in last)
        rest = every[::2]
    operands = tuple(rest[0]) if len(rest) == 1 and isinstance(rest[0], (list, tuple)) else tuple(rest)
    if not operands:
        raise RuntimeError("einsum(): must provide at least one operand")
    parsed, result = _subscripts(equation, operands)
    for name in result:
        if not any(name in names for names in parsed):
            raise RuntimeError(f"einsum(): output subscript {name} does not appear in the equation for any input operand")
    extent: dict[str, int] = {}
    for k, (names, x) in enumerate(zip(parsed, operands, strict=True)):
        for d, (name, s) in enumerate(zip(names, x._data.shape, strict=True)):
            if s != 1 and extent.setdefault(name, s) not in (1, s):
                raise RuntimeError(
                    f"einsum(): subscript {name} has size {s} for operand {k} which does not broadcast with previously seen size {extent[name]}"
                    if not name.startswith("...") else f"einsum(): operands do not broadcast with remapped shapes [original->remapped]: dim {d}"
                )  # fmt: skip
    x, xs = _without_repeats(operands[0], parsed[0])
    for k in range(1, len(operands)):
        y, ys = _without_repeats(operands[k], parsed[k])
        later = set(result).union(*parsed[k + 1 :])
        x, xs = _pair(x, xs, y, ys, later)
    for n in [n for n in xs if n not in result]:
        x = x.sum(xs.index(n))
        xs = [m for m in xs if m != n]
    return x.permute(*[xs.index(n) for n in result]) if result and xs != result else x


# -- powers and chains ----------------------------------------------------------------------------------------------


@export("linalg torch method")
def matrix_power(A: Any, n: int, *, out: Any = None) -> Any:
    """A times itself, n times; the inverse's powers for negative n."""
    _square("linalg.matrix_power", A)
    if n < 0:
        return matrix_power(inv(A), -n)
    if n == 0:
        return Tensor(np.broadcast_to(np.eye(A._data.shape[-1], dtype=A._data.dtype), A._data.shape).copy())
    result, square = None, A
    while n:
        if n & 1:
            result = square if result is None else matmul(result, square)
        n >>= 1
        square = matmul(square, square) if n else square
    return A.clone() if result is A else result


@export("linalg")
def multi_dot(tensors: Any, *, out: Any = None) -> Any:
    """A chain of products in the cheapest order; the ends may be vectors."""
    parts = list(tensors)
    if len(parts) < 2:
        raise RuntimeError("multi_dot(): expected at least 2 tensors but got " + str(len(parts)))
    first, last = parts[0]._data.ndim == 1, parts[-1]._data.ndim == 1
    if first:
        parts[0] = parts[0].unsqueeze(0)
    if last:
        parts[-1] = parts[-1].unsqueeze(-1)
    for k, (a, b) in enumerate(zip(parts, parts[1:], strict=False)):
        if a._data.shape[1] != b._data.shape[0]:
            raise RuntimeError(
                f"multi_dot(): tensors {k} and {k + 1} with shapes {sizes(a._data.shape)} and {sizes(b._data.shape)} cannot be multiplied"
            )
    widths = [parts[0]._data.shape[0], *(p._data.shape[1] for p in parts)]
    got = _chain(parts, widths, 0, len(parts), {})[1]
    if first:
        got = got.squeeze(0)
    return got.squeeze(-1) if last else got


def _chain(parts: list[Any], widths: list[int], i: int, j: int, known: dict[tuple[int, int], Any]) -> tuple[int, Any]:
    cost: dict[tuple[int, int], tuple[int, int]] = {(k, k + 1): (0, k) for k in range(i, j)}
    for span in range(2, j - i + 1):
        for a in range(i, j - span + 1):
            b = a + span
            cost[a, b] = min((cost[a, m][0] + cost[m, b][0] + widths[a] * widths[m] * widths[b], m) for m in range(a + 1, b))

    def product(a: int, b: int) -> Any:
        if b - a == 1:
            return parts[a]
        middle = cost[a, b][1]
        return matmul(product(a, middle), product(middle, b))

    del known
    return cost[i, j][0], product(i, j)


@export("torch")
def chain_matmul(*matrices: Any, out: Any = None) -> Any:
    """The older name of multi_dot."""
    return multi_dot(matrices)


def _exponential(A: Array) -> Array:
    """Scaling and squaring with a Taylor polynomial in float64."""
    if not A.size:
        return A.copy()
    x = A.astype(np.float64)
    size = float(np.abs(x).sum(-1).max())
    squarings = max(0, math.ceil(math.log2(size)) + 1) if size > 0.5 else 0
    x = x / 2.0**squarings
    total = term = np.broadcast_to(np.eye(A.shape[-1]), x.shape)
    for k in range(1, 19):
        term = np.matmul(term, x) / k
        total = total + term
    for _ in range(squarings):
        total = np.matmul(total, total)
    return total.astype(A.dtype)


def _exponential_vjp(g: Any, A: Any) -> Any:
    """The corner of the exponential of [[A^T, G], [0, A^T]] (Higham, Functions of Matrices, 3.2)."""
    n, at = A.shape[-1], turned(A)
    if isinstance(A, np.ndarray) and isinstance(g, np.ndarray):
        big = np.concatenate([np.concatenate([at, g], -1), np.concatenate([np.zeros_like(at), at], -1)], -2)
        return _exponential(big)[..., :n, n:]
    from .join import cat_

    big = cat_([cat_([at, g], -1), cat_([at * 0, at], -1)], -2)
    return apply(matrix_exp_row, (big,))[..., :n, n:]


matrix_exp_row = Op(
    "linalg_matrix_exp", _exponential, inputs=("A",), vjps=(_exponential_vjp,), formulas=(r"\bar{A} = \int_0^1 e^{sA^{\mathsf{T}}}\bar{z}\,e^{(1-s)A^{\mathsf{T}}}\,ds",),
)  # fmt: skip


@export("linalg torch method")
def matrix_exp(A: Any) -> Any:
    """The exponential of square matrices."""
    _square("linalg.matrix_exp", A)
    return apply(matrix_exp_row, (A,))


def _cross(x: Array, y: Array, dim: int) -> Array:
    shape = np.broadcast_shapes(x.shape, y.shape)
    a, b = np.moveaxis(np.broadcast_to(x, shape), dim, 0), np.moveaxis(np.broadcast_to(y, shape), dim, 0)
    return np.moveaxis(np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]), 0, dim)


cross_row = Op(
    "linalg_cross", _cross, inputs=("x", "y"), vjps=(lambda g, y, dim: cross_row(y, g, dim=dim), lambda g, x, dim: cross_row(g, x, dim=dim)),
    formulas=(r"\bar{x} = y \times \bar{z}", r"\bar{y} = \bar{z} \times x"),
)  # fmt: skip


@export("linalg", "cross")
def linalg_cross(input: Any, other: Any, *, dim: int = -1, out: Any = None) -> Any:
    """Vector product in three dimensions."""
    a, b = input._data, other._data
    if a.ndim != b.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    at = dim % a.ndim
    if a.shape[at] != 3 or b.shape[at] != 3:
        raise RuntimeError(f"linalg.cross: inputs dimension {dim} must have length 3. Got {a.shape[at]} and {b.shape[at]}")
    return into(out, apply(cross_row, (input, other), {"dim": at - a.ndim}), "linalg.cross")


@export("torch method")
def cross(input: Any, other: Any, dim: int | None = None, *, out: Any = None) -> Any:
    """As torch.linalg.cross; without `dim` along the first dimension of size 3."""
    if dim is None:
        found = [k for k, s in enumerate(input._data.shape) if s == 3]
        if not found:
            raise RuntimeError("no dimension of size 3 in input")
        dim = found[0]
    return linalg_cross(input, other, dim=dim, out=out)


@export("linalg")
def tensorinv(A: Any, ind: int = 2, *, out: Any = None) -> Any:
    """Inverse with respect to tensordot."""
    shape = A._data.shape
    flat = A.reshape(math.prod(shape[:ind]), -1)
    return inv(flat).reshape(*shape[ind:], *shape[:ind])


@export("linalg")
def tensorsolve(A: Any, B: Any, dims: Any = None, *, out: Any = None) -> Any:
    """The X with tensordot(A, X) = B."""
    from .factor import solve

    x = A if dims is None else A.movedim(list(dims), list(range(A._data.ndim - len(dims), A._data.ndim)))
    shape = x._data.shape[B._data.ndim :]
    return solve(x.reshape(B._data.size, -1), B.reshape(-1)).reshape(shape)


@export("linalg", "vander")
def linalg_vander(x: Any, *, N: int | None = None) -> Any:
    """Powers 0, 1, ... of vectors as columns."""
    n = x._data.shape[-1] if N is None else N
    from .join import stack

    ones = Tensor(np.ones(x._data.shape, x._data.dtype if x._data.dtype.kind in "fc" else np.int64))
    columns, power = [ones], ones
    for _ in range(n - 1):
        power = power * x
        columns.append(power)
    return stack(columns, -1)


@export("torch")
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Vandermonde matrix of a vector."""
    made = linalg_vander(x, N=N)
    return made if increasing else made.flip(-1)


@export("linalg", "diagonal")
def linalg_diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The diagonals of matrices."""
    return A.diagonal(offset, dim1, dim2)


@export("torch")
def block_diag(*tensors: Any) -> Any:
    """Matrices along the diagonal of one."""
    from .join import cat_

    parts = [t.reshape(1, -1) if t._data.ndim < 2 else t for t in tensors]
    wide = sum(p._data.shape[1] for p in parts)
    rows, at = [], 0
    for p in parts:
        h, w = p._data.shape
        rows.append(cat_([Tensor(np.zeros((h, at), p._data.dtype)), p, Tensor(np.zeros((h, wide - at - w), p._data.dtype))], 1))
        at += w
    return cat_(rows, 0)


__all__ = ["cross_row", "einsum", "matrix_exp_row", "outer", "times"]
