"""Sparse tensors in coordinates (torch.sparse): the places of the numbers that are kept, and those numbers as a tensor of their own.

What autograd knows of one is that tensor (`_entries`): its gradients are the gradients of the numbers. A class of tensors that says
itself what functions do with it (naming/overrides.py), which plain tensors pay nothing for; what it does not know, PyTorch's sparse
tensors do not know either, or the engine has not: it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import dtypes, modes, printing
from ..creation.factories import as_tensor, leaf
from ..errors import not_for_sparse, sizes
from ..graph.scattered import MADE as SCATTERED
from ..memory import formats
from ..naming import overrides
from ..naming.namespace import export
from ..op import apply
from ..ops.matrices.sparse import grouped, same, scattered, taken
from ..tensor import CPU, Size, Tensor

Places = np.ndarray[Any, Any]
_UNCHECKED = (
    "Sparse invariant checks are implicitly disabled. Memory errors (e.g. SEGFAULT) will occur when operating on a sparse tensor which "
    "violates the invariants, but checks incur performance overhead. To silence this warning, explicitly opt in or out. See "
    "`torch.sparse.check_sparse_tensor_invariants.__doc__` for guidance.  (Triggered internally at "
    "/__w/pytorch/pytorch/aten/src/ATen/Context.cpp:816.)"
)
_COMPARISONS = ("eq", "ge", "gt", "le", "lt", "ne")
_OVERLOADS = {"mean": "mean.dim", "std": "std.correction", "var": "var.correction", "ones_like": "fill_.Scalar", "allclose": "eq.Tensor"}
KNOWN: dict[str, Callable[..., Any]] = {}  # what a function of PyTorch's does with sparse tensors


def knows(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def keep(function: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            KNOWN[name] = function
        return function

    return keep


class SparseTensor(Tensor):
    """A tensor of which only some numbers are kept; prints as torch.Tensor."""

    _places: Places
    _entries: Any
    _sizes: tuple[int, ...]
    _ordered: bool

    @classmethod
    def __torch_function__(cls, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Any = None) -> Any:
        name = func.__name__
        if name not in KNOWN:
            called = _OVERLOADS.get(name, name).strip("_")
            if called in _COMPARISONS:
                called += ".Tensor" if len(args) > 1 and isinstance(args[1], Tensor) else ".Scalar"
            raise not_for_sparse(called)
        return KNOWN[name](*args, **(kwargs or {}))

    # the engine reads these of any tensor: the numbers as a whole array, and the history of those that are kept
    @property
    def _data(self) -> Any:  # type: ignore[override]
        return _dense_array(self)

    @property
    def _requires_grad(self) -> bool:  # type: ignore[override]
        return bool(self._entries._requires_grad)

    @property
    def _node(self) -> Any:  # type: ignore[override]
        return self._entries._node

    shape = property(lambda self: Size(self._sizes))
    dtype = property(lambda self: self._entries.dtype)
    device = property(lambda self: CPU)
    ndim = property(lambda self: len(self._sizes))
    layout = property(lambda self: formats.CONSTANTS["sparse_coo"])
    is_sparse = property(lambda self: True)
    requires_grad = property(lambda self: self._entries.requires_grad)
    is_leaf = property(lambda self: self._entries.is_leaf)
    grad_fn = property(lambda self: self._entries.grad_fn)
    data = property(lambda self: like(self, self._entries.detach()))
    T = property(lambda self: KNOWN["T"](self))
    mT = property(lambda self: KNOWN["transpose"](self, -2, -1))

    @property  # type: ignore[misc]
    def grad(self) -> Any:
        """The gradient of the numbers that are kept, at their places."""
        grad = self._entries.grad
        return None if grad is None else like(self, grad)

    def __repr__(self) -> str:
        kind = self._entries.dtype.name
        places = _listed(self._places, "int64", 7 + len("indices="))
        entries = _listed(self._entries.detach()._data, kind, 7 + len("values="))
        suffixes = [f"size={tuple(self._sizes)}", f"nnz={self._places.shape[1]}"]
        if kind not in (dtypes.get_default_dtype().name, "int64", "bool"):
            suffixes.append(f"dtype=torch.{kind}")
        suffixes.append("layout=torch.sparse_coo")
        if self.grad_fn is not None:
            suffixes.append(f"grad_fn=<{type(self.grad_fn).__name__}>")
        elif self.requires_grad:
            suffixes.append("requires_grad=True")
        return printing.sparse_text(places, entries, suffixes)

    def __len__(self) -> int:
        return self._sizes[0]

    def __bool__(self) -> bool:
        if int(np.prod(self._sizes)) != 1:
            raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
        return bool(self._data.item())

    def __format__(self, spec: str) -> str:
        return object.__format__(self, spec)

    __hash__ = Tensor.__hash__


SparseTensor.__name__ = SparseTensor.__qualname__ = "Tensor"
SparseTensor.__module__ = "torch"


def _listed(numbers: Any, kind: str, indent: int) -> str:
    if not numbers.size:
        return f"tensor([], size={tuple(numbers.shape)})"
    return printing.tensor_text(numbers, dtype_name=kind, default_dtype_name=kind, indent=indent)


def made(places: Places, entries: Any, shape: Sequence[int], ordered: bool = False) -> SparseTensor:
    """A sparse tensor of numbers at places, an array with a row for each dimension."""
    if SparseTensor not in overrides.seen:
        overrides.adopt(SparseTensor)
    new: SparseTensor = object.__new__(SparseTensor)
    new._places, new._entries, new._sizes, new._ordered = places, entries, tuple(int(n) for n in shape), ordered
    return new


SCATTERED.append(lambda places, entries, shape: made(places, Tensor._of(entries), shape))


def like(x: SparseTensor, entries: Any, ordered: bool | None = None) -> SparseTensor:
    return made(x._places, entries, x._sizes, x._ordered if ordered is None else ordered)


def _dense_array(x: SparseTensor) -> Any:
    out = np.zeros(x._sizes, x._entries._data.dtype)
    np.add.at(out, tuple(x._places), x._entries._data)
    return out


def named(name: str, x: Any) -> Any:
    """The same numbers under the node that PyTorch makes there."""
    return apply(same[name], (x,), {"size": x._data.shape}) if x._requires_grad and modes.grad else x


# -- making one, and what is in it ---------------------------------------------------------------------------


def sparse_coo_tensor(
    indices: Any = None, values: Any = None, size: Any = None, *, dtype: Any = None, device: Any = None, pin_memory: bool = False,
    requires_grad: bool = False, check_invariants: bool | None = None, is_coalesced: bool | None = None,
) -> SparseTensor:  # fmt: skip
    """A sparse tensor of numbers and their places."""
    if check_invariants is None:
        modes.warn_once(_UNCHECKED)
    if indices is None:
        return made(np.zeros((len(size), 0), np.int64), leaf(np.zeros(0, (dtype or dtypes.get_default_dtype()).numpy), requires_grad), size)
    places = as_tensor(indices)._data.astype(np.int64)
    entries = as_tensor(values, dtype=dtype) if not isinstance(values, Tensor) or dtype is not None else values
    if places.ndim != 2:
        raise RuntimeError(f"indices must be sparse_dim x nnz, but got: {sizes(places.shape)}")
    if not entries._data.ndim or places.shape[1] != entries._data.shape[0]:
        count = entries._data.shape[0] if entries._data.ndim else 1
        raise RuntimeError(f"indices and values must have same nnz, but got nnz from indices: {places.shape[1]}, nnz from values: {count}")
    if size is None:
        size = (*(places.max(axis=1) + 1 if places.size else [0] * places.shape[0]), *entries._data.shape[1:])
    if len(size) != places.shape[0] + entries._data.ndim - 1:
        raise RuntimeError(
            f"number of dimensions must be sparse_dim ({places.shape[0]}) + dense_dim ({entries._data.ndim - 1}), but got {len(size)}"
        )
    if requires_grad:
        entries = entries.detach().clone().requires_grad_()  # type: ignore[attr-defined]
    elif entries._requires_grad:
        entries = named("SparseCooTensorWithDimsAndTensorsBackward0", entries)
    return made(places, entries, size, bool(is_coalesced))


@export("method")
@export("method", "to_sparse_coo")
def to_sparse(self: Any, sparse_dim: int | None = None, *, layout: Any = None) -> Any:
    """The numbers that are not zero, and their places."""
    if isinstance(self, SparseTensor):
        return self
    array = (
        self._data
        if sparse_dim is None or sparse_dim == self._data.ndim
        else (self._data != 0).any(tuple(range(sparse_dim, self._data.ndim)))
    )
    at = np.nonzero(array)
    return made(np.array(at, np.int64).reshape(len(at), -1), apply(taken, (self,), {"at": at}), self._data.shape, True)


def _expected(function: str, kind: str = "sparse coordinate tensor") -> RuntimeError:
    return RuntimeError(f"{function} expected {kind} layout but got Strided")


def _of_sparse(name: str, function: Callable[..., Any], refused: RuntimeError | None) -> None:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(self, SparseTensor):
            return function(self, *args, **kwargs)
        if refused is None:
            return self
        raise refused

    method.__name__ = method.__qualname__ = name
    export("method", name)(method)
    KNOWN[name] = function


def dense(x: SparseTensor, dtype: Any = None, *, masked_grad: Any = None) -> Any:
    found = apply(scattered, (x._entries,), {"at": tuple(x._places), "shape": x._sizes})
    return found if dtype is None else found.to(dtype)


def coalesced(x: SparseTensor, node: str = "CoalesceBackward0") -> SparseTensor:
    if x._ordered:
        return x
    kept = x._places.shape[0]
    flat = np.ravel_multi_index(tuple(x._places), x._sizes[:kept]) if kept and x._places.size else np.zeros(x._places.shape[1], np.int64)
    chosen, groups = np.unique(flat, return_inverse=True)
    shape = (len(chosen), *x._entries._data.shape[1:])
    entries = apply(grouped[node], (x._entries,), {"at": (groups,), "shape": shape})
    places = np.array(np.unravel_index(chosen, x._sizes[:kept]), np.int64).reshape(kept, -1) if x._places.size else x._places
    return made(places, entries, x._sizes, True)


def _of_ordered(what: str, give: Callable[[SparseTensor], Any]) -> Callable[[SparseTensor], Any]:
    def ask(x: SparseTensor) -> Any:
        if not x._ordered:
            raise RuntimeError(f"Cannot get {what} on an uncoalesced tensor, please call .coalesce() first")
        return give(x)

    return ask


for _name, _function, _refused in (
    ("to_dense", dense, None), ("coalesce", coalesced, _expected("coalesce")),
    ("is_coalesced", lambda x: x._ordered, _expected("is_coalesced")),
    ("indices", _of_ordered("indices", lambda x: leaf(x._places)), _expected("indices")),
    ("values", _of_ordered("values", lambda x: named("ValuesBackward0", x._entries)), _expected("values", "sparse tensor")),
    ("_indices", lambda x: leaf(x._places), _expected("_indices")), ("_values", lambda x: x._entries.detach(), _expected("_values")),
    ("_nnz", lambda x: x._places.shape[1], _expected("_nnz")), ("sparse_dim", lambda x: x._places.shape[0], _expected("sparse_dim")),
    ("dense_dim", lambda x: len(x._sizes) - x._places.shape[0], _expected("dense_dim")),
):  # fmt: skip
    _of_sparse(_name, _function, _refused)


__all__ = ["KNOWN", "SparseTensor", "coalesced", "dense", "knows", "like", "made", "named", "sparse_coo_tensor"]
