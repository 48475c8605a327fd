"""The bell curve in many dimensions, with a covariance of few directions and a diagonal: LowRankMultivariateNormal."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..errors import cannot_broadcast
from ..naming.namespace import LINALG
from . import constraints
from .covariance import matrix_vector
from .distribution import Distribution, lazy_property, standard_normal, torch_function
from .kl import register_kl
from .multivariate_normal import MultivariateNormal


def _over_diagonal(factor: Any, diagonal: Any) -> Any:
    """W^T D^-1"""
    return factor.mT / diagonal.unsqueeze(-2)


def _plus_one(product: Any) -> Any:
    """The lower factor of a product of matrices plus 1."""
    n = product._data.shape[-1]
    product = product.contiguous()
    product.view(-1, n * n)[:, :: n + 1] += 1
    return LINALG["cholesky"](product)


def _log_det(factor: Any, diagonal: Any, inner: Any) -> Any:
    return 2 * inner.diagonal(dim1=-2, dim2=-1).log().sum(-1) + diagonal.log().sum(-1)


def solved(lower: Any, right: Any) -> Any:
    """L^-1 B"""
    return LINALG["solve_triangular"](lower, right, upper=False)


def _distance(factor: Any, diagonal: Any, x: Any, inner: Any) -> Any:
    """x^T (W W^T + D)^-1 x, by the Woodbury identity."""
    seen = matrix_vector(_over_diagonal(factor, diagonal), x)
    return (x.pow(2) / diagonal).sum(-1) - solved(inner, seen.unsqueeze(-1)).squeeze(-1).pow(2).sum(-1)


class LowRankMultivariateNormal(Distribution):
    """The covariance is W W^T + D, of a factor with few columns and a diagonal."""

    arg_constraints: ClassVar[Any] = {
        "loc": constraints.real_vector,
        "cov_factor": constraints.independent(constraints.real, 2),
        "cov_diag": constraints.independent(constraints.positive, 1),
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc: Any, cov_factor: Any, cov_diag: Any, validate_args: bool | None = None) -> None:
        if loc._data.ndim < 1:
            raise ValueError("loc must be at least one-dimensional.")
        if cov_factor._data.ndim < 2:
            raise ValueError("cov_factor must be at least two-dimensional, with optional leading batch dimensions")
        n = loc._data.shape[-1]
        if cov_factor._data.shape[-2] != n:
            raise ValueError(f"cov_factor must be a batch of matrices with shape {n} x m")
        if cov_diag._data.shape[-1:] != (n,):
            raise ValueError(f"cov_diag must be a batch of vectors with shape {loc.shape[-1:]}")
        batches = [loc._data.shape[:-1], cov_factor._data.shape[:-2], cov_diag._data.shape[:-1]]
        if any(cannot_broadcast(a, b) is not None for a in batches for b in batches):
            raise ValueError(f"Incompatible batch shapes: loc {loc.shape}, cov_factor {cov_factor.shape}, cov_diag {cov_diag.shape}")
        place, self.cov_factor, diagonal = torch_function("broadcast_tensors")(loc.unsqueeze(-1), cov_factor, cov_diag.unsqueeze(-1))
        self.loc, self.cov_diag = place[..., 0], diagonal[..., 0]
        self._factor, self._diagonal = cov_factor, cov_diag
        self._inner = _plus_one(_over_diagonal(cov_factor, cov_diag).matmul(cov_factor))
        super().__init__(self.loc._data.shape[:-1], (n,), validate_args=validate_args)

    def _square(self, matrix: Any) -> Any:
        return matrix.expand(*self._batch_shape, *self._event_shape, *self._event_shape)

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @lazy_property
    def variance(self) -> Any:  # type: ignore[override]
        """The diagonal of the covariance."""
        return (self._factor.pow(2).sum(-1) + self._diagonal).expand(*self._batch_shape, *self._event_shape)

    @lazy_property
    def scale_tril(self) -> Any:
        """The lower factor of the covariance."""
        root = self._diagonal.sqrt().unsqueeze(-1)
        scaled = self._factor / root
        return self._square(root * _plus_one(scaled.matmul(scaled.mT)))

    @lazy_property
    def covariance_matrix(self) -> Any:
        """W W^T + D"""
        return self._square(self._factor.matmul(self._factor.mT) + self._diagonal.diag_embed())

    @lazy_property
    def precision_matrix(self) -> Any:
        """The inverse of the covariance."""
        part = solved(self._inner, _over_diagonal(self._factor, self._diagonal))
        return self._square(self._diagonal.reciprocal().diag_embed() - part.mT @ part)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        along = standard_normal((*shape[:-1], self.cov_factor._data.shape[-1]), self.loc)
        across = standard_normal(shape, self.loc)
        return self.loc + matrix_vector(self._factor, along) + self._diagonal.sqrt() * across

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        distance = _distance(self._factor, self._diagonal, value - self.loc, self._inner)
        log_det = _log_det(self._factor, self._diagonal, self._inner)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + log_det + distance)

    def entropy(self) -> Any:
        log_det = _log_det(self._factor, self._diagonal, self._inner)
        h = 0.5 * (self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + log_det)
        return h.expand(*self._batch_shape) if self._batch_shape else h


# -- divergences ------------------------------------------------------------------------------------------------------


def _square_sum(matrix: Any) -> Any:
    """The trace of X X^T."""
    shape = matrix._data.shape
    return matrix.reshape(-1, shape[-2] * shape[-1]).pow(2).sum(-1).reshape(shape[:-2])


def _must_match(p: Any, q: Any, what: str) -> None:
    if p.event_shape != q.event_shape:
        gap = " " * 26
        raise ValueError(f"KL-divergence between two {what} with{gap}different event shapes cannot be computed")


@register_kl(LowRankMultivariateNormal, LowRankMultivariateNormal)
def _low_low(p: Any, q: Any) -> Any:
    _must_match(p, q, "Low Rank Multivariate Normals")
    log_dets = _log_det(q._factor, q._diagonal, q._inner) - _log_det(p._factor, p._diagonal, p._inner)
    distance = _distance(q._factor, q._diagonal, q.loc - p.loc, q._inner)
    part = solved(q._inner, _over_diagonal(q._factor, q._diagonal))
    trace = (p._diagonal / q._diagonal).sum(-1) + _square_sum(p._factor * q._diagonal.rsqrt().unsqueeze(-1))
    trace = trace - _square_sum(part * p._diagonal.sqrt().unsqueeze(-2)) - _square_sum(part.matmul(p._factor))
    return 0.5 * (log_dets + trace + distance - p.event_shape[0])


@register_kl(MultivariateNormal, LowRankMultivariateNormal)
def _full_low(p: Any, q: Any) -> Any:
    _must_match(p, q, "(Low Rank) Multivariate Normals")
    log_dets = _log_det(q._factor, q._diagonal, q._inner) - 2 * p._half_log_det()
    distance = _distance(q._factor, q._diagonal, q.loc - p.loc, q._inner)
    part = solved(q._inner, _over_diagonal(q._factor, q._diagonal))
    trace = _square_sum(p._factor * q._diagonal.rsqrt().unsqueeze(-1)) - _square_sum(part.matmul(p._factor))
    return 0.5 * (log_dets + trace + distance - p.event_shape[0])


@register_kl(LowRankMultivariateNormal, MultivariateNormal)
def _low_full(p: Any, q: Any) -> Any:
    _must_match(p, q, "(Low Rank) Multivariate Normals")
    log_dets = 2 * q._half_log_det() - _log_det(p._factor, p._diagonal, p._inner)
    distance = solved(q._factor, (q.loc - p.loc).unsqueeze(-1)).squeeze(-1).pow(2).sum(-1)
    n, batch = p.event_shape[0], np.broadcast_shapes(q._factor._data.shape[:-2], p._factor._data.shape[:-2])
    lower, factor = q._factor.expand(*batch, n, n), p._factor.expand(*batch, n, p.cov_factor._data.shape[-1])
    diagonal = p._diagonal.sqrt().diag_embed().expand(*batch, n, n)
    trace = _square_sum(solved(lower, factor)) + _square_sum(solved(lower, diagonal))
    return 0.5 * (log_dets + trace + distance - n)


__all__ = ["LowRankMultivariateNormal"]
