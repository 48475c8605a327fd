"""Long tails, and counts of failures: Weibull, Pareto, GeneralizedPareto, HalfCauchy, InverseGamma, NegativeBinomial."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from .. import modes, random
from ..creation import sampling
from ..creation.factories import as_tensor, leaf, tensor
from ..naming.namespace import FUNCTIONAL
from ..random import draws
from . import constraints
from .composed import TransformedDistribution
from .continuous import Cauchy, Exponential
from .discrete import _ByOdds
from .distribution import Distribution, batch_of, broadcast_all, torch_function
from .elementwise_transforms import AffineTransform, ExpTransform, PowerTransform
from .gammas import Gamma
from .vector_transforms import AbsTransform


class Weibull(TransformedDistribution):
    """Times to a failure that grows likelier, or less likely, with age."""

    arg_constraints: ClassVar[Any] = {"scale": constraints.positive, "concentration": constraints.positive}
    support = constraints.positive  # type: ignore[assignment]

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.scale, self.concentration = broadcast_all(scale, concentration)
        self.concentration_reciprocal = self.concentration.reciprocal()
        base = Exponential(torch_function("ones_like")(self.scale), validate_args=validate_args)
        steps = [PowerTransform(exponent=self.concentration_reciprocal), AffineTransform(loc=0, scale=self.scale)]
        super().__init__(base, steps, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.scale * (1 + self.concentration_reciprocal).lgamma().exp()

    @property
    def mode(self) -> Any:
        return self.scale * ((self.concentration - 1) / self.concentration) ** self.concentration.reciprocal()

    @property
    def variance(self) -> Any:
        double = (1 + 2 * self.concentration_reciprocal).lgamma().exp()
        return self.scale.pow(2) * (double - (2 * (1 + self.concentration_reciprocal).lgamma()).exp())

    def entropy(self) -> Any:
        return np.euler_gamma * (1 - self.concentration_reciprocal) + (self.scale * self.concentration_reciprocal).log() + 1


class Pareto(TransformedDistribution):
    """Few have much: a power law above a smallest value."""

    arg_constraints: ClassVar[Any] = {"alpha": constraints.positive, "scale": constraints.positive}

    def __init__(self, scale: Any, alpha: Any, validate_args: bool | None = None) -> None:
        self.scale, self.alpha = broadcast_all(scale, alpha)
        base = Exponential(self.alpha, validate_args=validate_args)
        super().__init__(base, [ExpTransform(), AffineTransform(loc=0, scale=self.scale)], validate_args=validate_args)

    @property
    def support(self) -> Any:  # type: ignore[override]
        return constraints.greater_than_eq(self.scale)

    @property
    def mean(self) -> Any:
        a = self.alpha.clamp(min=1)
        return a * self.scale / (a - 1)

    @property
    def mode(self) -> Any:
        return self.scale

    @property
    def variance(self) -> Any:
        a = self.alpha.clamp(min=2)
        return self.scale.pow(2) * a / ((a - 1).pow(2) * (a - 2))

    def entropy(self) -> Any:
        return (self.scale / self.alpha).log() + (1 + self.alpha.reciprocal())


class GeneralizedPareto(Distribution):
    """What lies beyond a threshold: bounded, exponential or with a long tail, by the sign of its concentration."""

    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "scale": constraints.positive, "concentration": constraints.real}
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale, self.concentration = broadcast_all(loc, scale, concentration)
        super().__init__(batch_of(self.loc), validate_args=validate_args)

    @property
    def support(self) -> Any:  # type: ignore[override]
        """From the threshold to infinity, or to where the tail ends."""
        end = torch_function("where")(self.concentration < 0, self.loc - self.scale / self.concentration, math.inf)
        return constraints.interval(self.loc, end)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.icdf(leaf(draws.rand(random.default_generator, tuple(self._extended_shape(sample_shape)), self.loc._data.dtype)))

    def _straight(self) -> tuple[Any, Any]:
        """Where the tail is that of Exponential, and concentrations that are nowhere 0."""
        zero = torch_function("isclose")(self.concentration, tensor(0.0, dtype=self.concentration.dtype))
        return zero, torch_function("where")(zero, torch_function("ones_like")(self.concentration), self.concentration)

    def _beyond(self, value: Any) -> Any:
        return (value - self.loc) / self.scale

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        z = self._beyond(value)
        zero, c = self._straight()
        where = torch_function("where")
        y = 1 / c + torch_function("ones_like")(z)
        return -self.scale.log() - where(zero, z, where(y == 0, y, y * (c * z).log1p()))

    def log_survival_function(self, value: Any) -> Any:
        """The log of the probability of more than a value."""
        self._validate_sample(value)
        z = self._beyond(value)
        zero, c = self._straight()
        return torch_function("where")(zero, -z, -(c * z).log1p() / c)

    def log_cdf(self, value: Any) -> Any:
        """The log of the probability of at most a value."""
        return (-self.log_survival_function(value).exp()).log1p()

    def cdf(self, value: Any) -> Any:
        return self.log_cdf(value).exp()

    def icdf(self, value: Any) -> Any:
        zero, c = self._straight()
        left = (-value).log1p()
        return torch_function("where")(zero, self.loc - self.scale * left, self.loc + self.scale / c * (-c * left).expm1())

    def _where(self, least: float, safe: float, result: Any) -> Any:
        """`result` of a concentration below `least`, nan elsewhere."""
        where = torch_function("where")
        valid = self.concentration < least
        return where(valid, result(where(valid, self.concentration, safe)), math.nan)

    @property
    def mean(self) -> Any:
        return self._where(1, 0.5, lambda c: self.loc + self.scale / (1 - c))

    @property
    def variance(self) -> Any:
        return self._where(0.5, 0.25, lambda c: self.scale**2 / ((1 - c) ** 2 * (1 - 2 * c)))

    @property
    def mode(self) -> Any:
        return self.loc

    def entropy(self) -> Any:
        return (self.scale.log() + self.concentration + 1).expand(self._batch_shape)


class HalfCauchy(TransformedDistribution):
    """The absolute value of a Cauchy number around 0."""

    arg_constraints: ClassVar[Any] = {"scale": constraints.positive}
    support = constraints.nonnegative  # type: ignore[assignment]

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Cauchy(0, scale, validate_args=False), AbsTransform(), validate_args=validate_args)

    @property
    def scale(self) -> Any:
        """The width of the Cauchy distribution."""
        return self.base_dist.scale

    @property
    def mean(self) -> Any:
        return leaf(np.full(self._extended_shape(), math.inf, self.scale._data.dtype))

    @property
    def mode(self) -> Any:
        return torch_function("zeros_like")(self.scale)

    @property
    def variance(self) -> Any:
        return self.base_dist.variance

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        value = as_tensor(value, dtype=self.scale.dtype)
        return torch_function("where")(value >= 0, self.base_dist.log_prob(value) + math.log(2), -math.inf)

    def cdf(self, value: Any) -> Any:
        self._validate_sample(value)
        return 2 * self.base_dist.cdf(value) - 1

    def icdf(self, value: Any) -> Any:
        return self.base_dist.icdf((value + 1) / 2)

    def entropy(self) -> Any:
        return self.base_dist.entropy() - math.log(2)


class InverseGamma(TransformedDistribution):
    """One over a Gamma number."""

    arg_constraints: ClassVar[Any] = {"concentration": constraints.positive, "rate": constraints.positive}
    support = constraints.positive  # type: ignore[assignment]

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        base = Gamma(concentration, rate, validate_args=validate_args)
        super().__init__(base, PowerTransform(-base.rate.new_ones(())), validate_args=validate_args)

    @property
    def concentration(self) -> Any:
        """The Gamma distribution's."""
        return self.base_dist.concentration

    @property
    def rate(self) -> Any:
        """The Gamma distribution's."""
        return self.base_dist.rate

    @property
    def mean(self) -> Any:
        return torch_function("where")(self.concentration > 1, self.rate / (self.concentration - 1), math.inf)

    @property
    def mode(self) -> Any:
        return self.rate / (self.concentration + 1)

    @property
    def variance(self) -> Any:
        c = self.concentration
        return torch_function("where")(c > 2, self.rate.square() / ((c - 1).square() * (c - 2)), math.inf)

    def entropy(self) -> Any:
        c = self.concentration
        return c + self.rate.log() + c.lgamma() - (1 + c) * c.digamma()


