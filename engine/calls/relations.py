"""What PyTorch asks of the dtypes of a call's tensors together: that two are alike, or that an index is whole, with its words.

One row a function, which its methods share. Tensors count in the order in which they stand: {0} is the first one's dtype as
errors tell it, {c0} the same as C calls it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..dtypes import dtype

_FLOATS = frozenset(("Half", "Float", "Double"))
_LONG = frozenset(("Long",))


class Relation(NamedTuple):
    """`alike`: tensors that must have one dtype; or `only`: the dtypes that the tensor number `at` may have."""

    words: str
    alike: tuple[int, ...] = ()
    at: int = 0
    only: frozenset[str] = frozenset()
    error: type[Exception] = RuntimeError

    def refuse(self, given: Sequence[dtype]) -> None:
        """Raise where the dtypes of a call are not as they must be."""
        if self.alike:
            holds = self.alike[-1] >= len(given) or len({given[k] for k in self.alike}) == 1
        else:
            holds = self.at >= len(given) or given[self.at].scalar_name in self.only
        if not holds:
            names = [one.scalar_name for one in given]
            raise self.error(self.words.format(*names, **{f"c{k}": one.c_name for k, one in enumerate(given)}))


def _index(words: str, only: frozenset[str] = _LONG, error: type[Exception] = RuntimeError) -> Relation:
    return Relation(words, at=1, only=only, error=error)


_SOLVED = "Expected b and A to have the same dtype, but found b of type {0} and A of type {1} instead."
_QUANTILES = (
    Relation("quantile() input tensor must be either float or double dtype", at=0, only=frozenset(("Float", "Double"))),
    Relation("quantile() q tensor must be same dtype as the input tensor", (0, 1)),
)
_SUMMED = (
    Relation("self and mat2 must have the same dtype, but got {0} and {2}", (0, 2)),
    Relation("mat1 and mat2 must have the same dtype, but got {1} and {2}", (1, 2)),
)
_POLAR = "Expected both inputs to be Half, Float or Double tensors but got {0} and {1}"

RELATIONS: dict[str, tuple[Relation, ...]] = {
    "put": (
        _index("put_(): Expected a long tensor for index, but got {1}"),
        Relation("put_(): self and source expected to have the same dtype, but got self.dtype = {0} and source.dtype = {2}", (0, 2)),
    ),
    "take": (_index("take(): Expected a long tensor for index, but got {1}"),),
    "masked_scatter": (Relation("masked_scatter: expected self and source to have same dtypes but got{0} and {2}", (0, 2)),),
    "addmm": _SUMMED,
    "addbmm": _SUMMED,
    "addmv": (Relation("addmv input tensors must have the same dtype, but got {0}, {1}, and {2}", (0, 1, 2)),),
    "lstsq": (
        Relation(
            "torch.linalg.lstsq: Expected input and other to have the same dtype, but got input's dtype {0} and other's dtype {1}", (0, 1)
        ),
    ),
    "cholesky_solve": (Relation(_SOLVED, (0, 1)),),
    "triangular_solve": (Relation(_SOLVED, (0, 1)),),
    "quantile": _QUANTILES,
    "nanquantile": _QUANTILES,
    "binomial": (
        Relation("binomial only supports floating-point dtypes for count, got: {0}", at=0, only=_FLOATS, error=ValueError),
        Relation("binomial only supports floating-point dtypes for prob, got: {1}", at=1, only=_FLOATS, error=ValueError),
        Relation("Found dtype {1} but expected {0}", (0, 1)),
    ),
    "polar": (
        Relation(_POLAR, at=0, only=_FLOATS),
        Relation(_POLAR, at=1, only=_FLOATS),
        Relation("Expected object of scalar type {0} but got scalar type {1} for second argument", (0, 1)),
    ),
    "scaled_dot_product_attention": (
        Relation(
            "Expected query, key, and value to have the same dtype, but got query.dtype: {c0} key.dtype: {c1} and value.dtype: {c2} instead.",
            (0, 1, 2),
        ),
    ),
}

__all__ = ["RELATIONS", "Relation"]
