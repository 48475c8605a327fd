"""Functions of whole vectors and matrices, and functions made of others (torch.distributions.transforms)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..creation.factories import leaf
from ..naming.namespace import FUNCTIONAL, LINALG
from ..tensor import Size
from . import constraints
from .distribution import sum_last, torch_function
from .elementwise_transforms import ComposeTransform, SigmoidTransform, Transform


class AbsTransform(Transform):
    """The absolute value."""

    domain = constraints.real
    codomain = constraints.positive
    bijective = False

    def _call(self, x: Any) -> Any:
        return x.abs()

    def _inverse(self, y: Any) -> Any:
        return y


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

    def forward_shape(self, shape: Any) -> Any:
        return (*_some(shape, 1)[:-1], shape[-1] + 1)

    def inverse_shape(self, shape: Any) -> Any:
        return (*_some(shape, 1)[:-1], shape[-1] - 1)


def _some(shape: Any, least: int) -> Any:
    if len(shape) < least:
        raise ValueError("Too few dimensions on input")
    return shape


class LowerCholeskyTransform(Transform):
    """A matrix as a lower triangular one with a positive diagonal."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.lower_cholesky
    bijective = False

    def _call(self, x: Any) -> Any:
        return x.tril(-1) + x.diagonal(dim1=-2, dim2=-1).exp().diag_embed()

    def _inverse(self, y: Any) -> Any:
        return y.tril(-1) + y.diagonal(dim1=-2, dim2=-1).log().diag_embed()


