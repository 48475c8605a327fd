"""The op families: one file of rows each; importing the package publishes all of them."""

from . import elementwise, index, join, linalg, reduce, reshape, shape, statistics

__all__ = ["elementwise", "index", "join", "linalg", "reduce", "reshape", "shape", "statistics"]
