"""Schedulers give PyTorch's learning rates and momenta, to the last bit."""

from __future__ import annotations

from typing import Any

import pytest

from . import rates


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize("name", rates.CASES)
def test_gives_pytorchs_rates(torch: Any, rates_of_pytorch: Any, name: str, kind: str) -> None:
    assert rates.run(torch, name, kind) == rates_of_pytorch["schedules"][f"{name}/{kind}"]


@pytest.mark.parametrize("name", rates.PLATEAUS)
def test_plateau_falls_when_pytorchs_does(torch: Any, rates_of_pytorch: Any, name: str) -> None:
    assert rates.run_plateau(torch, name) == rates_of_pytorch["plateaus"][name]