class PositiveDefiniteTransform(Transform):
    """A matrix as a positive definite one."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.positive_definite
    bijective = False

    def _call(self, x: Any) -> Any:
        lower = LowerCholeskyTransform()(x)
        return lower @ lower.mT

    def _inverse(self, y: Any) -> Any:
        return LowerCholeskyTransform().inv(LINALG["cholesky"](y))


def _below(n: int, diagonal: int) -> Any:
    """Which places of a square matrix lie on a diagonal or below it."""
    return leaf(np.tri(n, k=diagonal, dtype=bool))


class CorrCholeskyTransform(Transform):
    """n (n - 1) / 2 numbers as the lower factor of a correlation matrix: each row breaks a stick of length 1, with signs."""

    domain = constraints.real_vector
    codomain = constraints.corr_cholesky

    def _call(self, x: Any) -> Any:
        x = x.tanh()
        eps = float(np.finfo(x._data.dtype).eps)
        x = x.clamp(min=-1 + eps, max=1 - eps)
        exact = (1 + (1 + 8 * x._data.shape[-1]) ** 0.5) / 2
        n = round(exact)
        if n - exact > eps:
            raise ValueError(
                f"The size of last dimension is {x._data.shape[-1]} which cannot be expressed as the lower triangular part of a square D x D "
                "matrix."
            )
        r = x.new_zeros((*x._data.shape[:-1], n, n))
        r[..., _below(n, -1)] = x
        left = (1 - r**2).sqrt().cumprod(-1)
        r = r + torch_function("eye")(n, dtype=r.dtype)
        return r * FUNCTIONAL["pad"](left[..., :-1], [1, 0], value=1)

    def _inverse(self, y: Any) -> Any:
        n = y._data.shape[-1]
        left = FUNCTIONAL["pad"]((1 - (y * y).cumsum(-1))[..., :-1], [1, 0], value=1)
        t = y[..., _below(n, -1)] / left[..., _below(n, -1)].sqrt()
        return (t.log1p() - t.neg().log1p()) / 2

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        left = (1 - (y * y).cumsum(dim=-1))[..., _below(y._data.shape[-1], -2)]
        sticks = 0.5 * left.log().sum(-1)
        return sticks + -2 * (x + FUNCTIONAL["softplus"](-2 * x) - math.log(2.0)).sum(dim=-1)

    def forward_shape(self, shape: Any) -> Any:
        n = _side(_some(shape, 1)[-1])
        if n is None:
            raise ValueError("Input is not a flattened lower-diagonal number")
        return (*shape[:-1], n, n)

    def inverse_shape(self, shape: Any) -> Any:
        if _some(shape, 2)[-2] != shape[-1]:
            raise ValueError("Input is not square")
        return (*shape[:-2], shape[-1] * (shape[-1] - 1) // 2)


def _side(count: int) -> int | None:
    """The side of the square matrix that has so many elements below its diagonal."""
    n = round((0.25 + 2 * count) ** 0.5 + 0.5)
    return n if n * (n - 1) // 2 == count else None


class IndependentTransform(Transform):
    """Another function, whose last axes are one event: the logs of its slopes are summed over them."""

    def __init__(self, base_transform: Transform, reinterpreted_batch_ndims: int, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.base_transform = base_transform
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        self.bijective, self.sign = base_transform.bijective, getattr(base_transform, "sign", 1)
        self.domain, self.codomain = (
            constraints.independent(c, reinterpreted_batch_ndims) for c in (base_transform.domain, base_transform.codomain)
        )

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = Transform.__hash__

    def _call(self, x: Any) -> Any:
        return self.base_transform(_deep(x, self.domain.event_dim))

    def _inverse(self, y: Any) -> Any:
        return self.base_transform.inv(_deep(y, self.codomain.event_dim))

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return sum_last(self.base_transform.log_abs_det_jacobian(x, y), self.reinterpreted_batch_ndims)

    def forward_shape(self, shape: Any) -> Any:
        return self.base_transform.forward_shape(shape)

    def inverse_shape(self, shape: Any) -> Any:
        return self.base_transform.inverse_shape(shape)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_transform!r}, {self.reinterpreted_batch_ndims})"


def _deep(x: Any, ndim: int) -> Any:
    _some(x._data.shape, ndim)
    return x


class ReshapeTransform(Transform):
    """The last axes in another shape."""

    def __init__(self, in_shape: Any, out_shape: Any, cache_size: int = 0) -> None:
        self.in_shape, self.out_shape = Size(in_shape), Size(out_shape)
        if self.in_shape.numel() != self.out_shape.numel():
            raise ValueError("in_shape, out_shape have different numbers of elements")
        super().__init__(cache_size)
        self.domain, self.codomain = (constraints.independent(constraints.real, len(s)) for s in (self.in_shape, self.out_shape))

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = Transform.__hash__

    def _call(self, x: Any) -> Any:
        return x.reshape(x.shape[: x.dim() - len(self.in_shape)] + self.out_shape)

    def _inverse(self, y: Any) -> Any:
        return y.reshape(y.shape[: y.dim() - len(self.out_shape)] + self.in_shape)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return x.new_zeros(x.shape[: x.dim() - len(self.in_shape)])

    def forward_shape(self, shape: Any) -> Any:
        return _reshaped(Size(shape), self.in_shape, self.out_shape)

    def inverse_shape(self, shape: Any) -> Any:
        return _reshaped(Size(shape), self.out_shape, self.in_shape)


def _reshaped(shape: Any, before: Any, after: Any) -> Any:
    cut = len(_some(shape, len(before))) - len(before)
    if shape[cut:] != before:
        raise ValueError(f"Shape mismatch: expected {shape[cut:]} but got {before}")
    return shape[:cut] + after


class _Parts(Transform):
    """Each part of the input through a function of its own."""

    def __init__(self, tseq: Sequence[Transform], dim: int, cache_size: int) -> None:
        if not all(isinstance(t, Transform) for t in tseq):
            raise AssertionError("All elements of tseq must be Transform instances")
        super().__init__(cache_size)
        self.transforms, self.dim = list(tseq), dim
        self.bijective = all(t.bijective for t in self.transforms)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = Transform.__hash__

    def _parts(self, x: Any) -> list[Any]:
        raise NotImplementedError

    def _whole(self, parts: list[Any]) -> Any:
        raise NotImplementedError

    def _through(self, function: Callable[[Transform, Any], Any], x: Any) -> Any:
        return self._whole([function(t, part) for t, part in zip(self.transforms, self._parts(x), strict=True)])

    def _call(self, x: Any) -> Any:
        return self._through(lambda t, part: t(part), x)

    def _inverse(self, y: Any) -> Any:
        return self._through(lambda t, part: t.inv(part), y)


class CatTransform(_Parts):
    """Parts that lie side by side along a dimension."""

    def __init__(self, tseq: Sequence[Transform], dim: int = 0, lengths: Sequence[int] | None = None, cache_size: int = 0) -> None:
        super().__init__(tseq, dim, cache_size)
        self.lengths = [1] * len(self.transforms) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.transforms):
            raise AssertionError(f"lengths ({len(self.lengths)}) must match transforms ({len(self.transforms)})")
        self.length = sum(self.lengths)

    def _parts(self, x: Any) -> list[Any]:
        starts = [sum(self.lengths[:k]) for k in range(len(self.lengths))]
        return [x.narrow(self.dim, start, length) for start, length in zip(starts, self.lengths, strict=True)]

    def _whole(self, parts: list[Any]) -> Any:
        return torch_function("cat")(parts, dim=self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        most = max(t.domain.event_dim for t in self.transforms)
        slopes = [
            sum_last(t.log_abs_det_jacobian(a, b), most - t.domain.event_dim)
            for t, a, b in zip(self.transforms, self._parts(x), self._parts(y), strict=True)
        ]
        dim = (self.dim - x.dim() if self.dim >= 0 else self.dim) + most
        return torch_function("cat")(slopes, dim=dim) if dim < 0 else sum(slopes)


class StackTransform(_Parts):
    """Parts that are stacked along a dimension."""

    def __init__(self, tseq: Sequence[Transform], dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(tseq, dim, cache_size)

    def _parts(self, x: Any) -> list[Any]:
        if x.size(self.dim) != len(self.transforms):
            raise AssertionError(f"x.size({self.dim}) = {x.size(self.dim)} must equal len(transforms) {len(self.transforms)}")
        return [x.select(self.dim, k) for k in range(x.size(self.dim))]

    def _whole(self, parts: list[Any]) -> Any:
        return torch_function("stack")(parts, dim=self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        slopes = zip(self.transforms, self._parts(x), self._parts(y), strict=True)
        return self._whole([t.log_abs_det_jacobian(a, b) for t, a, b in slopes])


class CumulativeDistributionTransform(Transform):
    """The distribution function of a distribution."""

    codomain = constraints.unit_interval
    sign = 1

    def __init__(self, distribution: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.distribution, self.domain = distribution, distribution.support

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = Transform.__hash__

    def _call(self, x: Any) -> Any:
        return self.distribution.cdf(x)

    def _inverse(self, y: Any) -> Any:
        return self.distribution.icdf(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return self.distribution.log_prob(x)


identity_transform = ComposeTransform([])

__all__ = [
    "AbsTransform", "CatTransform", "CorrCholeskyTransform", "CumulativeDistributionTransform", "IndependentTransform", "LowerCholeskyTransform",
    "PositiveDefiniteTransform", "ReshapeTransform", "SoftmaxTransform", "StackTransform", "StickBreakingTransform", "identity_transform",
]  # fmt: skip
