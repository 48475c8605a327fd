"""Random inputs through the engine and through real PyTorch: results, gradients and gradients of gradients."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine

Array = np.ndarray[Any, Any]
Call = Callable[..., Any]
Shapes = tuple[tuple[int, ...], ...]

pytestmark = pytest.mark.torch


def _symmetric(x: Any) -> Any:
    return x + x.mT


def _positive(x: Any, t: Any) -> Any:
    return x @ x.mT + 4 * t.eye(x.shape[-1], dtype=x.dtype)


def _solid(x: Any, t: Any) -> Any:
    return x + 3 * t.eye(x.shape[-1], dtype=x.dtype)


ONE = (
    "abs", "atan", "asinh", "cos", "cosh", "deg2rad", "digamma", "erf", "erfc", "exp", "exp2", "expm1", "frac", "i0", "lgamma", "log",
    "log10", "log1p", "log2", "neg", "rad2deg", "reciprocal", "rsqrt", "sigmoid", "sin", "sinc", "sinh", "sqrt", "square", "tan", "tanh",
    "prod", "sum", "mean", "var", "std", "norm", "max", "min", "amax", "amin", "median",
)  # fmt: skip
SPECIAL = ("entr", "erfcx", "i0e", "i1", "i1e", "log_ndtr", "ndtr", "expit", "gammaln", "psi")
TWO = (
    "add", "sub", "mul", "div", "pow", "maximum", "minimum", "atan2", "hypot", "logaddexp", "logaddexp2", "xlogy", "fmod", "remainder",
    "fmax", "fmin", "copysign", "ldexp",
)  # fmt: skip

# Each call gets the module (torch or the engine) and tensors of the shapes, with elements between 0.2 and 1.8.
CALLS: dict[str, tuple[Call, Shapes]] = {
    **{f"torch.{name}": (lambda t, x, name=name: getattr(t, name)(x), ((3, 4),)) for name in ONE},
    **{f"special.{name}": (lambda t, x, name=name: getattr(t.special, name)(x), ((5,),)) for name in SPECIAL},
    **{f"torch.{name} of two": (lambda t, x, y, name=name: getattr(t, name)(x, y), ((3, 4), (4,))) for name in TWO},
    "asin": (lambda t, x: t.asin(x / 2), ((4,),)),
    "acos": (lambda t, x: t.acos(x / 2), ((4,),)),
    "atanh": (lambda t, x: t.atanh(x / 2), ((4,),)),
    "acosh": (lambda t, x: t.acosh(x + 1), ((4,),)),
    "erfinv": (lambda t, x: t.erfinv(x / 2), ((4,),)),
    "ndtri": (lambda t, x: t.special.ndtri(x / 2), ((4,),)),
    "logit": (lambda t, x: t.logit(x / 2), ((4,),)),
    "mvlgamma": (lambda t, x: t.mvlgamma(x + 2, 3), ((4,),)),
    "polygamma": (lambda t, x: t.polygamma(1, x), ((4,),)),
    "xlog1py": (lambda t, x, y: t.special.xlog1py(x, y), ((3, 4), (4,))),
    "cumsum": (lambda _, x: x.cumsum(1), ((3, 4),)),
    "cumprod": (lambda _, x: x.cumprod(1), ((3, 4),)),
    "cumprod with a zero": (lambda t, x: (x * t.tensor([1.0, 0.0, 1.0, 1.0], dtype=x.dtype)).cumprod(1), ((3, 4),)),
    "logcumsumexp": (lambda _, x: x.logcumsumexp(0), ((3, 4),)),
    "cummax": (lambda _, x: x.cummax(1)[0], ((3, 4),)),
    "logsumexp": (lambda _, x: x.logsumexp((0, 1)), ((3, 4),)),
    "softmax": (lambda _, x: x.softmax(1), ((3, 4),)),
    "log_softmax": (lambda _, x: x.log_softmax(0), ((3, 4),)),
    "var along": (lambda _, x: x.var(1, correction=0), ((3, 4),)),
    "std along": (lambda _, x: x.std(0, keepdim=True), ((3, 4),)),
    "sort": (lambda _, x: x.sort(1, descending=True)[0], ((3, 4),)),
    "topk": (lambda _, x: x.topk(2, 1)[0], ((3, 4),)),
    "kthvalue": (lambda _, x: x.kthvalue(2, 1)[0], ((3, 4),)),
    "median along": (lambda _, x: x.median(1)[0], ((3, 4),)),
    "quantile": (lambda _, x: x.quantile(0.3, 1), ((3, 4),)),
    "quantile of all": (lambda t, x: x.quantile(t.tensor([0.1, 0.6], dtype=x.dtype)), ((3, 4),)),
    "norm 3": (lambda t, x: t.linalg.vector_norm(x, 3, 1), ((3, 4),)),
    "norm 1": (lambda t, x: t.linalg.vector_norm(x, 1), ((3, 4),)),
    "nuclear norm": (lambda t, x: t.linalg.matrix_norm(x, "nuc"), ((3, 4),)),
    "spectral norm": (lambda t, x: t.linalg.matrix_norm(x, 2), ((3, 4),)),
    "renorm": (lambda t, x: t.renorm(x, 2, 0, 1.0), ((3, 4),)),
    "dist": (lambda t, x, y: t.dist(x, y, 2), ((3, 4), (3, 4))),
    "cov": (lambda t, x: t.cov(x), ((3, 5),)),
    "corrcoef": (lambda t, x: t.corrcoef(x), ((3, 5),)),
    "diff": (lambda t, x: t.diff(x, n=2, dim=1), ((3, 5),)),
    "gradient": (lambda t, x: t.gradient(x, spacing=0.5, dim=1)[0], ((3, 5),)),
    "trapezoid": (lambda t, y, x: t.trapezoid(y, x), ((3, 5), (5,))),
    "cumulative trapezoid": (lambda t, y: t.cumulative_trapezoid(y, dx=0.5), ((3, 5),)),
    "mm": (lambda _, x, y: x @ y, ((3, 4), (4, 2))),
    "batches": (lambda _, x, y: x @ y, ((2, 1, 3, 4), (5, 4, 2))),
    "vector times batch": (lambda _, x, y: x @ y, ((4,), (5, 4, 2))),
    "addmm": (lambda t, b, x, y: t.addmm(b, x, y, beta=0.5, alpha=2), ((2,), (3, 4), (4, 2))),
    "addmv": (lambda t, b, x, y: t.addmv(b, x, y, alpha=2), ((3,), (3, 4), (4,))),
    "addr": (lambda t, b, x, y: t.addr(b, x, y, beta=3), ((3, 4), (3,), (4,))),
    "baddbmm": (lambda t, b, x, y: t.baddbmm(b, x, y), ((1, 3, 2), (2, 3, 4), (2, 4, 2))),
    "addbmm": (lambda t, b, x, y: t.addbmm(b, x, y), ((3, 2), (2, 3, 4), (2, 4, 2))),
    "outer": (lambda t, x, y: t.outer(x, y), ((3,), (4,))),
    "inner": (lambda t, x, y: t.inner(x, y), ((3, 4), (2, 4))),
    "kron": (lambda t, x, y: t.kron(x, y), ((3, 2), (2, 2))),
    "tensordot": (lambda t, x, y: t.tensordot(x, y, ([1, 2], [1, 0])), ((2, 3, 4), (4, 3, 5))),
    "einsum": (lambda t, x, y, z: t.einsum("bij,jk,...bk->i...", x, y, z), ((2, 3, 4), (4, 5), (6, 2, 5))),
    "einsum of a diagonal": (lambda t, x: t.einsum("iij->j", x), ((3, 3, 2),)),
    "cross": (lambda t, x, y: t.linalg.cross(x, y), ((2, 3), (1, 3))),
    "multi_dot": (lambda t, x, y, z: t.linalg.multi_dot([x, y, z]), ((2, 3), (3, 4), (4, 2))),
    "solve": (lambda t, a, b: t.linalg.solve(_solid(a, t), b), ((2, 3, 3), (3, 2))),
    "solve from the right": (lambda t, a, b: t.linalg.solve(_solid(a, t), b, left=False), ((3, 3), (2, 3))),
    "solve_triangular": (lambda t, a, b: t.linalg.solve_triangular(_solid(a, t), b, upper=True), ((3, 3), (3, 2))),
    "inv": (lambda t, a: t.linalg.inv(_solid(a, t)), ((2, 3, 3),)),
    "pinv": (lambda t, a: t.linalg.pinv(a), ((3, 5),)),
    "det": (lambda t, a: t.linalg.det(_solid(a, t)), ((2, 3, 3),)),
    "slogdet": (lambda t, a: t.linalg.slogdet(_solid(a, t))[1], ((3, 3),)),
    "logdet": (lambda t, a: t.logdet(_solid(a, t)), ((3, 3),)),
    "cholesky": (lambda t, a: t.linalg.cholesky(_positive(a, t)), ((2, 3, 3),)),
    "cholesky_solve": (lambda t, b, a: t.cholesky_solve(b, t.linalg.cholesky(_positive(a, t))), ((3, 2), (3, 3))),
    "qr": (lambda t, a: t.linalg.qr(a)[1].abs(), ((4, 3),)),
    "qr of a wide matrix": (lambda t, a: t.linalg.qr(a)[1].abs(), ((3, 5),)),
    "svdvals": (lambda t, a: t.linalg.svdvals(a), ((3, 4),)),
    "svd": (lambda t, a: (lambda u, s, v: (u * s) @ v * s.sum())(*t.linalg.svd(a, full_matrices=False)), ((4, 3),)),
    "eigvalsh": (lambda t, a: t.linalg.eigvalsh(_symmetric(a)), ((3, 3),)),
    "eigh": (lambda t, a: t.linalg.eigh(_symmetric(a))[1] ** 2, ((3, 3),)),
    "lu": (lambda t, a: t.linalg.lu(_solid(a, t))[2], ((3, 3),)),
    "lu of a tall matrix": (lambda t, a: t.linalg.lu_factor(a)[0], ((4, 3),)),
    "matrix_power": (lambda t, a: t.linalg.matrix_power(_solid(a, t), -2), ((3, 3),)),
    "matrix_exp": (lambda t, a: t.linalg.matrix_exp(a / 3), ((3, 3),)),
    "cond": (lambda t, a: t.linalg.cond(_solid(a, t)), ((3, 3),)),
    "vander": (lambda t, x: t.linalg.vander(x, N=4), ((3,),)),
    "tensorinv": (lambda t, a: t.linalg.tensorinv(_solid(a, t).reshape(2, 2, 4)), ((4, 4),)),
    "gather": (lambda t, x: x.gather(1, t.tensor([[0, 0], [1, 3], [2, 2]])), ((3, 4),)),
    "scatter": (lambda t, x, s: x.scatter(1, t.tensor([[0], [1], [2]]), s), ((3, 4), (3, 1))),
    "scatter_add": (lambda t, x, s: x.scatter_add(1, t.tensor([[0, 0], [1, 3], [2, 2]]), s), ((3, 4), (3, 2))),
    "scatter_reduce": (lambda t, x, s: x.scatter_reduce(1, t.tensor([[0, 0], [1, 3], [2, 2]]), s, "prod"), ((3, 4), (3, 2))),
    "index_add": (lambda t, x, s: x.index_add(0, t.tensor([0, 0]), s, alpha=2), ((3, 4), (2, 4))),
    "index_select": (lambda t, x: x.index_select(1, t.tensor([0, 0, 3])), ((3, 4),)),
    "masked_select": (lambda t, x: x.masked_select(t.tensor([True, False, True, True])), ((3, 4),)),
    "masked_scatter": (lambda t, x, s: x.masked_scatter(t.tensor([True, False, True, True]), s), ((3, 4), (9,))),
    "index": (lambda t, x: x[t.tensor([0, 2, 0]), 1:], ((3, 4),)),
    "unfold": (lambda _, x: x.unfold(1, 2, 1), ((3, 4),)),
    "repeat_interleave": (lambda _, x: x.repeat_interleave(2, 1), ((3, 4),)),
    "cat": (lambda t, x, y: t.cat([x, y, x], 1), ((3, 4), (3, 2))),
    "roll": (lambda _, x: x.roll((1, 2), (0, 1)), ((3, 4),)),
    "diag_embed": (lambda t, x: t.diag_embed(x, 1), ((3, 4),)),
    "tril": (lambda _, x: x.tril(-1), ((3, 4),)),
    "lerp": (lambda t, x, y, w: t.lerp(x, y, w), ((3, 4), (3, 4), (4,))),
    "addcdiv": (lambda t, x, y, z: t.addcdiv(x, y, z, value=0.5), ((3, 4), (4,), (3, 4))),
    "in place": (lambda _, x, y: (x * 1).mul_(y).add_(x).cumsum_(0).sin_(), ((3, 4), (4,))),
}  # fmt: skip


def _flat(results: Any) -> list[Any]:
    return [r for r in results if r.dtype.is_floating_point] if isinstance(results, tuple) else [results]


def _numbers(x: Any) -> Array:
    return np.asarray((x.detach() + 0).tolist())  # PyTorch's tensors of known zeros hold no numbers


def _weights(shape: Any, start: float) -> Array:
    n = math.prod(shape)
    return np.cos(np.arange(n) * 1.3 + start).reshape(tuple(shape))


def _run(t: Any, call: Call, arrays: list[Array]) -> list[Array]:
    """Results, then gradients, then gradients of the weighted sum of the gradients."""
    leaves = [t.tensor(a).requires_grad_() for a in arrays]
    results = _flat(call(t, *leaves))
    told = [_numbers(r) for r in results]
    total = sum((r * t.tensor(_weights(r.shape, k))).sum() for k, r in enumerate(results))
    first = t.autograd.grad(total, leaves, create_graph=True, allow_unused=True)
    told += [np.zeros(a.shape) if g is None else _numbers(g) for g, a in zip(first, arrays, strict=True)]
    again = sum((g * t.tensor(_weights(g.shape, k + 0.5))).sum() for k, g in enumerate(first) if g is not None)
    second = t.autograd.grad(again, leaves, allow_unused=True) if getattr(again, "requires_grad", False) else [None] * len(leaves)
    return told + [np.zeros(a.shape) if g is None else _numbers(g) for g, a in zip(second, arrays, strict=True)]


@pytest.mark.parametrize("name", CALLS)
def test_results_and_two_derivatives_are_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    call, shapes = CALLS[name]
    random = np.random.default_rng(sum(map(ord, name)))
    arrays = [random.uniform(0.2, 1.8, shape) for shape in shapes]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted, got = _run(torch, call, arrays), _run(engine, call, arrays)
    for k, (a, b) in enumerate(zip(wanted, got, strict=True)):
        np.testing.assert_allclose(b, a, rtol=1e-7, atol=1e-8 * max(1.0, float(np.abs(a).max(initial=0))), err_msg=f"{name}, number {k}")
