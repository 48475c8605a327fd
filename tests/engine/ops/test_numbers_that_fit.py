"""What a tensor of whole numbers, truth values or real numbers becomes when it is filled with a number that is just not one of its own."""

from __future__ import annotations

import pytest

from engine import torch_module

torch = torch_module.module()

FILLED = {
    "a negative number wraps around": (torch.ones(2).byte(), -1, [255, 255]),
    "a fraction is cut": (torch.ones(2).long(), 1.5, [1, 1]),
    "what is complex is true": (torch.zeros(2).bool(), 1j, [True, True]),
    "a complex number without an imaginary part": (torch.ones(2), 2 + 0j, [2.0, 2.0]),
    "infinity stays in half precision": (torch.ones(2).half(), float("-inf"), [float("-inf")] * 2),
    "the largest number of half precision": (torch.ones(2).half(), 65504.0, [65504.0, 65504.0]),
}


@pytest.mark.parametrize(("x", "number", "filled"), FILLED.values(), ids=FILLED)
def test_filling(x: object, number: complex, filled: list[object]) -> None:
    everywhere = torch.ones(2) > 0
    assert x.masked_fill(everywhere, number).tolist() == filled  # type: ignore[attr-defined]
    assert x.masked_fill(everywhere, torch.tensor(number)).tolist() == filled  # type: ignore[attr-defined]


def test_where_takes_a_number_as_masked_fill_does() -> None:
    assert torch.where(torch.tensor([True, False]), torch.ones(2).byte(), -1).tolist() == [1, 255]


def test_covariances_without_a_degree_of_freedom_are_infinite() -> None:
    x = torch.tensor([[1.0, 2.0, 4.0], [3.0, 1.0, 5.0]])
    with pytest.warns(UserWarning, match=r"degrees of freedom is <= 0"):
        found = torch.cov(x, correction=2, aweights=torch.tensor([0.2, 0.97, 0.05]))
    assert found.tolist() == [[float("inf")] * 2] * 2
