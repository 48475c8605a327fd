"""The op families: one file of rows each; importing the package publishes all of them."""

from . import (
    activation, conv, elementwise, fill, functions, index, join, linalg, loss, normalization, norms, padding, pool, reduce, reshape, shape, statistics,
)  # fmt: skip

__all__ = [
    "activation", "conv", "elementwise", "fill", "functions", "index", "join", "linalg", "loss", "normalization", "norms", "padding", "pool", "reduce",
    "reshape", "shape", "statistics",
]  # fmt: skip
