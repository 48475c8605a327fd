"""torch.nn.utils.parametrizations: weight and spectral normalisation, and orthogonal matrices, as parametrisations."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import modes
from ...memory.inplace import overwrite
from ...naming.namespace import LINALG, TORCH
from ...tensor import Tensor
from .. import functional
from ..modules.module import Module
from . import parametrize
from .spectral_norm import as_matrix, is_transposed, unit_vector
from .weight_norm import length_of, weight_of

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]


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


class _Orthogonal(Module):
    """A matrix with orthonormal columns (or rows, where it is wide), from a matrix without constraints."""

    base: Any

    def __init__(self, weight: Any, orthogonal_map: str, use_trivialization: bool = True) -> None:
        super().__init__()
        if weight.is_complex() and orthogonal_map == "householder":
            raise ValueError("The householder parametrization does not support complex tensors.")
        self.shape = weight.shape
        self.orthogonal_map = orthogonal_map
        self.trivialized = use_trivialization
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, X: Any) -> Any:
        n, k = X.shape[-2:]
        wide = n < k
        if wide:
            X, n, k = X.mT, k, n
        Q = self._reflected(X) if self.orthogonal_map == "householder" else self._turned(X, n, k)
        if self.trivialized:
            Q = self.base @ Q
        return Q.mT if wide else Q

    def _turned(self, X: Any, n: int, k: int) -> Any:
        """By a skew matrix: its exponential, or Cayley's map of it."""
        X = X.tril()
        if n != k:
            X = TORCH["cat"]([X, X.new_zeros(n, n - k).expand(*X.shape[:-2], -1, -1)], dim=-1)
        A = X - X.mH
        if self.orthogonal_map == "matrix_exp":
            Q = TORCH["matrix_exp"](A)
        else:
            identity = TORCH["eye"](n, dtype=A.dtype)
            Q = LINALG["solve"](TORCH["add"](identity, A, alpha=-0.5), TORCH["add"](identity, A, alpha=0.5))
        return Q if n == k else Q[..., :k]

    def _reflected(self, X: Any) -> Any:
        """By reflections, whose vectors are the columns below the diagonal of X; the diagonal has their signs."""
        n, k = X.shape[-2:]
        A = X.tril(diagonal=-1)
        tau = 2.0 / (1.0 + (A * A).sum(dim=-2))
        identity = TORCH["eye"](n, dtype=X.dtype)
        Q = identity[:, :k].expand(*X.shape[:-2], -1, -1)
        for j in reversed(range(k)):
            v = (A[..., j] + identity[:, j]).unsqueeze(-1)
            Q = Q - tau[..., j, None, None] * v @ (v.mT @ Q)
        return Q * X.diagonal(dim1=-2, dim2=-1).int().unsqueeze(-2)

    def right_inverse(self, Q: Any) -> Any:
        """What gives Q, made orthogonal where it is not; the base takes all of it, where there is one."""
        if Q.shape != self.shape:
            raise ValueError(f"Expected a matrix or batch of matrices of shape {self.shape}. Got a tensor of shape {Q.shape}.")
        with modes.no_grad():
            n, k = Q.shape[-2:]
            tall = Q.mT if n < k else Q
            if not self.trivialized:
                if self.orthogonal_map != "householder":
                    raise NotImplementedError(
                        "It is not possible to assign to the matrix exponential or the Cayley parametrizations when use_trivialization=False."
                    )
                A = Tensor._of(_reflectors(tall._data))
                return A.mT if n < k else A
            if n != k:
                more = TORCH["randn"](*tall.shape[:-2], max(n, k), abs(n - k), dtype=Q.dtype)
                tall = _orthogonalised(TORCH["cat"]([tall, more], dim=-1))
            else:
                tall = tall.clone() if _is_orthogonal(tall) else _orthogonalised(tall)
            self.base = tall
            minus = TORCH["zeros_like"](Q)
            minus.diagonal(dim1=-2, dim2=-1).fill_(-1.0)
            return minus


def _reflectors(matrix: Any) -> Any:
    """LAPACK's form of the QR decomposition: the vectors of the reflections below the diagonal, the signs of R on it."""
    raw, tau = np.linalg.qr(matrix, "raw")
    made = np.swapaxes(raw, -2, -1).copy()
    k = np.arange(tau.shape[-1])
    left = made[..., k, k]
    # of a column that depends on those before it only rounding is left, which has no sign: PyTorch's LAPACK leaves 0
    rounding = 1e-3 * np.finfo(made.dtype).eps * np.abs(left).max(-1, keepdims=True, initial=0)
    signs = np.where(np.abs(left) < rounding, 0, np.sign(left)).astype(made.dtype)
    made[..., k, k] = np.where(tau == 0, -signs, signs)
    return made


def _is_orthogonal(Q: Any) -> bool:
    n, k = Q.shape[-2:]
    eps = 10.0 * n * float(np.finfo(Q._data.dtype).eps)
    return bool(TORCH["allclose"](Q.mH @ Q, TORCH["eye"](k, dtype=Q.dtype), atol=eps))


def _orthogonalised(A: Any) -> Any:
    """The Q of A = Q R in which the diagonal of R is positive."""
    X = Tensor._of(_reflectors(A._data))
    return _Orthogonal(X, "householder", False)._reflected(X)


def orthogonal(module: Any, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True) -> Any:
    """A weight that stays orthogonal, by "matrix_exp", "cayley" or "householder"."""
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    if weight._data.ndim < 2:
        raise ValueError(f"Expected a matrix or batch of matrices. Got a tensor of {weight._data.ndim} dimensions.")
    square = weight._data.shape[-2] == weight._data.shape[-1] or weight._data.dtype.kind == "c"
    chosen = orthogonal_map or ("matrix_exp" if square else "householder")
    if chosen not in ("matrix_exp", "cayley", "householder"):
        raise ValueError(f'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: {chosen}')
    return parametrize.register_parametrization(module, name, _Orthogonal(weight, chosen, use_trivialization), unsafe=True)
