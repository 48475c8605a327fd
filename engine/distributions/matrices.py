"""Distributions of matrices: Wishart, and LKJCholesky of the factors of correlations."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from .. import modes
from ..creation.factories import leaf, tensor
from ..naming.namespace import LINALG
from . import constraints
from .covariance import lower_factor, the_one_given
from .distribution import Distribution, Number, broadcast_all, lazy_property, standard_normal, torch_function
from .exponential_family import ExponentialFamily
from .gammas import Beta, Chi2


class LKJCholesky(Distribution):
    """Lower factors of correlation matrices: the larger the concentration, the nearer to the unit matrix."""

    arg_constraints = {"concentration": constraints.positive}  # noqa: RUF012 - as in all the others
    support = constraints.corr_cholesky

    def __init__(self, dim: int, concentration: Any = 1.0, validate_args: bool | None = None) -> None:
        if dim < 2:
            raise ValueError(f"Expected dim to be an integer greater than or equal to 2. Found dim={dim}.")
        self.dim = dim
        (self.concentration,) = broadcast_all(concentration)
        marginal = self.concentration + 0.5 * (dim - 2)
        offset = leaf(np.array([0, *range(dim - 1)], self.concentration._data.dtype))
        self._beta = Beta(offset + 0.5, marginal.unsqueeze(-1) - 0.5 * offset)
        super().__init__(self.concentration._data.shape, (dim, dim), validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        made = super().expand(batch_shape)
        made._beta = self._beta.expand((*batch_shape, self.dim))
        return made

    def sample(self, sample_shape: Any = ()) -> Any:
        """By the onion method: row by row a direction, and how long it is."""
        with modes.no_grad():
            y = self._beta.sample(sample_shape).unsqueeze(-1)
            normal = standard_normal(self._extended_shape(sample_shape), y).tril(-1)
            directions = normal / normal.norm(dim=-1, keepdim=True)
            directions[..., 0, :].fill_(0.0)
            rows = y.sqrt() * directions
            rest = (1 - (rows**2).sum(dim=-1)).clamp(min=float(np.finfo(rows._data.dtype).tiny)).sqrt()
            rows += rest.diag_embed()
            return rows

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        diagonal = value.diagonal(dim1=-1, dim2=-2)[..., 1:]
        order = 2 * (self.concentration - 1).unsqueeze(-1) + self.dim - leaf(np.arange(2, self.dim + 1))
        unnormalised = (order * diagonal.log()).sum(dim=-1)
        less = self.dim - 1
        alpha = self.concentration + 0.5 * less
        normalisation = 0.5 * less * math.log(math.pi) + torch_function("mvlgamma")(alpha - 0.5, less) - alpha.lgamma() * less
        return unnormalised - normalisation


class Wishart(ExponentialFamily):
    """Sums of the squares of `df` normal vectors: covariances."""

    support = constraints.positive_definite
    has_rsample = True

    @property
    def arg_constraints(self) -> Any:  # type: ignore[override]
        """What the parameters must fulfil."""
        return {
            "covariance_matrix": constraints.positive_definite,
            "precision_matrix": constraints.positive_definite,
            "scale_tril": constraints.lower_cholesky,
            "df": constraints.greater_than(self._event_shape[-1] - 1),
        }

    def __init__(
        self,
        df: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        name, matrix = the_one_given(covariance_matrix, precision_matrix, scale_tril, AssertionError)
        if matrix._data.ndim < 2:
            raise ValueError("scale_tril must be at least two-dimensional, with optional leading batch dimensions")
        batch: tuple[int, ...] = matrix._data.shape[:-2]
        if isinstance(df, Number):
            self.df = tensor(df, dtype=matrix.dtype)
        else:
            batch = np.broadcast_shapes(batch, df._data.shape)
            self.df = df.expand(batch)
        p = matrix._data.shape[-1]
        if (self.df._data <= p - 1).any():
            raise ValueError(f"Value of df={df} expected to be greater than ndim - 1 = {p - 1}.")
        setattr(self, name, matrix.expand(*batch, -1, -1))
        if (self.df._data < p).any():
            warnings.warn("Low df values detected. Singular samples are highly likely to occur for ndim - 1 < df < ndim.", stacklevel=2)
        super().__init__(batch, matrix._data.shape[-2:], validate_args=validate_args)
        self._factor = lower_factor(name, matrix)
        self._chi2 = self._chances(batch)

    def _chances(self, batch: tuple[int, ...]) -> Chi2:
        steps = leaf(np.arange(self._event_shape[-1], dtype=self._factor._data.dtype))
        return Chi2(self.df.unsqueeze(-1) - steps.expand((*batch, -1)))

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        made = super().expand(batch_shape)
        made._factor = self._factor.expand((*batch_shape, *self._event_shape))
        made._chi2 = made._chances(tuple(batch_shape))
        return made

    def _whole(self, matrix: Any) -> Any:
        return matrix.expand(*self._batch_shape, *self._event_shape)

    @lazy_property
    def scale_tril(self) -> Any:
        """The lower factor of the scale."""
        return self._whole(self._factor)

    @lazy_property
    def covariance_matrix(self) -> Any:
        """The scale."""
        return self._whole(self._factor @ self._factor.transpose(-2, -1))

    @lazy_property
    def precision_matrix(self) -> Any:
        """The inverse of the scale."""
        identity = torch_function("eye")(self._event_shape[-1], dtype=self._factor.dtype)
        return self._whole(torch_function("cholesky_solve")(identity, self._factor))

    def _of_each(self, numbers: Any) -> Any:
        return numbers.view(*self._batch_shape, 1, 1)

    @property
    def mean(self) -> Any:
        return self._of_each(self.df) * self.covariance_matrix

    @property
    def mode(self) -> Any:
        factor = self.df - self.covariance_matrix.shape[-1] - 1
        factor[factor <= 0] = math.nan
        return self._of_each(factor) * self.covariance_matrix

    @property
    def variance(self) -> Any:
        v = self.covariance_matrix
        diagonal = v.diagonal(dim1=-2, dim2=-1)
        return self._of_each(self.df) * (v.pow(2) + torch_function("einsum")("...i,...j->...ij", diagonal, diagonal))

    def _drawn(self, sample_shape: Any) -> Any:
        """By Bartlett's decomposition: a triangular matrix of independent numbers."""
        p = self._event_shape[-1]
        lengths = self._chi2.rsample(sample_shape).sqrt()
        noise = lengths.clamp(min=float(np.finfo(lengths._data.dtype).eps)).diag_embed(dim1=-2, dim2=-1)
        i, j = (leaf(places) for places in np.tril_indices(p, -1))
        noise[..., i, j] = standard_normal((*sample_shape, *self._batch_shape, p * (p - 1) // 2), noise)
        lower = self._factor @ noise
        return lower @ lower.transpose(-2, -1)

    def _right(self, sample: Any) -> Any:
        found = self.support.check(sample)
        return found.amax(tuple(-(k + 1) for k in range(len(self._batch_shape)))) if self._batch_shape else found

    def rsample(self, sample_shape: Any = (), max_try_correction: int | None = None) -> Any:
        sample_shape = tuple(sample_shape)
        sample = self._drawn(sample_shape)
        again = self._right(sample)  # as in PyTorch: those that are all right are drawn once more
        if again.any():
            warnings.warn("Singular sample detected.", stacklevel=2)
            for _ in range(10 if max_try_correction is None else max_try_correction):
                new = self._drawn(again[again].shape)
                sample[again] = new
                singular = ~self.support.check(new)
                if self._batch_shape:
                    singular = singular.amax(tuple(-(k + 1) for k in range(len(self._batch_shape))))
                again[again.clone()] = singular  # what was written by `again` before has no gradient any more, there and here
                if not again.any():
                    break
        return sample

    def _half_log_det(self) -> Any:
        return self._factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)

    def log_prob(self, value: Any) -> Any:
        self._validate_sample(value)
        nu, p = self.df, self._event_shape[-1]
        spread = torch_function("cholesky_solve")(value, self._factor).diagonal(dim1=-2, dim2=-1).sum(dim=-1)
        return (
            -nu * (p * math.log(2) / 2 + self._half_log_det())
            - torch_function("mvlgamma")(nu / 2, p=p)
            + (nu - p - 1) / 2 * LINALG["slogdet"](value).logabsdet
            - spread / 2
        )

    def entropy(self) -> Any:
        nu, p = self.df, self._event_shape[-1]
        steps = leaf(np.arange(p, dtype=nu._data.dtype))
        slopes = ((nu / 2).unsqueeze(-1) - steps.div(2).expand((*nu._data.shape, -1))).digamma().sum(-1)
        return (
            (p + 1) * (p * math.log(2) / 2 + self._half_log_det())
            + torch_function("mvlgamma")(nu / 2, p=p)
            - (nu - p - 1) / 2 * slopes
            + nu * p / 2
        )


__all__ = ["LKJCholesky", "Wishart"]
