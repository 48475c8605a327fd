"""Distributions made of others: Independent, MixtureSameFamily, TransformedDistribution."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import modes
from ..tensor import Size
from . import constraints
from .choices import Categorical
from .distribution import Distribution, sum_last
from .elementwise_transforms import ComposeTransform, Transform


class Independent(Distribution):
    """Some axes of a batch taken as one event: log probabilities are summed over them."""

    arg_constraints: ClassVar[Any] = {}

    def __init__(self, base_distribution: Any, reinterpreted_batch_ndims: int, validate_args: bool | None = None) -> None:
        batch, event = base_distribution.batch_shape, base_distribution.event_shape
        if reinterpreted_batch_ndims > len(batch):
            raise ValueError(
                "Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), actual "
                f"{reinterpreted_batch_ndims} vs {len(batch)}"
            )
        self.base_dist = base_distribution
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        kept = len(batch) - reinterpreted_batch_ndims
        super().__init__(batch[:kept], (*batch[kept:], *event), validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        made = super().expand(batch_shape)
        made.base_dist = self.base_dist.expand((*batch_shape, *self._event_shape[: self.reinterpreted_batch_ndims]))
        return made

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        """As the base."""
        return bool(self.base_dist.has_rsample)

    @property
    def support(self) -> Any:  # type: ignore[override]
        """The base's, over the whole event."""
        inner = self.base_dist.support
        return constraints.independent(inner, self.reinterpreted_batch_ndims) if self.reinterpreted_batch_ndims else inner

    @property
    def mean(self) -> Any:
        return self.base_dist.mean

    @property
    def mode(self) -> Any:
        return self.base_dist.mode

    @property
    def variance(self) -> Any:
        return self.base_dist.variance

    def sample(self, sample_shape: Any = ()) -> Any:
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: Any) -> Any:
        return sum_last(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self) -> Any:
        return sum_last(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_dist}, {self.reinterpreted_batch_ndims})"


