"""Distributions and constraints that a script writes itself, with what PyTorch 2.13 gives for them."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from engine import torch_module

torch = torch_module.module()
distributions = torch.distributions
constraints = distributions.constraints


class Shorter(distributions.Distribution):  # type: ignore[misc]
    """Uniform below a bound."""

    arg_constraints: ClassVar[Any] = {"bound": constraints.positive}

    def __init__(self, bound: Any) -> None:
        self.bound = bound
        super().__init__(bound.shape)

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        return constraints.interval(0, self.bound)


class Even(constraints.Constraint):  # type: ignore[misc]
    is_discrete = True

    def check(self, value: Any) -> Any:
        return value % 2 == 0


class Waiting(distributions.ExponentialFamily):  # type: ignore[misc]
    """The exponential distribution by its normalizer alone."""

    arg_constraints: ClassVar[Any] = {"rate": constraints.positive}
    support = constraints.nonnegative
    _mean_carrier_measure = 0

    def __init__(self, rate: Any) -> None:
        self.rate = rate
        super().__init__(rate.shape)

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return (-self.rate,)

    def _log_normalizer(self, x: Any) -> Any:
        return -torch.log(-x)


def test_a_support_that_goes_by_a_parameter() -> None:
    assert repr(Shorter(torch.tensor(2.0)).support) == "Interval(lower_bound=0, upper_bound=2.0)"
    assert constraints.is_dependent(Shorter.support)
    assert (Shorter.support.is_discrete, Shorter.support.event_dim, constraints.is_dependent(constraints.real)) == (False, 0, False)
    with pytest.raises(NotImplementedError, match=r"^\.event_dim cannot be determined statically$"):
        _ = constraints.dependent.event_dim


def test_a_constraint_of_a_script_is_asked() -> None:
    assert constraints.independent(Even(), 1).check(torch.tensor([[2.0, 4.0], [1.0, 2.0]])).tolist() == [True, False]


def test_parts_have_constraints_of_their_own() -> None:
    x = torch.tensor([1.0, -2.0, 3.0])
    assert constraints.cat([constraints.real, constraints.positive], lengths=[2, 1]).check(x).tolist() == [True, True, True]
    assert constraints.stack([constraints.real, constraints.positive]).check(x[:2]).tolist() == [True, False]


def test_the_entropy_comes_from_the_normalizer() -> None:
    rate = torch.tensor([1.5, 2.0])
    assert Waiting(rate).entropy().tolist() == pytest.approx([0.594535, 0.306853], abs=1e-6)
    assert isinstance(distributions.Normal(0.0, 1.0), distributions.ExponentialFamily)
    assert not isinstance(distributions.Uniform(0.0, 1.0), distributions.ExponentialFamily)
