"""What PyTorch's functions do with sparse tensors."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import sizes
from ..graph.scattered import in_rows, joined
from ..naming.namespace import TORCH
from ..op import apply
from ..ops.matrices.sparse import grouped, product, taken, vector_product
from ..tensor import Tensor
from .tensors import KNOWN, SparseTensor, coalesced, dense, knows, like, made, named


def _turned(x: SparseTensor, order: Sequence[int], node: str) -> SparseTensor:
    if len(x._sizes) != x._places.shape[0]:
        raise RuntimeError("transpose_: dimensions of numbers that are dense cannot be exchanged with others")
    entries = named(node, x._entries)
    return made(x._places[list(order)], entries, [x._sizes[d] for d in order], False)


@knows("t")
def _t(input: SparseTensor) -> SparseTensor:
    return _turned(input, range(len(input._sizes))[::-1], "TBackward0")


@knows("T")
def _permuted(self: SparseTensor) -> SparseTensor:
    return _turned(self, range(len(self._sizes))[::-1], "PermuteBackward0")


@knows("transpose", "swapaxes", "swapdims")
def _transpose(input: SparseTensor, dim0: int, dim1: int) -> SparseTensor:
    order = list(range(len(input._sizes)))
    order[dim0], order[dim1] = order[dim1], order[dim0]
    return _turned(input, order, "TransposeBackward0")


KNOWN["size"] = lambda self, dim=None: self.shape if dim is None else self._sizes[dim]
KNOWN["dim"] = lambda self: len(self._sizes)
KNOWN["numel"] = KNOWN["nelement"] = lambda self: int(np.prod(self._sizes))
KNOWN["detach"] = lambda self: like(self, self._entries.detach())
KNOWN["clone"] = lambda self, **_: like(self, self._entries.clone())
KNOWN["is_contiguous"] = lambda self, **_: False
KNOWN["type"] = lambda self, *kind: (
    like(self, self._entries.type(*kind)) if kind else self._entries.type().replace("torch.", "torch.sparse.")
)
for _name in ("to", "float", "double", "half", "bfloat16", "int", "long", "bool", "cpu", "cuda", "type_as"):
    KNOWN[_name] = lambda self, *args, _name=_name, **kwargs: like(self, getattr(self._entries, _name)(*args, **kwargs))
KNOWN["neg"] = lambda input: like(input, input._entries.neg())


def _of_each(name: str, input: SparseTensor, *args: Any) -> SparseTensor:
    """A function that leaves 0 as it is, of each number: those of one place are summed before."""
    x = coalesced(input)
    return like(x, getattr(x._entries, name)(*args))


for _name in ("abs", "sqrt", "square", "sign", "sin", "tanh", "relu", "pow", "floor", "ceil", "round", "expm1", "log1p", "isnan"):
    KNOWN[_name] = functools.partial(_of_each, _name)


@knows("requires_grad_")
def _requires_grad_(self: SparseTensor, requires_grad: bool = True) -> SparseTensor:
    self._entries.requires_grad_(requires_grad)
    return self


@knows("numpy", "__array__")
def _numpy(self: SparseTensor, *_: Any, **__: Any) -> Any:
    raise TypeError("can't convert Sparse layout tensor to numpy. Use Tensor.to_dense() first.")


def _match(name: str, input: Any, other: Any) -> None:
    if input._sizes != other._sizes:
        raise RuntimeError(f"{name}: expected sizes of 'self' and 'other' to match, but {sizes(input._sizes)} != {sizes(other._sizes)}")


@knows("add")
def _add(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    if not isinstance(input, SparseTensor):
        if input._data.shape != other._sizes:
            raise RuntimeError(
                f"add: expected 'self' and 'other' to have same size, but self has size {sizes(input._data.shape)} while other has size "
                f"{sizes(other._sizes)} (FYI: dense-sparse addition does not currently support broadcasting)"
            )
        return TORCH["add"](input, dense(other), alpha=alpha)
    if not isinstance(other, SparseTensor):
        raise RuntimeError("add(sparse, dense) is not supported. Use add(dense, sparse) instead.")
    _match("add", input, other)
    ordered = input._ordered and other._ordered
    if input._places.shape == other._places.shape and (input._places == other._places).all():
        return like(input, TORCH["add"](input._entries, other._entries, alpha=alpha), ordered)
    both = TORCH["cat"]([input._entries, other._entries if alpha == 1 else other._entries * alpha])
    merge = in_rows(input._entries._data) and in_rows(other._entries._data)
    places, goes = joined(input._places, other._places, input._sizes, merge)
    shape = (places.shape[1], *both._data.shape[1:])
    return made(places, apply(grouped["AddBackward0"], (both,), {"at": (goes,), "shape": shape}), input._sizes, ordered and merge)


@knows("sub")
def _sub(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    return _add(input, other, alpha=-alpha)


@knows("mul")
def _mul(input: Any, other: Any) -> Any:
    if not isinstance(input, SparseTensor):
        input, other = other, input
    if isinstance(other, (int, float)) or (not isinstance(other, SparseTensor) and not other._data.ndim):
        return like(input, input._entries * other)
    a = coalesced(input)
    whole = dense(other) if isinstance(other, SparseTensor) else other.expand(a._sizes)
    product_of = a._entries * apply(taken, (whole,), {"at": tuple(a._places)})
    kept = np.flatnonzero(pattern(other)[tuple(a._places)]) if isinstance(other, SparseTensor) else None
    if kept is None or len(kept) == a._places.shape[1]:
        return like(a, product_of)
    return made(a._places[:, kept], apply(taken, (product_of,), {"at": (kept,)}), a._sizes, True)


def pattern(x: SparseTensor) -> Any:
    there = np.zeros(x._sizes, bool)
    there[tuple(x._places)] = True
    return there


@knows("div")
def _div(input: Any, other: Any) -> Any:
    if isinstance(other, SparseTensor) or (isinstance(other, Tensor) and other._data.ndim):
        raise RuntimeError(
            "Sparse division requires a dense or scalar divisor" if isinstance(other, SparseTensor) else "Unsupported tensor layout"
        )
    return like(input, input._entries / other)


@knows("sum")
def total(input: SparseTensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    entries = input._entries if dtype is None else input._entries.to(dtype)
    if dim is None:
        return entries.sum()
    gone = {d % len(input._sizes) for d in ([dim] if isinstance(dim, int) else dim)}
    left = [d for d in range(len(input._sizes)) if d not in gone]
    if not left:
        return entries.sum()
    rest = made(input._places[left], entries, [input._sizes[d] for d in left])
    return coalesced(rest, "SparseSumBackward0")


def _check_product(x: SparseTensor, y: Any) -> None:
    if x._sizes[1] != y._data.shape[0]:
        raise RuntimeError(f"addmm: Argument #3 (dense): Expected dim 0 size {x._sizes[1]}, got {y._data.shape[0]}")
    if x.dtype is not y.dtype:
        raise RuntimeError(f"expected scalar type {x.dtype.scalar_name} but found {y.dtype.scalar_name}")


def times(x: SparseTensor, y: Any, row: Any) -> Any:
    _check_product(x, y)
    rows, columns = x._places
    return apply(row, (x._entries, y), {"rows": rows, "columns": columns, "count": x._sizes[0]})


_MM = product.named("MmBackward0")


@knows("mm", "matmul", "spmm", "mv")
def _matmul(input: Any, other: Any) -> Any:
    if isinstance(input, SparseTensor) and isinstance(other, SparseTensor):
        whole = TORCH["mm"](dense(input), dense(other))
        at = np.nonzero(pattern(input).astype(np.int64) @ pattern(other).astype(np.int64))
        return made(np.array(at, np.int64), apply(taken, (whole,), {"at": at}), whole.shape, True)
    if not isinstance(input, SparseTensor):
        if input._data.ndim == 1:
            return times(_transpose(other, 0, 1), input, vector_product)
        return times(_transpose(other, 0, 1), input.t(), _MM).t()
    if other._data.ndim == 1:
        return times(input, other, vector_product)
    return times(input, other, _MM)


@knows("addmm")
def _addmm(input: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    return TORCH["add"](input * beta if beta != 1 else input, _matmul(mat1, mat2), alpha=alpha)


@knows("linear")
def _linear(input: SparseTensor, weight: Any, bias: Any = None) -> Any:
    out = _matmul(input, weight.t())
    return out if bias is None else out + bias


@knows("cat")
def _cat(tensors: Any, dim: int = 0) -> SparseTensor:
    moved, at = [], 0
    for x in tensors:
        places = x._places.copy()
        places[dim] += at
        at += x._sizes[dim]
        moved.append(places)
    shape = list(tensors[0]._sizes)
    shape[dim] = at
    return made(np.concatenate(moved, axis=1), TORCH["cat"]([x._entries for x in tensors]), shape)


@knows("stack")
def _stack(tensors: Any, dim: int = 0) -> SparseTensor:
    each = [np.insert(x._places, dim, k, axis=0) for k, x in enumerate(tensors)]
    shape = list(tensors[0]._sizes)
    shape.insert(dim, len(tensors))
    return made(np.concatenate(each, axis=1), TORCH["cat"]([x._entries for x in tensors]), shape)


@knows("__getitem__")
def _getitem(self: SparseTensor, key: Any) -> Any:
    keys = key if isinstance(key, tuple) else (key,)
    if not all(isinstance(k, int) for k in keys):
        raise NotImplementedError("the engine takes whole numbers as indices of sparse tensors, no slices and no tensors")
    if len(keys) > len(self._sizes):
        raise IndexError(f"too many indices for tensor of dimension {len(self._sizes)}")
    for d, (k, n) in enumerate(zip(keys, self._sizes, strict=False)):
        if not -n <= k < n:
            raise IndexError(f"index {k} is out of bounds for dimension {d} with size {n}")
    wanted = np.array([k % n for k, n in zip(keys, self._sizes, strict=False)])[:, None]
    chosen = np.flatnonzero((self._places[: len(keys)] == wanted[: len(self._places)]).all(axis=0))
    entries = apply(taken, (self._entries,), {"at": (chosen,)})
    if len(keys) >= len(self._places):
        rest = entries.sum(0)
        return rest[keys[len(self._places) :]] if len(keys) > len(self._places) else rest
    return made(self._places[len(keys) :, chosen], entries, self._sizes[len(keys) :], self._ordered)


@knows("norm")
def _norm(self: SparseTensor, p: Any = 2, **_: Any) -> Any:
    return coalesced(self)._entries.norm(2 if p == "fro" else p)


__all__ = ["pattern", "times", "total"]
