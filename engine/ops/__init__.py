"""The op families: one file of rows each; importing the package publishes all of them."""

from . import (
    activation,
    attention,
    conv,
    elementwise,
    embedding,
    factor,
    fill,
    functions,
    index,
    join,
    linalg,
    loss,
    normalization,
    norms,
    padding,
    pool,
    products,
    random,
    reduce,
    reshape,
    shape,
    statistics,
)  # fmt: skip

__all__ = [
    "activation", "attention", "conv", "elementwise", "embedding", "factor", "fill", "functions", "index", "join", "linalg", "loss", "normalization", "norms", "padding", "pool", "products", "random", "reduce",
    "reshape", "shape", "statistics",
]  # fmt: skip
