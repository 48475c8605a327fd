"""Distributions on an interval and on a circle: Kumaraswamy, VonMises."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any, ClassVar

import numpy as np

from .. import modes
from . import constraints
from .continuous import Uniform
from .distribution import Distribution, batch_of, broadcast_all, torch_function
from .elementary import AffineTransform, PowerTransform, TransformedDistribution

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


__all__ = ["Kumaraswamy", "VonMises"]
