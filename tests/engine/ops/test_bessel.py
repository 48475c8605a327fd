"""Bessel functions and Airy's Ai in float64: PyTorch's numbers, and where its tables leave a power out, its inexact ones."""

from __future__ import annotations

import math

import pytest

from engine.torch_module import module

torch = module()
NAN, INF = math.nan, math.inf
AT = [-7.5, -2.5, -0.75, 0.5, 3.0, 6.25, 11.0]

PYTORCHS = {
    "bessel_j0": [
        0.26633966007879234, -0.048383776468256645, 0.8642422751666485, 0.938469807240813, -0.2600519549074645, 0.21309002262249802,
        -0.17119030043848998,
    ],
    "bessel_j1": [
        -0.1352484382588624, -0.4970941024644698, -0.34924360217486217, 0.24226845767487387, 0.3390589585282922, -0.2207208131812617,
        -0.17678529902504123,
    ],
    "bessel_y0": [NAN, NAN, NAN, -0.4445187335067066, 0.3768500100184375, -0.2369354908761773, -0.16884732386106147],
    "bessel_y1": [NAN, NAN, NAN, -1.4714723926702433, 0.32467442479622594, -0.2325898104702603, 0.16370553734601562],
    "airy_ai": [
        0.3217757163806479, -0.11232483666261353, 0.5177725751515837, 0.23169360648083345, 0.00659113935746072, 5.305861748752084e-06,
        4.226275864960351e-12,
    ],
}  # fmt: skip
ENDS = {  # at 0, inf and nan
    "bessel_j0": [1.0, NAN, NAN],
    "bessel_j1": [0.0, NAN, NAN],
    "bessel_y0": [-INF, NAN, NAN],
    "bessel_y1": [-INF, NAN, NAN],
    "airy_ai": [0.3550280538878172, NAN, NAN],
}


@pytest.mark.parametrize("name", PYTORCHS)
def test_numbers(name: str) -> None:
    found = getattr(torch.special, name)(torch.tensor(AT, dtype=torch.float64))
    assert found.tolist() == pytest.approx(PYTORCHS[name], rel=1e-13, abs=1e-15, nan_ok=True)


@pytest.mark.parametrize("name", ENDS)
def test_ends(name: str) -> None:
    found = getattr(torch.special, name)(torch.tensor([0.0, INF, NAN], dtype=torch.float64))
    assert found.tolist() == pytest.approx(ENDS[name], nan_ok=True)


def test_shapes_and_dtypes_stay() -> None:
    x = torch.full((2, 0, 3), 1.0)
    assert torch.special.airy_ai(x).shape == (2, 0, 3)
    assert torch.special.bessel_j1(torch.tensor(2)).dtype == torch.float32
    assert math.copysign(1.0, torch.special.bessel_j1(torch.tensor(-0.0)).item()) == -1.0
