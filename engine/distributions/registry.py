"""From numbers without bounds to a constraint, and back (torch.distributions.biject_to, transform_to)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..namespace import FUNCTIONAL
from . import constraints
from .transforms import AffineTransform, ComposeTransform, ExpTransform, SigmoidTransform, Transform


class SoftmaxTransform(Transform):
    """Softmax over the last dimension; it has no inverse, `inv` gives logarithms."""

    domain = constraints.real_vector
    codomain = constraints.simplex
    bijective = False

    def _call(self, x: Any) -> Any:
        shares = (x - x.max(-1, True)[0]).exp()
        return shares / shares.sum(-1, True)

    def _inverse(self, y: Any) -> Any:
        return y.log()


class StickBreakingTransform(Transform):
    """n numbers as n + 1 shares: each takes a part of what the ones before it left."""

    domain = constraints.real_vector
    codomain = constraints.simplex

    def _call(self, x: Any) -> Any:
        offset = x.shape[-1] + 1 - x.new_ones(x.shape[-1]).cumsum(-1)
        z = SigmoidTransform()(x - offset.log())
        pad = FUNCTIONAL["pad"]
        return pad(z, [0, 1], value=1) * pad((1 - z).cumprod(-1), [1, 0], value=1)

    def _inverse(self, y: Any) -> Any:
        taken = y[..., :-1]
        offset = y.shape[-1] - y.new_ones(taken.shape[-1]).cumsum(-1)
        left = (1 - taken.cumsum(-1)).clamp(min=float(np.finfo(y._data.dtype).tiny))
        return taken.log() - left.log() + offset.log()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        offset = x.shape[-1] + 1 - x.new_ones(x.shape[-1]).cumsum(-1)
        x = x - offset.log()
        return (-x + FUNCTIONAL["logsigmoid"](x) + y[..., :-1].log()).sum(-1)


class ConstraintRegistry:
    """Which transform leads to a constraint."""

    def __init__(self) -> None:
        self._registry: dict[type, Callable[[Any], Any]] = {}

    def register(self, constraint: Any, factory: Callable[[Any], Any] | None = None) -> Any:
        """Say what leads to a class of constraints, by a call or as a decorator."""
        if factory is None:
            return lambda made: self.register(constraint, made)
        kind = constraint if isinstance(constraint, type) else type(constraint)
        if not issubclass(kind, constraints.Constraint):
            raise TypeError(f"Expected constraint to be either a Constraint subclass or instance, but got {constraint}")
        self._registry[kind] = factory
        return factory

    def __call__(self, constraint: Any) -> Any:
        """The transform for a constraint."""
        factory = self._registry.get(type(constraint))
        if factory is None:
            raise NotImplementedError(f"Cannot transform {type(constraint).__name__} constraints")
        return factory(constraint)


def _to_interval(constraint: Any) -> Any:
    low, high = constraint.lower_bound, constraint.upper_bound
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and (low, high) == (0, 1):
        return SigmoidTransform()
    return ComposeTransform([SigmoidTransform(), AffineTransform(low, high - low)])


def _to_greater_than(constraint: Any) -> Any:
    return ComposeTransform([ExpTransform(), AffineTransform(constraint.lower_bound, 1)])


biject_to, transform_to = ConstraintRegistry(), ConstraintRegistry()
for _registry in (biject_to, transform_to):
    _registry.register(constraints.real, lambda _: ComposeTransform([]))
    _registry.register(constraints.positive, _to_greater_than)
    _registry.register(constraints.nonnegative, _to_greater_than)
    _registry.register(constraints.less_than, lambda c: ComposeTransform([ExpTransform(), AffineTransform(c.upper_bound, -1)]))
    _registry.register(constraints.unit_interval, _to_interval)
biject_to.register(constraints.simplex, lambda _: StickBreakingTransform())
transform_to.register(constraints.simplex, lambda _: SoftmaxTransform())

__all__ = ["ConstraintRegistry", "SoftmaxTransform", "StickBreakingTransform", "biject_to", "transform_to"]
