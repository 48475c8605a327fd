"""Where a gradient's norm stands between the smallest and the largest."""

from __future__ import annotations

import math

import pytest

from ui.style.theme import log_share


@pytest.mark.parametrize("low", [0.0, 5e-324, 1e-300, 1.0, 1e300])
@pytest.mark.parametrize("high", [0.0, 5e-324, 1.0, 1.7e308, math.inf])
@pytest.mark.parametrize("norm", [0.0, 5e-324, 1e-300, 1.0, 1.7e308, math.inf, math.nan])
def test_the_share_is_a_number_from_0_to_1_whatever_the_norms(norm: float, low: float, high: float) -> None:
    assert 0.0 <= log_share(norm, low, high) <= 1.0


def test_the_share_is_logarithmic() -> None:
    assert log_share(1.0, 0.01, 100.0) == pytest.approx(0.5)
