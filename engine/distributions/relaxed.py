"""Choices softened by a temperature, so that gradients pass: RelaxedBernoulli, RelaxedOneHotCategorical; LogisticNormal, Gumbel."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from .. import random
from ..creation.factories import leaf
from ..random import draws
from ..tensor import Tensor
from . import constraints
from .choices import Categorical, _OverCategorical
from .composed import TransformedDistribution
from .continuous import Normal, Uniform
from .discrete import Bernoulli
from .distribution import broadcast_all, clamp_probs, torch_function
from .elementwise_transforms import AffineTransform, ExpTransform, SigmoidTransform
from .vector_transforms import StickBreakingTransform


def _uniforms(shape: Any, like: Tensor) -> Any:
    return clamp_probs(leaf(draws.rand(random.default_generator, tuple(shape), like._data.dtype)))


class LogitRelaxedBernoulli(Bernoulli):
    """The log odds of a softened coin."""

    support = constraints.real
    has_rsample = True

    def __init__(self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self.temperature = temperature
        super().__init__(probs, logits, validate_args)

    def sample(self, sample_shape: Any = ()) -> Any:
        return self.rsample(sample_shape).detach()

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        probs = clamp_probs(self.probs.expand(shape))
        u = _uniforms(shape, probs)
        return (u.log() - (-u).log1p() + probs.log() - (-probs).log1p()) / self.temperature

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        difference = logits - value.mul(self.temperature)
        return self.temperature.log() + difference - 2 * difference.exp().log1p()


class _Softened(TransformedDistribution):
    """What its base, a softened choice in logs, knows of the choice."""

    @property
    def temperature(self) -> Any:
        """How soft it is."""
        return self.base_dist.temperature

    @property
    def logits(self) -> Any:
        """The log odds, or log probabilities."""
        return self.base_dist.logits

    @property
    def probs(self) -> Any:
        """The probabilities."""
        return self.base_dist.probs


class RelaxedBernoulli(_Softened):
    """A coin between 0 and 1."""

    arg_constraints: ClassVar[Any] = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.unit_interval

    def __init__(self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        super().__init__(LogitRelaxedBernoulli(temperature, probs, logits), SigmoidTransform(), validate_args=validate_args)


class ExpRelaxedCategorical(_OverCategorical):
    """The logs of a softened choice."""

    support = constraints.real_vector
    has_rsample = True

    def __init__(self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._categorical = Categorical(probs, logits)
        self.temperature = temperature
        super().__init__(self._categorical.batch_shape, self._categorical.param_shape[-1:], validate_args=validate_args)

    def rsample(self, sample_shape: Any = ()) -> Any:
        u = _uniforms(self._extended_shape(sample_shape), self.logits)
        scores = (self.logits + -((-(u.log())).log())) / self.temperature
        return scores - scores.logsumexp(dim=-1, keepdim=True)

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        count = self._categorical._num_events
        logits, value = broadcast_all(self.logits, value)
        scale = torch_function("full_like")(self.temperature, float(count)).lgamma() - self.temperature.log().mul(-(count - 1))
        score = logits - value.mul(self.temperature)
        return (score - score.logsumexp(dim=-1, keepdim=True)).sum(-1) + scale


class RelaxedOneHotCategorical(_Softened):
    """A choice among several, as a point of the simplex."""

    arg_constraints: ClassVar[Any] = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support = constraints.simplex

    def __init__(self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        base = ExpRelaxedCategorical(temperature, probs, logits, validate_args=validate_args)
        super().__init__(base, ExpTransform(), validate_args=validate_args)


class LogisticNormal(TransformedDistribution):
    """Shares whose log odds are normal."""

    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.simplex  # type: ignore[assignment]
    has_rsample = True  # type: ignore[assignment]

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args=validate_args)
        super().__init__(base if base.batch_shape else base.expand([1]), StickBreakingTransform(), validate_args=validate_args)

    @property
    def loc(self) -> Any:
        """The normal distribution's."""
        return self.base_dist.base_dist.loc

    @property
    def scale(self) -> Any:
        """The normal distribution's."""
        return self.base_dist.base_dist.scale


class Gumbel(TransformedDistribution):
    """The largest of many numbers."""

    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        limits, full = np.finfo(self.loc._data.dtype), torch_function("full_like")
        base = Uniform(full(self.loc, float(limits.tiny)), full(self.loc, 1 - float(limits.eps)), validate_args=validate_args)
        steps = [
            ExpTransform().inv,
            AffineTransform(0, -torch_function("ones_like")(self.scale)),
            ExpTransform().inv,
            AffineTransform(self.loc, -self.scale),
        ]
        super().__init__(base, steps, validate_args=validate_args)

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        y = (self.loc - value) / self.scale
        return (y - y.exp()) - self.scale.log()

    @property
    def mean(self) -> Any:
        return self.loc + self.scale * np.euler_gamma

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def stddev(self) -> Any:
        return (math.pi / math.sqrt(6)) * self.scale

    @property
    def variance(self) -> Any:
        return self.stddev.pow(2)

    def entropy(self) -> Any:
        return self.scale.log() + (1 + np.euler_gamma)

    def __repr__(self) -> str:
        shown = (f"{name}: {v if v._data.size == 1 else v.shape}" for name, v in (("loc", self.loc), ("scale", self.scale)))
        return f"Gumbel({', '.join(shown)})"
