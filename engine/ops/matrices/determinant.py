"""Determinants and their logarithms, of singular matrices too. Cotangents after PyTorch's FunctionsManual.cpp."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...naming.namespace import export
from ...naming.rows import into
from ...op import Op, apply
from ...tensor import Tensor
from ..pointwise.complex import imag_row
from ..pointwise.elementwise import where
from ..reductions.statistics import return_type
from ..views.join import stack_row
from .factorization import svd_row
from .matrix import adjoint, alike, column, conjugate, must_be_float, must_be_square, plain, product, tr
from .solving import inv_row, singular


def _cofactors(x: Any) -> Any:
    """d det / d x for singular matrices too: det(U) det(V) U diag(products of the other singular values) V^T, conjugated."""
    if not x.size:
        return np.zeros_like(x)
    finite = np.isfinite(x).all((-2, -1), keepdims=True)
    if not finite.all():
        return np.where(finite, _cofactors(np.where(finite, x, 0)), x.dtype.type(math.nan))
    u, s, vh = np.linalg.svd(x)
    n = s.shape[-1]
    others = np.stack([np.prod(np.delete(s, k, axis=-1), axis=-1) for k in range(n)], -1)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return (sign[..., None, None] * np.conj((u * others[..., None, :]) @ vh)).astype(x.dtype)


def _det_vjp(g: Any, x: Any, result: Any) -> Any:
    grown = column(column(g))
    if not isinstance(g, Tensor):
        return grown * _cofactors(x)
    if (singular(x._data) != 0).any():
        u, s, vh = svd_row(x, full_matrices=False)
        others = []
        for k in range(s.shape[-1]):
            keep = [j for j in range(s.shape[-1]) if j != k]
            others.append(s[..., keep].prod(-1))
        sign = alike(np.linalg.det(plain(u)) * np.linalg.det(plain(vh)), x)
        return grown * column(column(sign)) * conjugate(product(u * stack_row(others, dim=s.ndim - 1).unsqueeze(-2), vh))
    return grown * column(column(result)) * tr(inv_row(x)[0])


det_row = Op(
    "linalg_det", lambda x: np.asarray(np.linalg.det(x)), vjps=(_det_vjp,), formulas=(r"\bar{A} = \bar{d}\,\det(A)\,A^{-\mathsf{T}}",)
)


@export("torch method linalg")
def det(A: Any, *, out: Any = None) -> Any:
    """The determinant."""
    must_be_square("linalg.det", A)
    must_be_float("linalg.det", A)
    return into(out, apply(det_row, (A,)), "linalg_det")


def _slogdet(x: Any) -> tuple[Any, Any]:
    sign, log = np.linalg.slogdet(x)
    return np.asarray(sign, x.dtype), np.asarray(log, x.real.dtype)


def _slogdet_vjp(g: Any, x: Any, result: Any) -> Any:
    gs, gl = g
    if plain(x).dtype.kind == "c" and gs is not None:  # a sign of reals moves nothing; that of complex numbers turns
        turned = imag_row(conjugate(gs) * result) * -1j
        gl = turned if gl is None else turned + gl
    if gl is None:
        return x * 0
    return column(column(gl)) * adjoint(inv_row(x)[0])


slogdet_row = Op("linalg_slogdet", _slogdet, vjps=(_slogdet_vjp,), formulas=(r"\bar{A} = \bar{l}\,A^{-\mathsf{T}}",))
slogdet_row.antilinear = True


@export("linalg", "slogdet")
def slogdet(A: Any, *, out: Any = None) -> Any:
    """Sign of the determinant, and the logarithm of its absolute value."""
    must_be_square("linalg.slogdet", A)
    must_be_float("linalg.slogdet", A)
    return return_type("linalg_slogdet")(*apply(slogdet_row, (A,)))


@export("torch method", "slogdet")
def slogdet_old(input: Any) -> Any:
    """torch.slogdet, the older name."""
    must_be_square("linalg.slogdet", input)
    return return_type("slogdet")(*apply(slogdet_row, (input,)))


@export("torch method")
def logdet(input: Any) -> Any:
    """log(det(A)); nan where the determinant of reals is negative."""
    must_be_square("logdet", input)
    must_be_float("logdet", input)
    sign, log = apply(slogdet_row, (input,))
    if sign._data.dtype.kind == "c":
        return sign.log() + log
    return apply(where, (Tensor._of(sign._data == -1), Tensor._of(np.full((), np.nan, sign._data.dtype)), log))
