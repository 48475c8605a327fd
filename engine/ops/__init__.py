"""The op families: one file of rows each; importing the package publishes all of them."""

from . import activation, elementwise, functions, index, join, linalg, loss, norms, reduce, reshape, shape, statistics

__all__ = ["activation", "elementwise", "functions", "index", "join", "linalg", "loss", "norms", "reduce", "reshape", "shape", "statistics"]
