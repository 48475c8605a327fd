"""The op families: one file of rows each; importing the package publishes all of them."""

from . import elementwise, linalg, reduce, shape

__all__ = ["elementwise", "linalg", "reduce", "shape"]
