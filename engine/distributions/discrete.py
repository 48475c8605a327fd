"""Distributions of counts: Bernoulli, Binomial, Geometric, Poisson."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from .. import modes, random
from ..creation import sampling
from ..creation.factories import leaf
from ..random import draws
from ..tensor import Size, Tensor
from . import constraints
from .distribution import (
    Distribution,
    batch_of,
    broadcast_all,
    cross_entropy_of,
    lazy_property,
    logits_to_probs,
    one_of,
    probs_to_logits,
    torch_function,
)
from .exponential_family import ExponentialFamily


class _ByOdds(Distribution):
    """A distribution with a probability, given as such or as log odds."""

    arg_constraints: ClassVar[Any] = {"probs": constraints.unit_interval, "logits": constraints.real}

    def _take(self, probs: Any, logits: Any) -> Any:
        one_of(probs, logits)
        if probs is not None:
            (self.probs,) = broadcast_all(probs)
            self._param = self.probs
        else:
            (self.logits,) = broadcast_all(logits)
            self._param = self.logits
        return self._param

    @lazy_property
    def logits(self) -> Any:
        """The log odds."""
        return probs_to_logits(self.probs, is_binary=True)

    @lazy_property
    def probs(self) -> Any:
        """The probability."""
        return logits_to_probs(self.logits, is_binary=True)

    @property
    def param_shape(self) -> Size:
        """The shape of the parameter."""
        return self._param.shape  # type: ignore[no-any-return]

    def _values(self, count: int, expand: bool) -> Any:
        values = leaf(np.arange(count, dtype=self._param._data.dtype)).view(-1, *(1,) * len(self._batch_shape))
        return values.expand(-1, *self._batch_shape) if expand else values


class Bernoulli(_ByOdds, ExponentialFamily):
    """1 with a probability, else 0."""

    support: Any = constraints.boolean
    has_enumerate_support = True

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        super().__init__(batch_of(self._take(probs, logits)), validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.probs

    @property
    def mode(self) -> Any:
        p = self.probs._data
        return leaf(np.where(p == 0.5, p.dtype.type(math.nan), (p >= 0.5).astype(p.dtype)))

    @property
    def variance(self) -> Any:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        with modes.no_grad():
            return sampling.bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        return -cross_entropy_of(logits, value)

    def entropy(self) -> Any:
        return cross_entropy_of(self.logits, self.probs)

    def enumerate_support(self, expand: bool = True) -> Any:
        return self._values(2, expand)


class Geometric(_ByOdds):
    """The number of failures before the first success."""

    support = constraints.nonnegative_integer

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        super().__init__(batch_of(self._take(probs, logits)), validate_args=validate_args)
        if self._validate_args and probs is not None and not (self.probs._data > 0).all():
            p = self.probs
            wrong = Tensor._of(p._data[~(p._data > 0)].reshape(-1))
            raise ValueError(
                f"Expected parameter probs ({type(p).__name__} of shape {p._data.shape}) of distribution {self!r} to be positive but "
                f"found invalid values:\n{wrong}"
            )

    @property
    def mean(self) -> Any:
        return 1.0 / self.probs - 1.0

    @property
    def mode(self) -> Any:
        return torch_function("zeros_like")(self.probs)

    @property
    def variance(self) -> Any:
        return (1.0 / self.probs - 1.0) / self.probs

    def sample(self, sample_shape: Any = ()) -> Any:
        kind = self.probs._data.dtype
        with modes.no_grad():
            u = leaf(draws.uniform(random.default_generator, self._extended_shape(sample_shape), float(np.finfo(kind).tiny), 1.0, kind))
            return (u.log() / (-self.probs).log1p()).floor()

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        value, probs = broadcast_all(value, self.probs)
        probs = probs.clone()
        probs[(probs == 1) & (value == 0)] = 0
        return value * (-probs).log1p() + self.probs.log()

    def entropy(self) -> Any:
        return cross_entropy_of(self.logits, self.probs) / self.probs


class Binomial(_ByOdds):
    """The number of successes of `total_count` trials."""

    arg_constraints: ClassVar[Any] = {
        "total_count": constraints.nonnegative_integer,
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }
    has_enumerate_support = True

    def __init__(self, total_count: Any = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        one_of(probs, logits)
        self.total_count, param = broadcast_all(total_count, probs if probs is not None else logits)
        self.total_count = self.total_count.to(param.dtype)
        self._take(param if probs is not None else None, param if logits is not None else None)
        super().__init__(batch_of(self._param), validate_args=validate_args)

    @property
    def support(self) -> Any:  # type: ignore[override]
        """Up to the number of trials."""
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self) -> Any:
        return self.total_count * self.probs

    @property
    def mode(self) -> Any:
        return ((self.total_count + 1) * self.probs).floor().clamp(max=self.total_count)

    @property
    def variance(self) -> Any:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        with modes.no_grad():
            return sampling.binomial(self.total_count.expand(shape), self.probs.expand(shape))

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        n, logits = self.total_count, self.logits
        above = (logits.clamp(min=0) + logits - logits.clamp(max=0)) / 2
        rest = n * above + n * (-logits.abs()).exp().log1p() - (n + 1).lgamma()
        return value * logits - (value + 1).lgamma() - (n - value + 1).lgamma() - rest

    def _one_count(self, what: str) -> int:
        counts = self.total_count._data
        if counts.min() != counts.max():
            raise NotImplementedError(f"Inhomogeneous total count not supported by `{what}`.")
        return int(counts.max())

    def entropy(self) -> Any:
        self._one_count("entropy")
        log_prob = self.log_prob(self.enumerate_support(False))
        return -(log_prob.exp() * log_prob).sum(0)

    def enumerate_support(self, expand: bool = True) -> Any:
        return self._values(1 + self._one_count("enumerate_support"), expand)


class Poisson(ExponentialFamily):
    """Counts at a rate."""

    arg_constraints: ClassVar[Any] = {"rate": constraints.nonnegative}
    support = constraints.nonnegative_integer

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast_all(rate)
        super().__init__(batch_of(self.rate), validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.rate

    @property
    def mode(self) -> Any:
        return self.rate.floor()

    @property
    def variance(self) -> Any:
        return self.rate

    def sample(self, sample_shape: Any = ()) -> Any:
        with modes.no_grad():
            return sampling.poisson(self.rate.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        rate, value = broadcast_all(self.rate, value)
        return torch_function("xlogy")(value, rate) - rate - (value + 1).lgamma()
