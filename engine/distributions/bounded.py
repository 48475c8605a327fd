"""Distributions on an interval and on a circle: Kumaraswamy, ContinuousBernoulli, VonMises."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any, ClassVar

import numpy as np

from .. import modes, random
from ..creation.factories import leaf
from ..random import draws
from . import constraints
from .composed import TransformedDistribution
from .continuous import Uniform
from .discrete import _ByOdds
from .distribution import (
    Distribution,
    batch_of,
    broadcast_all,
    clamp_probs,
    cross_entropy_of,
    lazy_property,
    logits_to_probs,
    torch_function,
)
from .elementwise_transforms import AffineTransform, PowerTransform
from .exponential_family import ExponentialFamily

# log I0 and log I1 by polynomials, below 3.75 and above (Abramowitz and Stegun, 9.8)
_BELOW = (
    (1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.360768e-1, 0.45813e-2),
    (0.5, 0.87890594, 0.51498869, 0.15084934, 0.2658733e-1, 0.301532e-2, 0.32411e-3),
)
_ABOVE = (
    (0.39894228, 0.1328592e-1, 0.225319e-2, -0.157565e-2, 0.916281e-2, -0.2057706e-1, 0.2635537e-1, -0.1647633e-1, 0.392377e-2),
    (0.39894228, -0.3988024e-1, -0.362018e-2, 0.163801e-2, -0.1031555e-1, 0.2282967e-1, -0.2895312e-1, 0.1787654e-1, -0.420059e-2),
)


class Kumaraswamy(TransformedDistribution):
    """Much like Beta, with a distribution function in closed form."""

    arg_constraints: ClassVar[Any] = {"concentration1": constraints.positive, "concentration0": constraints.positive}
    support = constraints.unit_interval  # type: ignore[assignment]
    has_rsample = True  # type: ignore[assignment]

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        self.concentration1, self.concentration0 = broadcast_all(concentration1, concentration0)
        full = torch_function("full_like")
        base = Uniform(full(self.concentration0, 0), full(self.concentration0, 1), validate_args=validate_args)
        steps = [
            PowerTransform(exponent=self.concentration0.reciprocal()),
            AffineTransform(loc=1.0, scale=-1.0),
            PowerTransform(exponent=self.concentration1.reciprocal()),
        ]
        super().__init__(base, steps, validate_args=validate_args)

    def _moment(self, n: int) -> Any:
        a, b = 1 + n / self.concentration1, self.concentration0
        return b * (a.lgamma() + b.lgamma() - (a + b).lgamma()).exp()

    @property
    def mean(self) -> Any:
        return self._moment(1)

    @property
    def mode(self) -> Any:
        a, b = self.concentration1, self.concentration0
        logarithm = b.reciprocal() * (-b).log1p() - (-b * a).log1p()
        return logarithm.masked_fill((b < 1) | (a < 1), math.nan).exp()

    @property
    def variance(self) -> Any:
        return self._moment(2) - self.mean.pow(2)

    def entropy(self) -> Any:
        a, b = self.concentration1, self.concentration0
        return (1 - b.reciprocal()) + (1 - a.reciprocal()) * ((b + 1).digamma() + np.euler_gamma) - a.log() - b.log()


class ContinuousBernoulli(_ByOdds, ExponentialFamily):
    """What pixels between 0 and 1 are: a Bernoulli whose values may lie between, so that it needs a norm of its own."""

    support = constraints.unit_interval
    has_rsample = True

    def __init__(
        self, probs: Any = None, logits: Any = None, lims: tuple[float, float] = (0.499, 0.501), validate_args: bool | None = None
    ) -> None:
        self._take(probs, logits)
        if probs is not None:
            if validate_args is not None and not self.arg_constraints["probs"].test(self.probs._data).all():
                raise ValueError("The parameter probs has invalid values")
            self.probs = self._param = clamp_probs(self.probs)
        self._lims = lims
        super().__init__(batch_of(self._param), validate_args=validate_args)

    @lazy_property
    def probs(self) -> Any:
        """The probability, inside of 0 and 1."""
        return clamp_probs(logits_to_probs(self.logits, is_binary=True))

    def _regular(self) -> Any:
        """Where the formulas hold; around a half they are 0 / 0."""
        return torch_function("max")(self.probs.le(self._lims[0]), self.probs.gt(self._lims[1]))

    def _cut(self) -> Any:
        return torch_function("where")(self._regular(), self.probs, self._lims[0] * torch_function("ones_like")(self.probs))

    def _cont_bern_log_norm(self) -> Any:
        where, cut = torch_function("where"), self._cut()
        below = where(cut.le(0.5), cut, torch_function("zeros_like")(cut))
        above = where(cut.ge(0.5), cut, torch_function("ones_like")(cut))
        norm = ((-cut).log1p() - cut.log()).abs().log() - where(cut.le(0.5), (-2.0 * below).log1p(), (2.0 * above - 1.0).log())
        x = (self.probs - 0.5).pow(2)
        return where(self._regular(), norm, math.log(2.0) + (4.0 / 3.0 + 104.0 / 45.0 * x) * x)

    @property
    def mean(self) -> Any:
        cut, x = self._cut(), self.probs - 0.5
        regular = cut / (2.0 * cut - 1.0) + 1.0 / ((-cut).log1p() - cut.log())
        return torch_function("where")(self._regular(), regular, 0.5 + (1.0 / 3.0 + 16.0 / 45.0 * x.pow(2)) * x)

    @property
    def variance(self) -> Any:
        cut, x = self._cut(), (self.probs - 0.5).pow(2)
        regular = cut * (cut - 1.0) / (1.0 - 2.0 * cut).pow(2) + 1.0 / ((-cut).log1p() - cut.log()).pow(2)
        return torch_function("where")(self._regular(), regular, 1.0 / 12.0 - (1.0 / 15.0 - 128.0 / 945.0 * x) * x)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = tuple(self._extended_shape(sample_shape))
        return self.icdf(leaf(draws.rand(random.default_generator, shape, self.probs._data.dtype)))

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        return -cross_entropy_of(logits, value) + self._cont_bern_log_norm()

    def cdf(self, value: Any) -> Any:
        self._validate_sample(value)
        where, cut = torch_function("where"), self._cut()
        inside = (cut.pow(value) * (1.0 - cut).pow(1.0 - value) + cut - 1.0) / (2.0 * cut - 1.0)
        inside = where(self._regular(), inside, value)
        zeros, ones = torch_function("zeros_like")(value), torch_function("ones_like")(value)
        return where(value.le(0.0), zeros, where(value.ge(1.0), ones, inside))

    def icdf(self, value: Any) -> Any:
        cut = self._cut()
        low = (-cut).log1p()
        regular = ((-cut + value * (2.0 * cut - 1.0)).log1p() - (-cut).log1p()) / (cut.log() - low)
        return torch_function("where")(self._regular(), regular, value)

    def entropy(self) -> Any:
        zeros, ones = (-self.probs).log1p(), self.probs.log()
        return self.mean * (zeros - ones) - self._cont_bern_log_norm() - zeros


def _polynomial(x: Any, coefficients: tuple[float, ...]) -> Any:
    return reduce(lambda above, c: c + x * above, reversed(coefficients[:-1]), coefficients[-1])


def _log_bessel(x: Any, order: int) -> Any:
    """The logarithm of the modified Bessel function of order 0 or 1, for x > 0."""
    below = _polynomial((x / 3.75) * (x / 3.75), _BELOW[order])
    if order == 1:
        below = x.abs() * below
    above = x - 0.5 * x.log() + _polynomial(3.75 / x, _ABOVE[order]).log()
    return torch_function("where")(x < 3.75, below.log(), above)


class VonMises(Distribution):
    """Angles around a direction."""

    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "concentration": constraints.positive}
    support = constraints.real

    def __init__(self, loc: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.loc, self.concentration = broadcast_all(loc, concentration)
        super().__init__(batch_of(self.loc), validate_args=validate_args)

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        unnormalised = self.concentration * (value - self.loc).cos()
        return unnormalised - math.log(2 * math.pi) - _log_bessel(self.concentration, 0)

    def sample(self, sample_shape: Any = ()) -> Any:
        """By rejection, in float64 (Best and Fisher, Efficient simulation of the von Mises distribution, 1979)."""
        rand, where = torch_function("rand"), torch_function("where")
        with modes.no_grad():
            loc, kappa = self.loc.double(), self.concentration.double()
            tau = 1 + (1 + 4 * kappa.pow(2)).sqrt()
            rho = (tau - (2 * tau).sqrt()) / (2 * kappa)
            r = where(kappa < 1e-5, 1 / kappa + kappa, (1 + rho.pow(2)) / (2 * rho))
            shape = self._extended_shape(sample_shape)
            x = torch_function("zeros")(shape, dtype=loc.dtype)
            done = x > 0
            while not done.all():
                u1, u2, u3 = rand((3, *shape), dtype=loc.dtype).unbind()
                z = (math.pi * u1).cos()
                f = (1 + r * z) / (r + z)
                c = kappa * (r - f)
                accepted = ((c * (2 - c) - u2) > 0) | ((c / u2).log() + 1 - c >= 0)
                x, done = where(accepted, (u3 - 0.5).sign() * f.acos(), x), done | accepted
            return ((x + math.pi + loc) % (2 * math.pi) - math.pi).to(self.loc.dtype)

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        return 1 - (_log_bessel(self.concentration, 1) - _log_bessel(self.concentration, 0)).exp()


__all__ = ["ContinuousBernoulli", "Kumaraswamy", "VonMises"]
