"""A covariance given in one of three ways: by itself, by its inverse (the precision) or by its lower factor.

Matrices are (*batch, n, n), vectors (*batch, n), floating.
"""

from __future__ import annotations

from typing import Any

from ..naming.namespace import LINALG
from .distribution import torch_function


def the_one_given(covariance_matrix: Any, precision_matrix: Any, scale_tril: Any, refused: type[Exception]) -> tuple[str, Any]:
    """Which of the three was given, by its name, and the matrix; `refused` is raised where it is not exactly one."""
    given = {"covariance_matrix": covariance_matrix, "precision_matrix": precision_matrix, "scale_tril": scale_tril}
    chosen = [(name, matrix) for name, matrix in given.items() if matrix is not None]
    if len(chosen) != 1:
        raise refused("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.")
    return chosen[0]


def lower_factor(name: str, matrix: Any) -> Any:
    """The lower factor of the covariance, from what was given under that name."""
    if name == "scale_tril":
        return matrix
    return LINALG["cholesky"](matrix) if name == "covariance_matrix" else _of_precision(matrix)


def matrix_vector(matrix: Any, vector: Any) -> Any:
    """Products of matrices with vectors, batch by batch."""
    return matrix.matmul(vector.unsqueeze(-1)).squeeze(-1)


def _of_precision(precision: Any) -> Any:
    """The lower factor of the covariance, from the precision."""
    flipped = LINALG["cholesky"](precision.flip((-2, -1)))
    inverse = flipped.flip((-2, -1)).transpose(-2, -1)
    identity = torch_function("eye")(precision._data.shape[-1], dtype=precision.dtype)
    return LINALG["solve_triangular"](inverse, identity, upper=False)
