"""torch.nn.utils.parametrizations: weight and spectral normalisation as parametrisations."""

from __future__ import annotations

from typing import Any

from ... import modes
from ...inplace import overwrite
from ...tensor import Tensor
from .. import functional
from ..module import Module
from . import parametrize
from .spectral_norm import as_matrix, is_transposed, unit_vector
from .weight_norm import length_of, weight_of

__all__ = ["spectral_norm", "weight_norm"]


class _WeightNorm(Module):
    """Length times direction."""

    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g: Any, weight_v: Any) -> Any:
        return weight_of(weight_v, weight_g, self.dim)

    def right_inverse(self, weight: Any) -> tuple[Any, Any]:
        """Length and direction of a weight."""
        return length_of(weight, self.dim), weight


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """A weight as its length (`original0`) times its direction (`original1`)."""
    return parametrize.register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


class _SpectralNorm(Module):
    """A weight over its largest singular value."""

    def __init__(self, weight: Any, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        super().__init__()
        ndim = weight._data.ndim
        if not -ndim <= dim < ndim:
            raise IndexError(f"Dimension out of range (expected to be in range of [-{ndim}, {ndim - 1}] but got {dim})")
        if n_power_iterations <= 0:
            raise ValueError(f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}")
        self.dim, self.eps = dim % ndim, eps
        if ndim > 1:
            self.n_power_iterations = n_power_iterations
            with modes.no_grad():
                matrix = as_matrix(weight, self.dim)
                rows, columns = matrix._data.shape
                self.register_buffer("_u", unit_vector(rows, weight, eps))
                self.register_buffer("_v", unit_vector(columns, weight, eps))
            self._improve(matrix, 15)

    def _improve(self, matrix: Any, rounds: int) -> None:
        with modes.no_grad():
            for _ in range(rounds):
                overwrite(self._u, functional.normalize(matrix.mv(self._v), dim=0, eps=self.eps)._data)
                overwrite(self._v, functional.normalize(matrix.t().mv(self._u), dim=0, eps=self.eps)._data)

    def forward(self, weight: Any) -> Any:
        if weight._data.ndim == 1:
            return functional.normalize(weight, dim=0, eps=self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:
            self._improve(matrix, self.n_power_iterations)
        u, v = self._u.clone(), self._v.clone()
        return weight / u.dot(matrix.mv(v))

    def right_inverse(self, value: Any) -> Any:
        """The value itself, taken to be normal already."""
        return value


def spectral_norm(module: Any, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None) -> Any:
    """A weight divided by its largest singular value."""
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    chosen = (1 if is_transposed(module) else 0) if dim is None else dim
    return parametrize.register_parametrization(module, name, _SpectralNorm(weight, n_power_iterations, chosen, eps))
