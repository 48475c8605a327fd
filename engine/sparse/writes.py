"""What writes into sparse tensors, as optimizers' scripts do with a `.grad`, and what is made in their image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..creation.factories import leaf
from ..naming.namespace import export
from ..op import apply
from ..ops.matrices.sparse import taken
from .tensors import KNOWN, SparseTensor, dense, knows, like, made


def _become(x: SparseTensor, new: SparseTensor) -> SparseTensor:
    x._places, x._entries, x._ordered = new._places, new._entries, new._ordered
    x._storage.version += 1
    return x


def _in_place(name: str) -> Callable[..., Any]:
    def write(input: Any, *given: Any, **options: Any) -> Any:
        if isinstance(input, SparseTensor):
            return _become(input, KNOWN[name](input, *given, **options))
        return getattr(input, name + "_")(*(dense(x) if isinstance(x, SparseTensor) else x for x in given), **options)

    return write


for _name in ("add", "sub", "mul", "div", "neg"):
    KNOWN[f"{_name}_"] = _in_place(_name)
KNOWN["__iadd__"], KNOWN["__isub__"], KNOWN["__imul__"], KNOWN["__itruediv__"] = (KNOWN[n] for n in ("add_", "sub_", "mul_", "div_"))


@knows("zeros_like", "empty_like")
def _zeros_like(input: SparseTensor, **_: Any) -> SparseTensor:
    numbers = input._entries._data
    return made(np.zeros((len(input._places), 0), np.int64), leaf(np.zeros((0, *numbers.shape[1:]), numbers.dtype)), input._sizes, True)


@knows("zero_")
def _zero_(input: SparseTensor) -> SparseTensor:
    return _become(input, _zeros_like(input))


@knows("copy_")
def _copy_(self: SparseTensor, src: SparseTensor, non_blocking: bool = False) -> SparseTensor:
    return _become(self, like(src, src._entries.clone()))


@export("method")
def sparse_mask(self: Any, mask: Any) -> Any:
    """The numbers at the places of another, sparse tensor."""
    if not isinstance(mask, SparseTensor):
        raise TypeError("sparse_mask(): argument 'mask' (position 1) must be a sparse Tensor")
    return like(mask, apply(taken, (self,), {"at": tuple(mask._places)}))


@knows("unsqueeze")
def _unsqueeze(input: SparseTensor, dim: int) -> SparseTensor:
    at = dim % (len(input._sizes) + 1)
    shape = [*input._sizes[:at], 1, *input._sizes[at:]]
    if at <= len(input._places):
        return made(np.insert(input._places, at, 0, axis=0), input._entries, shape, input._ordered)
    return made(input._places, input._entries.unsqueeze(at - len(input._places) + 1), shape, input._ordered)


def _refusing(kind: type[Exception], text: str) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise kind(text)

    return refuse


_more: dict[str, Callable[..., Any]] = {
    "sparse_mask": sparse_mask,
    "to_sparse": lambda self, *_, **__: self,
    "to_sparse_coo": lambda self: self,
    "is_floating_point": lambda self: self._entries.is_floating_point(),
    "is_complex": lambda self: self._entries.is_complex(),
    "element_size": lambda self: self._entries.element_size(),
    "stride": lambda self: (0,) * len(self._sizes),
    "any": lambda input: input._entries.any(),
    "item": lambda self: dense(self).item(),
    "tolist": _refusing(RuntimeError, "Cannot access data pointer of Tensor that doesn't have storage"),
    "contiguous": _refusing(RuntimeError, "unsupported memory format option Contiguous"),
    "reshape": _refusing(RuntimeError, "reshape is not implemented for sparse tensors"),
    "flatten": _refusing(RuntimeError, "reshape is not implemented for sparse tensors"),
}
KNOWN.update(_more)

__all__ = ["sparse_mask"]