class MixtureSameFamily(Distribution):
    """A choice among the last batch axis of a distribution."""

    arg_constraints: ClassVar[Any] = {}

    def __init__(self, mixture_distribution: Any, component_distribution: Any, validate_args: bool | None = None) -> None:
        if not isinstance(mixture_distribution, Categorical):
            raise ValueError(" The Mixture distribution needs to be an  instance of torch.distributions.Categorical")
        if not isinstance(component_distribution, Distribution):
            raise ValueError("The Component distribution needs to be an instance of torch.distributions.Distribution")
        self.mixture_distribution = mixture_distribution
        self.component_distribution = component_distribution
        self._event_ndims = len(component_distribution.event_shape)
        choices, components = mixture_distribution.logits._data.shape[-1], component_distribution.batch_shape[-1]
        if choices != components:
            raise ValueError(
                f"`mixture_distribution component` ({choices}) does not equal `component_distribution.batch_shape[-1]` ({components})"
            )
        super().__init__(component_distribution.batch_shape[:-1], component_distribution.event_shape, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        made = super().expand(batch_shape)
        choices = self.mixture_distribution.logits._data.shape[-1]
        made.component_distribution = self.component_distribution.expand((*batch_shape, choices))
        made.mixture_distribution = self.mixture_distribution.expand(batch_shape)
        return made

    @property
    def support(self) -> Any:  # type: ignore[override]
        """The components'."""
        return constraints.MixtureSameFamilyConstraint(self.component_distribution.support)

    def _weights(self) -> Any:
        weights = self.mixture_distribution.probs
        return weights.reshape(*weights._data.shape, *(1,) * self._event_ndims)

    @property
    def mean(self) -> Any:
        return (self._weights() * self.component_distribution.mean).sum(-1 - self._event_ndims)

    @property
    def variance(self) -> Any:
        weights, place = self._weights(), -1 - self._event_ndims
        within = (weights * self.component_distribution.variance).sum(place)
        between = (weights * (self.component_distribution.mean - self.mean.unsqueeze(place)).pow(2.0)).sum(place)
        return within + between

    def cdf(self, value: Any) -> Any:
        inside = self.component_distribution.cdf(value.unsqueeze(-1 - self._event_ndims))
        return (inside * self.mixture_distribution.probs).sum(dim=-1)

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        inside = self.component_distribution.log_prob(value.unsqueeze(-1 - self._event_ndims))
        return (inside + self.mixture_distribution.logits.log_softmax(-1)).logsumexp(-1)

    def sample(self, sample_shape: Any = ()) -> Any:
        place = len(sample_shape) + len(self._batch_shape)
        chosen = self.mixture_distribution.sample(sample_shape)
        drawn = self.component_distribution.sample(sample_shape)
        index = chosen.reshape(*chosen._data.shape, 1, *(1,) * self._event_ndims)
        index = index.expand(*chosen._data.shape, 1, *Size(self._event_shape))
        return drawn.gather(place, index).squeeze(place)

    def __repr__(self) -> str:
        return f"MixtureSameFamily(\n  {self.mixture_distribution},\n  {self.component_distribution})"


class TransformedDistribution(Distribution):
    """The distribution of a function of a random number."""

    arg_constraints: ClassVar[Any] = {}

    def __init__(self, base_distribution: Any, transforms: Any, validate_args: bool | None = None) -> None:
        if isinstance(transforms, Transform):
            transforms = [transforms]
        if not isinstance(transforms, list) or not all(isinstance(t, Transform) for t in transforms):
            raise ValueError(f"transforms must be a Transform or list, but was {transforms}")
        self.transforms: list[Transform] = transforms
        whole = Size((*base_distribution.batch_shape, *base_distribution.event_shape))
        together = ComposeTransform(transforms)
        domain, codomain = together.domain.event_dim, together.codomain.event_dim
        if len(whole) < domain:
            raise ValueError(f"base_distribution needs to have shape with size at least {domain}, but got {whole}.")
        shape = together.forward_shape(whole)
        wide, dims = together.inverse_shape(shape), len(base_distribution.event_shape)
        if whole != wide:
            base_distribution = base_distribution.expand(wide[: len(wide) - dims])
        if domain > dims:
            base_distribution = Independent(base_distribution, domain - dims)
        self.base_dist = base_distribution
        cut = len(shape) - max(codomain, dims + codomain - domain)
        super().__init__(shape[:cut], shape[cut:], validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        made = super().expand(batch_shape)
        whole = ComposeTransform(self.transforms).inverse_shape(Size((*batch_shape, *self._event_shape)))
        made.base_dist = self.base_dist.expand(whole[: len(whole) - len(self.base_dist.event_shape)])
        return made

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        """As the base."""
        return bool(self.base_dist.has_rsample)

    @property
    def support(self) -> Any:  # type: ignore[override]
        """Where the values of the last function lie."""
        if not self.transforms:
            return self.base_dist.support
        found = self.transforms[-1].codomain
        beyond = len(self._event_shape) - found.event_dim
        return constraints.independent(found, beyond) if beyond > 0 else found

    def _through(self, x: Any) -> Any:
        for transform in self.transforms:
            x = transform(x)
        return x

    def sample(self, sample_shape: Any = ()) -> Any:

        with modes.no_grad():
            return self._through(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self._through(self.base_dist.rsample(sample_shape))

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        dims = len(self._event_shape)
        result: Any = 0.0
        y = value
        for transform in reversed(self.transforms):
            x = transform.inv(y)
            dims += transform.domain.event_dim - transform.codomain.event_dim
            result = result - sum_last(transform.log_abs_det_jacobian(x, y), dims - transform.domain.event_dim)
            y = x
        return result + sum_last(self.base_dist.log_prob(y), dims - len(self.base_dist.event_shape))

    def _rising(self, value: Any) -> Any:
        sign: Any = 1
        for transform in self.transforms:
            sign = sign * transform.sign
        return value if isinstance(sign, int) and sign == 1 else sign * (value - 0.5) + 0.5

    def cdf(self, value: Any) -> Any:
        for transform in reversed(self.transforms):
            value = transform.inv(value)
        return self._rising(self.base_dist.cdf(value))

    def icdf(self, value: Any) -> Any:
        return self._through(self.base_dist.icdf(self._rising(value)))
