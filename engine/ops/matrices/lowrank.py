"""The few largest singular values of a matrix, by random directions: svd_lowrank and pca_lowrank.

Halko, Martinsson and Tropp, Finding structure with randomness, 2009 (algorithms 4.4 and 5.1), as torch/_lowrank.py has them.
"""

from __future__ import annotations

from typing import Any

from ... import random
from ...creation.factories import leaf
from ...dtypes import get_default_dtype
from ...naming.namespace import LINALG, export
from ...random import draws


def _floating(x: Any) -> Any:
    return x.dtype if x._data.dtype.kind in "fcV" else get_default_dtype()


def _basis(a: Any, q: int, niter: int, m: Any) -> Any:
    """Orthonormal columns that span nearly what the columns of `a` (less `m`) span."""
    qr = LINALG["qr"]

    def off(turned: bool, right: Any) -> Any:
        made = (a.mH if turned else a).matmul(right)
        return made if m is None else made - (m.mH if turned else m).matmul(right)

    directions = leaf(draws.randn(random.default_generator, (a._data.shape[-1], q), _floating(a).numpy))
    basis = qr(off(False, directions)).Q
    for _ in range(niter):
        basis = qr(off(True, basis)).Q
        basis = qr(off(False, basis)).Q
    return basis


@export("torch")
def svd_lowrank(A: Any, q: int | None = 6, niter: int | None = 2, M: Any = None) -> Any:
    """U, S and V of nearly A (less M), with q columns."""
    q = 6 if q is None else q
    m, n = A._data.shape[-2:]
    if M is not None:
        M = M.expand(A._data.shape)
    if m < n:
        A, M = A.mH, None if M is None else M.mH
    basis = _basis(A, q, 2 if niter is None else niter, M)
    b = basis.mH.matmul(A)
    if M is not None:
        b = b - basis.mH.matmul(M)
    u, s, vh = LINALG["svd"](b, full_matrices=False)
    u, v = basis.matmul(u), vh.mH
    return (v, s, u) if m < n else (u, s, v)


@export("torch")
def pca_lowrank(A: Any, q: int | None = None, center: bool = True, niter: int = 2) -> Any:
    """The principal directions: svd_lowrank of a matrix whose columns have the mean 0."""
    m, n = A._data.shape[-2:]
    if q is None:
        q = min(6, m, n)
    elif not 0 <= q <= min(m, n):
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}")
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    return svd_lowrank(A - A.mean(dim=(-2,), keepdim=True) if center else A, q, niter=niter)
