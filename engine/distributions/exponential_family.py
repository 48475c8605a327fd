"""Distributions whose density is exp(t(x) . theta - F(theta) + k(x)): the derivatives of F say the rest."""

from __future__ import annotations

from typing import Any

from ..autograd import grad
from .distribution import Distribution


class ExponentialFamily(Distribution):
    """Base of those, for entropies that a subclass does not write down itself."""

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        """theta."""
        raise NotImplementedError

    def _log_normalizer(self, *natural_params: Any) -> Any:
        """F, of theta."""
        raise NotImplementedError

    @property
    def _mean_carrier_measure(self) -> Any:
        """The mean of k."""
        raise NotImplementedError

    def entropy(self) -> Any:
        """F(theta) - theta . F'(theta) - the mean of k: by a derivative that can be derived again."""
        natural = [param.detach().requires_grad_() for param in self._natural_params]
        normalizer = self._log_normalizer(*natural)
        slopes = grad(normalizer.sum(), natural, create_graph=True)
        result = -self._mean_carrier_measure + normalizer
        for param, slope in zip(natural, slopes, strict=True):
            result = result - (param * slope).reshape((*self._batch_shape, -1)).sum(-1)
        return result


__all__ = ["ExponentialFamily"]
