"""Special functions at infinities, nan, zeros and huge numbers: what real PyTorch gives, and its gradients there."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from engine.torch_module import module

pytestmark = pytest.mark.torch

FAR = [np.inf, -np.inf, np.nan, 0.0, 1.0, -1.0, 2.5, -2.5, 1e20, -1e20, 501.0, -501.0, 3.0, 7.0, 0.5, -0.5, -3.0]
ONE = (
    "i0 i0e i1 i1e erfcx ndtri ndtr digamma entr expit gammaln psi sinc bessel_j0 bessel_j1 bessel_y0 bessel_y1 airy_ai "
    "modified_bessel_k0 modified_bessel_i0 modified_bessel_i1 modified_bessel_k1 spherical_bessel_j0 erfinv log_ndtr"
)
TWO = "special.xlog1py special.xlogy nextafter hypot atan2 logaddexp logaddexp2 fmod copysign pow fmax fmin maximum"
POLYNOMIALS = (
    "chebyshev_polynomial_t chebyshev_polynomial_u chebyshev_polynomial_v chebyshev_polynomial_w hermite_polynomial_h "
    "hermite_polynomial_he laguerre_polynomial_l legendre_polynomial_p"
)


def _found(t: Any, name: str, arrays: list[Any]) -> list[Any]:
    """The results, and the gradients where there are some."""
    leaves = [t.tensor(a, requires_grad=not name.endswith(tuple(POLYNOMIALS.split()))) for a in arrays]
    function = t
    for part in name.split("."):
        function = getattr(function, part)
    out = function(*leaves)
    found = [out]
    if out.requires_grad:
        found += t.autograd.grad(out.sum(), leaves)
    return [np.asarray((x.detach() + 0).tolist()) for x in found]


def _compare(name: str, arrays: list[Any]) -> None:
    torch = pytest.importorskip("torch")
    for wanted, got in zip(_found(torch, name, arrays), _found(module(), name, arrays), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ONE.split())
def test_of_one_number(name: str, dtype: str) -> None:
    far = [v for v in FAR if not (name == "log_ndtr" and v == -1e20)]  # an infinity less an infinity, and nothing left in float64
    _compare(f"special.{name}", [np.array(far, dtype)])


@pytest.mark.parametrize("name", TWO.split())
def test_of_two_numbers(name: str) -> None:
    pairs = np.array(list(itertools.product(FAR, FAR)))
    _compare(name, [pairs[:, 0].copy(), pairs[:, 1].copy()])


@pytest.mark.parametrize("name", POLYNOMIALS.split())
def test_polynomials_of_degrees_that_are_none(name: str) -> None:
    known = [x for x in FAR if not np.isnan(x)]  # of nan PyTorch returns what was in memory
    degrees = [n for n in FAR if not (n == 1e20 and name[0] == "l")]  # which PyTorch would count up to
    pairs = np.array([(x, n) for x, n in itertools.product(known, degrees) if not (n == 1e20 and abs(x) <= 1)])
    _compare(f"special.{name}", [pairs[:, 0].copy(), pairs[:, 1].copy()])


INCOMPLETE = [
    (0.0, 1.0),
    (0.0, 0.0),
    (1.0, 0.0),
    (np.inf, 1.0),
    (np.inf, np.inf),
    (1.0, np.inf),
    (1e20, 1e20),
    (5.0, 1e20),
    (1e10, 1.00001e10),
]


@pytest.mark.parametrize("name", ["gammainc", "gammaincc"])
def test_incomplete_gamma_functions(name: str) -> None:
    torch, ours = pytest.importorskip("torch"), module()
    for a, x in INCOMPLETE:
        wanted = getattr(torch.special, name)(torch.tensor(a, dtype=torch.float64), torch.tensor(x, dtype=torch.float64)).item()
        got = getattr(ours.special, name)(ours.tensor(a, dtype=ours.float64), ours.tensor(x, dtype=ours.float64)).item()
        assert got == pytest.approx(wanted, rel=1e-6, nan_ok=True), (a, x)


def test_zeta_of_huge_numbers() -> None:
    torch, ours = pytest.importorskip("torch"), module()
    for s, q in itertools.product([np.inf, np.nan, 1.0, 0.5, 2.5, 4.0], [-np.inf, np.inf, np.nan, 0.0, -2.0, 0.5, 1.0, 1e20]):
        assert ours.special.zeta(ours.tensor(s), ours.tensor(q)).item() == pytest.approx(
            torch.special.zeta(torch.tensor(s), torch.tensor(q)).item(), nan_ok=True
        ), (s, q)


def test_a_margin_of_whole_numbers_is_a_fraction() -> None:
    ours = module()
    one, two = ours.tensor([3, 1]), ours.tensor([1, 2])
    loss = ours.nn.functional.margin_ranking_loss(one, two, ours.tensor([1, 1]), reduction="none")
    assert (loss.dtype, loss.tolist()) == (ours.float32, [0.0, 1.0])


def test_the_slope_of_celu_has_a_factor_of_single_precision() -> None:
    slopes = []
    for t in (pytest.importorskip("torch"), module()):
        x = t.tensor([-2.0, -0.3, 0.0, 1.0], dtype=t.float64, requires_grad=True)
        t.nn.functional.celu(x, 0.8).sum().backward()
        slopes.append(x.grad.tolist())
    assert slopes[1] == pytest.approx(slopes[0], rel=1e-14)


def test_what_a_number_leaves_has_no_slope() -> None:
    ours = module()
    x = ours.tensor([2.0], requires_grad=True)
    left = 3 % x
    assert (left.item(), type(left.grad_fn).__name__) == (1.0, "NotImplemented")
    with pytest.raises(RuntimeError, match=r"^derivative for aten::remainder is not implemented$"):
        left.sum().backward()
