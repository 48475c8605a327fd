"""The op families: one file of rows each; importing the package publishes all of them."""

from . import activation, elementwise, functions, index, join, linalg, reduce, reshape, shape, statistics

__all__ = ["activation", "elementwise", "functions", "index", "join", "linalg", "reduce", "reshape", "shape", "statistics"]