class NegativeBinomial(_ByOdds):
    """Successes before a number of failures."""

    arg_constraints: ClassVar[Any] = {
        "total_count": constraints.greater_than_eq(0), "probs": constraints.half_open_interval(0.0, 1.0), "logits": constraints.real,
    }  # fmt: skip
    support = constraints.nonnegative_integer

    def __init__(self, total_count: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._take(probs, logits)
        self.total_count, self._param = broadcast_all(total_count, self._param)
        setattr(self, "logits" if probs is None else "probs", self._param)
        super().__init__(batch_of(self._param), validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.total_count * self.logits.exp()

    @property
    def mode(self) -> Any:
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0.0)

    @property
    def variance(self) -> Any:
        return self.mean / (-self.logits).sigmoid()

    def sample(self, sample_shape: Any = ()) -> Any:
        with modes.no_grad():
            rate = Gamma(self.total_count, (-self.logits).exp(), validate_args=False).sample(sample_shape)
            return sampling.poisson(rate)

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        log_sigmoid = FUNCTIONAL["logsigmoid"]
        unnormalised = self.total_count * log_sigmoid(-self.logits) + value * log_sigmoid(self.logits)
        normalisation = -(self.total_count + value).lgamma() + (1.0 + value).lgamma() + self.total_count.lgamma()
        return unnormalised - normalisation.masked_fill(self.total_count + value == 0.0, 0.0)


__all__ = ["AbsTransform", "GeneralizedPareto", "HalfCauchy", "InverseGamma", "NegativeBinomial", "Pareto", "Weibull"]
