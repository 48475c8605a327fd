"""Invertible functions, element by element, and one after the other (torch.distributions.transforms)."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..naming.namespace import FUNCTIONAL
from ..tensor import Size, Tensor
from . import constraints
from .distribution import broadcast_all, sum_last, torch_function


class Transform:
    """A function with an inverse and the log of its slope; `inv` is the function backwards."""

    domain: Any = constraints.real
    codomain: Any = constraints.real
    sign: Any = 1
    bijective = True

    _backwards: Transform | None = None
    _cache_size = 0
    _cached: tuple[Any, Any] = (None, None)  # the last input and what it gave, where the cache is on

    def __init__(self, cache_size: int = 0) -> None:
        if cache_size not in (0, 1):
            raise ValueError("cache_size must be 0 or 1")
        self._cache_size = cache_size

    def with_cache(self, cache_size: int = 1) -> Transform:
        """The same with the cache on or off."""
        if cache_size == self._cache_size:
            return self
        made = copy.copy(self)
        made._cache_size, made._cached, made._backwards = cache_size, (None, None), None
        return made

    @property
    def inv(self) -> Transform:
        """The inverse."""
        if self._backwards is None:
            self._backwards = _InverseTransform(self)
        return self._backwards

    def __call__(self, x: Any) -> Any:
        """The value at x."""
        if not self._cache_size:
            return self._call(x)
        if x is not self._cached[0]:
            self._cached = x, self._call(x)
        return self._cached[1]

    def back(self, y: Any) -> Any:
        """What has the value y: with a cache the very input, which is what a function without an inverse needs."""
        if not self._cache_size:
            return self._inverse(y)
        if y is not self._cached[1]:
            self._cached = self._inverse(y), y
        return self._cached[0]

    def _call(self, x: Any) -> Any:
        raise NotImplementedError

    def _inverse(self, y: Any) -> Any:
        raise NotImplementedError

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """The log of the slope at x, where the value is y."""
        raise NotImplementedError

    def forward_shape(self, shape: Any) -> Any:
        """The shape of the values for inputs of a shape."""
        return shape

    def inverse_shape(self, shape: Any) -> Any:
        """The shape of the inputs for values of a shape."""
        return shape

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return type(self).__name__ + "()"


class _InverseTransform(Transform):
    def __init__(self, transform: Transform) -> None:
        super().__init__(transform._cache_size)
        self._inv = self._backwards = transform
        self.domain, self.codomain, self.sign = transform.codomain, transform.domain, transform.sign

    def __call__(self, x: Any) -> Any:
        return self._inv.back(x)

    def back(self, y: Any) -> Any:
        return self._inv(y)

    def with_cache(self, cache_size: int = 1) -> Transform:
        return self._inv.with_cache(cache_size).inv

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return -self._inv.log_abs_det_jacobian(y, x)

    def forward_shape(self, shape: Any) -> Any:
        return self._inv.inverse_shape(shape)

    def inverse_shape(self, shape: Any) -> Any:
        return self._inv.forward_shape(shape)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._inv!r})"


class ExpTransform(Transform):
    """e to the power of x."""

    codomain = constraints.positive

    def _call(self, x: Any) -> Any:
        return x.exp()

    def _inverse(self, y: Any) -> Any:
        return y.log()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return x


class SigmoidTransform(Transform):
    """1 / (1 + e^-x)."""

    codomain = constraints.unit_interval

    def _call(self, x: Any) -> Any:
        limits = np.finfo(x._data.dtype)
        return x.sigmoid().clamp(min=float(limits.tiny), max=1.0 - float(limits.eps))

    def _inverse(self, y: Any) -> Any:
        limits = np.finfo(y._data.dtype)
        y = y.clamp(min=float(limits.tiny), max=1.0 - float(limits.eps))
        return y.log() - (-y).log1p()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        softplus = FUNCTIONAL["softplus"]
        return -softplus(-x) - softplus(x)


class TanhTransform(Transform):
    """Hyperbolic tangent."""

    codomain = constraints.interval(-1.0, 1.0)

    def _call(self, x: Any) -> Any:
        return x.tanh()

    def _inverse(self, y: Any) -> Any:
        return y.atanh()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return 2.0 * (math.log(2.0) - x - FUNCTIONAL["softplus"](-2.0 * x))


class SoftplusTransform(Transform):
    """log(1 + e^x)."""

    codomain = constraints.positive

    def _call(self, x: Any) -> Any:
        return FUNCTIONAL["softplus"](x)

    def _inverse(self, y: Any) -> Any:
        return (-y).expm1().neg().log() + y

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return -FUNCTIONAL["softplus"](-x)


class PowerTransform(Transform):
    """x to a power."""

    domain = constraints.positive
    codomain = constraints.positive

    def __init__(self, exponent: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        (self.exponent,) = broadcast_all(exponent)
        self.sign = self.exponent.sign()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PowerTransform) and bool(self.exponent.eq(other.exponent).all())

    __hash__ = Transform.__hash__

    def _call(self, x: Any) -> Any:
        return x.pow(self.exponent)

    def _inverse(self, y: Any) -> Any:
        return y.pow(1 / self.exponent)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return (self.exponent * y / x).abs().log()

    def forward_shape(self, shape: Any) -> Any:
        return _broadcast(shape, self.exponent)

    inverse_shape = forward_shape


def _broadcast(shape: Any, *parameters: Any) -> Size:
    return Size(np.broadcast_shapes(tuple(shape), *(p._data.shape for p in parameters if isinstance(p, Tensor))))


def _alike(a: Any, b: Any) -> bool:
    same = a == b
    return bool(same.all()) if isinstance(same, Tensor) else bool(same)


class AffineTransform(Transform):
    """loc + scale * x."""

    def __init__(self, loc: Any, scale: Any, event_dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.loc, self.scale, self.event_dim = loc, scale, event_dim
        if event_dim:
            self.domain = self.codomain = constraints.independent(constraints.real, event_dim)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AffineTransform) and all(_alike(a, b) for a, b in ((self.loc, other.loc), (self.scale, other.scale)))

    __hash__ = Transform.__hash__

    @property
    def sign(self) -> Any:  # type: ignore[override]
        """Whether it rises or falls."""
        if isinstance(self.scale, Tensor):
            return self.scale.sign()
        return 1 if self.scale > 0 else -1 if self.scale < 0 else 0

    def _call(self, x: Any) -> Any:
        return self.loc + self.scale * x

    def _inverse(self, y: Any) -> Any:
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        if isinstance(self.scale, Tensor):
            slope = self.scale.abs().log()
        else:
            slope = torch_function("full_like")(x, math.log(abs(self.scale)))
        shape = x._data.shape
        if self.event_dim:
            slope = slope.view(*slope._data.shape[: -self.event_dim], -1).sum(-1)
            shape = shape[: -self.event_dim]
        return slope.expand(shape)

    def forward_shape(self, shape: Any) -> Any:
        return _broadcast(shape, self.loc, self.scale)

    inverse_shape = forward_shape


def _widened(constraint: Any, event_dim: int) -> Any:
    """A constraint on events of that many axes."""
    more = event_dim - constraint.event_dim
    return constraints.independent(constraint, more) if more > 0 else constraint


class ComposeTransform(Transform):
    """One function after the other."""

    def __init__(self, parts: Sequence[Transform], cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.parts = [part.with_cache(cache_size) for part in parts] if cache_size else list(parts)
        if self.parts:
            first, last = self.parts[0], self.parts[-1]
            before, after = last.codomain.event_dim, first.domain.event_dim
            for part in reversed(self.parts):
                before = max(before + part.domain.event_dim - part.codomain.event_dim, part.domain.event_dim)
            for part in self.parts:
                after = max(after + part.codomain.event_dim - part.domain.event_dim, part.codomain.event_dim)
            self.domain, self.codomain = _widened(first.domain, before), _widened(last.codomain, after)
            self.bijective = all(part.bijective for part in self.parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ComposeTransform) and self.parts == other.parts

    __hash__ = Transform.__hash__

    @property
    def inv(self) -> Transform:
        """The inverses, the other way round."""
        if self._backwards is None:
            self._backwards = ComposeTransform([part.inv for part in reversed(self.parts)])
            self._backwards._backwards = self
        return self._backwards

    def _call(self, x: Any) -> Any:
        for part in self.parts:
            x = part(x)
        return x

    def _inverse(self, y: Any) -> Any:
        for part in reversed(self.parts):
            y = part.inv(y)
        return y

    def forward_shape(self, shape: Any) -> Any:
        for part in self.parts:
            shape = part.forward_shape(shape)
        return shape

    def inverse_shape(self, shape: Any) -> Any:
        for part in reversed(self.parts):
            shape = part.inverse_shape(shape)
        return shape

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        total: Any = None
        dims = self.domain.event_dim
        for part in self.parts:
            after = part(x)
            slope = sum_last(part.log_abs_det_jacobian(x, after), dims - part.domain.event_dim)
            dims += part.codomain.event_dim - part.domain.event_dim
            total = slope if total is None else total + slope
            x = after
        return torch_function("zeros_like")(x) if total is None else total

    def __repr__(self) -> str:
        return "ComposeTransform(\n    " + ",\n    ".join(repr(p) for p in self.parts) + "\n)"


__all__ = [
    "AffineTransform", "ComposeTransform", "ExpTransform", "PowerTransform", "SigmoidTransform", "SoftplusTransform",
    "TanhTransform", "Transform",
]  # fmt: skip
