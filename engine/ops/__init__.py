"""The op families: one file of rows each; importing the package publishes all of them."""

from __future__ import annotations

from . import fill
from .indexing import collect, gather, index, index_dim, masked
from .layers import attention, conv, embedding, fractional, grid_sample, normalization, padding, pool, random, resample, weight_norm
from .losses import class_losses, ctc, loss, numbered
from .matrices import determinant, einsum, factorization, linalg, lowrank, lu, matrix, matrix_functions, products, solving
from .pointwise import activation, bessel, bounds, complex, elementwise, functions, polynomials, powers, quantization, special
from .reductions import counting, cumulative, histograms, norms, order, reduce, selection, sets, softmax, statistics
from .signals import fourier, signal, windows
from .views import join, reshape, reshape_inplace, shape, strides

__all__ = [
    "activation",
    "attention",
    "bessel",
    "bounds",
    "class_losses",
    "collect",
    "complex",
    "conv",
    "counting",
    "ctc",
    "cumulative",
    "determinant",
    "einsum",
    "elementwise",
    "embedding",
    "factorization",
    "fill",
    "fourier",
    "fractional",
    "functions",
    "gather",
    "grid_sample",
    "histograms",
    "index",
    "index_dim",
    "join",
    "linalg",
    "loss",
    "lowrank",
    "lu",
    "masked",
    "matrix",
    "matrix_functions",
    "normalization",
    "norms",
    "numbered",
    "order",
    "padding",
    "polynomials",
    "pool",
    "powers",
    "products",
    "quantization",
    "random",
    "reduce",
    "resample",
    "reshape",
    "reshape_inplace",
    "selection",
    "sets",
    "shape",
    "signal",
    "softmax",
    "solving",
    "special",
    "statistics",
    "strides",
    "weight_norm",
    "windows",
]
