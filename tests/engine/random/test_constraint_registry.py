"""biject_to and transform_to with the numbers that PyTorch 2.13 printed."""

from __future__ import annotations

import pytest

from engine import torch_module

torch = torch_module.module()
distributions = torch.distributions
constraints = distributions.constraints


def test_numbers_without_bounds_come_to_a_constraint_and_back() -> None:
    x = torch.tensor([0.5, -1.0, 2.0])
    for constraint, expected in (
        (constraints.positive, [1.6487, 0.3679, 7.3891]),
        (constraints.less_than(1.0), [-0.6487, 0.6321, -6.3891]),
        (constraints.interval(-1.0, 3.0), [1.4898, 0.0758, 2.5232]),
    ):
        way = distributions.biject_to(constraint)
        assert way(x).tolist() == pytest.approx(expected, abs=1e-4)
        assert way.inv(way(x)).tolist() == pytest.approx(x.tolist(), abs=1e-4)


def test_two_ways_to_the_simplex() -> None:
    x = torch.tensor([0.5, -1.0, 2.0])
    sticks = distributions.biject_to(constraints.simplex)(x)
    assert (sticks.shape, round(sticks.sum().item(), 5)) == ((4,), 1.0)
    assert distributions.transform_to(constraints.simplex)(x).tolist() == pytest.approx(x.softmax(0).tolist())
    with pytest.raises(NotImplementedError, match="Cannot transform _Boolean constraints"):
        distributions.biject_to(constraints.boolean)
