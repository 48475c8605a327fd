"""Complex matrices and sums through the engine and through real PyTorch: results, gradients and gradients of gradients.

Factors that are known up to a phase only enter by what does not depend on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.torch_module import module

pytestmark = pytest.mark.torch
Call = Callable[..., Any]


def _hermitian(a: Any) -> Any:
    return a + a.mH


def _positive(a: Any, t: Any) -> Any:
    return a @ a.mH + 2 * t.eye(a.shape[-1], dtype=a.dtype)


SQUARE, WIDE, TALL, VECTOR = (3, 3), (2, 4), (4, 2), (5,)
CALLS: dict[str, tuple[Call, tuple[tuple[int, ...], ...]]] = {
    "svdvals": (lambda t, a: t.linalg.svdvals(a), (TALL,)),
    "svd of a tall matrix": (lambda t, a: (lambda u, s, v: (u * s.sin()) @ v)(*t.linalg.svd(a, full_matrices=False)), (TALL,)),
    "svd of a wide matrix": (lambda t, a: (lambda u, s, v: (u * s.sin()) @ v)(*t.linalg.svd(a, full_matrices=False)), (WIDE,)),
    "torch.svd": (lambda t, a: (lambda u, s, v: (u * s) @ v.mH)(*t.svd(a)), (TALL,)),
    "nuclear norm": (lambda t, a: t.linalg.matrix_norm(a, "nuc"), (WIDE,)),
    "cond": (lambda t, a: t.linalg.cond(a), (SQUARE,)),
    "eigvalsh": (lambda t, a: t.linalg.eigvalsh(_hermitian(a)), (SQUARE,)),
    "eigh": (lambda t, a: t.linalg.eigh(_hermitian(a))[1].abs(), (SQUARE,)),
    # of a matrix that is only read as hermitian, the gradient keeps the imaginary parts of the diagonal
    "cholesky": (lambda t, a: t.linalg.cholesky(a * 0.1 + 5 * t.eye(3, dtype=a.dtype)), (SQUARE,)),
    "qr": (lambda t, a: (lambda q, r: (q.mH @ a + r).abs())(*t.linalg.qr(a)), (TALL,)),
    "qr of a wide matrix": (lambda t, a: t.linalg.qr(a)[1].abs(), (WIDE,)),
    "pinv of a tall matrix": (lambda t, a: t.linalg.pinv(a), (TALL,)),
    "pinv of a wide matrix": (lambda t, a: t.linalg.pinv(a), (WIDE,)),
    "pinv of a hermitian matrix": (lambda t, a: t.linalg.pinv(_positive(a, t), hermitian=True), (SQUARE,)),
    "lstsq": (lambda t, a, b: t.linalg.lstsq(a, b).solution, (TALL, (4, 3))),
    "det": (lambda t, a: t.linalg.det(a), (SQUARE,)),
    "sign of a determinant": (lambda t, a: t.linalg.slogdet(a)[0], (SQUARE,)),
    "slogdet": (lambda t, a: t.linalg.slogdet(a)[1], (SQUARE,)),
    "logdet": (lambda t, a: t.logdet(a), (SQUARE,)),
    "lu": (lambda t, a: t.linalg.lu(a)[2], (SQUARE,)),
    "lu_factor of a wide matrix": (lambda t, a: t.linalg.lu_factor(a)[0], (WIDE,)),
    "lu_solve": (lambda t, a, b: t.linalg.lu_solve(*t.linalg.lu_factor(a), b, left=False, adjoint=True), (SQUARE, (2, 3))),
    "vecdot": (lambda t, a, b: t.linalg.vecdot(a, b, dim=0), (TALL, TALL)),
    "cov": (lambda t, a: t.cov(a), (WIDE,)),
    "corrcoef": (lambda t, a: t.corrcoef(a), ((3, 4),)),
    "logsumexp": (lambda t, a: t.logsumexp(a, 1), (WIDE,)),
    "logaddexp": (lambda t, a, b: t.logaddexp(a, b), (WIDE, WIDE)),
    "logcumsumexp": (lambda t, a: t.logcumsumexp(a, 0), (VECTOR,)),
    "renorm": (lambda t, a: t.renorm(a, 2, 0, 1.5), (WIDE,)),
    "float_power": (lambda t, a: t.float_power(a, 1 + 2j), (VECTOR,)),
    "unbind": (lambda t, a: t.unbind(a)[1] ** 3, (VECTOR,)),
    "where": (lambda t, a: t.where(t.tensor(True), a[0], a[1]) ** 3, (VECTOR,)),
}


def _numbers(x: Any) -> np.ndarray[Any, Any]:
    return np.asarray(x.detach().resolve_conj().tolist(), np.complex128)


def _sum(t: Any, x: Any) -> Any:
    """A weighted sum of the numbers of x, a real one."""
    weights = np.cos(np.arange(x.numel()) * 1.3 + 0.5).reshape(tuple(x.shape))
    both = [x.real, x.imag] if x.is_complex() else [x]
    return sum((part * t.tensor(weights + k)).sum() for k, part in enumerate(both))


def _run(t: Any, call: Call, arrays: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
    leaves = [t.tensor(a).requires_grad_() for a in arrays]
    result = call(t, *leaves)
    first = t.autograd.grad(_sum(t, result), leaves, create_graph=True)
    second = t.autograd.grad(sum(_sum(t, g) for g in first), leaves, allow_unused=True)
    return [_numbers(x) for x in (result, *first, *(g for g in second if g is not None))]


@pytest.mark.parametrize("name", CALLS)
def test_results_and_two_derivatives_are_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    call, shapes = CALLS[name]
    random = np.random.default_rng(sum(map(ord, name)))
    arrays = [random.normal(size=shape) + 1j * random.normal(size=shape) for shape in shapes]
    wanted, got = _run(torch, call, arrays), _run(module(), call, arrays)
    for k, (a, b) in enumerate(zip(wanted, got, strict=True)):
        np.testing.assert_allclose(b, a, rtol=1e-7, atol=1e-8 * max(1.0, float(np.abs(a).max(initial=0))), err_msg=f"{name}, number {k}")


def test_an_absolute_value_is_no_complex_number() -> None:
    torch = module()
    with pytest.raises(RuntimeError, match=r"^In-place abs is not supported for complex tensors\.$"):
        torch.ones(2, dtype=torch.complex64).abs_()


def test_singular_values_of_nothing_are_real() -> None:
    torch = module()
    assert torch.linalg.svdvals(torch.ones(2, 0, dtype=torch.complex64)).dtype is torch.float32
    assert torch.linalg.slogdet(torch.ones(0, 0, dtype=torch.complex64))[1].dtype is torch.float32
