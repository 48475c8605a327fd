"""Sparse tensors in coordinates (torch.sparse): the places of the numbers that are kept, and those numbers as a tensor of their own.

What autograd knows of one is that tensor (`_entries`): its gradients are the gradients of the numbers. A class of tensors that says
itself what functions do with it (naming/overrides.py), which plain tensors pay nothing for; what it does not know, PyTorch's sparse
tensors do not know either, or the engine has not: it says so.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import dtypes, modes, printing
from .creation.factories import as_tensor, leaf
from .errors import sizes
from .memory import formats
from .naming import overrides
from .naming.namespace import FUNCTIONAL, TORCH, export
from .op import apply
from .ops.matrices.sparse import grouped, product, same, scattered, softened, taken, vector_product
from .tensor import CPU, Size, Tensor

Places = np.ndarray[Any, Any]
_UNCHECKED = (
    "Sparse invariant checks are implicitly disabled. Memory errors (e.g. SEGFAULT) will occur when operating on a sparse tensor which "
    "violates the invariants, but checks incur performance overhead. To silence this warning, explicitly opt in or out. See "
    "`torch.sparse.check_sparse_tensor_invariants.__doc__` for guidance.  (Triggered internally at "
    "/__w/pytorch/pytorch/aten/src/ATen/Context.cpp:816.)"
)
_KNOWN: dict[str, Callable[..., Any]] = {}  # what a function of PyTorch's does with sparse tensors


def _knows(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def keep(function: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            _KNOWN[name] = function
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
        if name not in _KNOWN:
            raise NotImplementedError(
                f"Could not run 'aten::{name}' with arguments from the 'SparseCPU' backend. This could be because the operator doesn't "
                "exist for this backend, or was omitted during the selective/custom build process (if using custom build)."
            )
        return _KNOWN[name](*args, **(kwargs or {}))

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
    data = property(lambda self: _like(self, self._entries.detach()))
    T = property(lambda self: _turned(self, range(len(self._sizes))[::-1], "PermuteBackward0"))
    mT = property(lambda self: _transpose(self, -2, -1))

    @property  # type: ignore[misc]
    def grad(self) -> Any:
        """The gradient of the numbers that are kept, at their places."""
        grad = self._entries.grad
        return None if grad is None else _like(self, grad)

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


def _like(x: SparseTensor, entries: Any, ordered: bool | None = None) -> SparseTensor:
    return made(x._places, entries, x._sizes, x._ordered if ordered is None else ordered)


def _dense_array(x: SparseTensor) -> Any:
    out = np.zeros(x._sizes, x._entries._data.dtype)
    np.add.at(out, tuple(x._places), x._entries._data)
    return out


def _named(name: str, x: Any) -> Any:
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
        entries = _named("SparseCooTensorWithDimsAndTensorsBackward0", entries)
    return made(places, entries, size, bool(is_coalesced))


@export("method")
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
    _KNOWN[name] = function


def _to_dense(x: SparseTensor, dtype: Any = None, *, masked_grad: Any = None) -> Any:
    dense = apply(scattered, (x._entries,), {"at": tuple(x._places), "shape": x._sizes})
    return dense if dtype is None else dense.to(dtype)


def _coalesce(x: SparseTensor, node: str = "CoalesceBackward0") -> SparseTensor:
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
    ("to_dense", _to_dense, None), ("coalesce", _coalesce, _expected("coalesce")),
    ("is_coalesced", lambda x: x._ordered, _expected("is_coalesced")),
    ("indices", _of_ordered("indices", lambda x: leaf(x._places)), _expected("indices")),
    ("values", _of_ordered("values", lambda x: _named("ValuesBackward0", x._entries)), _expected("values", "sparse tensor")),
    ("_indices", lambda x: leaf(x._places), _expected("_indices")), ("_values", lambda x: x._entries.detach(), _expected("_values")),
    ("_nnz", lambda x: x._places.shape[1], _expected("_nnz")), ("sparse_dim", lambda x: x._places.shape[0], _expected("sparse_dim")),
    ("dense_dim", lambda x: len(x._sizes) - x._places.shape[0], _expected("dense_dim")),
):  # fmt: skip
    _of_sparse(_name, _function, _refused)


# -- what functions do with them -----------------------------------------------------------------------------


def _turned(x: SparseTensor, order: Sequence[int], node: str) -> SparseTensor:
    if len(x._sizes) != x._places.shape[0]:
        raise RuntimeError("transpose_: dimensions of numbers that are dense cannot be exchanged with others")
    entries = _named(node, x._entries)
    return made(x._places[list(order)], entries, [x._sizes[d] for d in order], False)


@_knows("t")
def _t(input: SparseTensor) -> SparseTensor:
    return _turned(input, range(len(input._sizes))[::-1], "TBackward0")


@_knows("transpose", "swapaxes", "swapdims")
def _transpose(input: SparseTensor, dim0: int, dim1: int) -> SparseTensor:
    order = list(range(len(input._sizes)))
    order[dim0], order[dim1] = order[dim1], order[dim0]
    return _turned(input, order, "TransposeBackward0")


_KNOWN["size"] = lambda self, dim=None: self.shape if dim is None else self._sizes[dim]
_KNOWN["dim"] = lambda self: len(self._sizes)
_KNOWN["numel"] = lambda self: int(np.prod(self._sizes))
_KNOWN["detach"] = lambda self: _like(self, self._entries.detach())
_KNOWN["clone"] = lambda self, **_: _like(self, self._entries.clone())
_KNOWN["is_contiguous"] = lambda self, **_: False
_KNOWN["type"] = lambda self, *kind: (
    _like(self, self._entries.type(*kind)) if kind else self._entries.type().replace("torch.", "torch.sparse.")
)
for _name in ("to", "float", "double", "half", "bfloat16", "int", "long", "bool", "cpu", "cuda", "type_as"):
    _KNOWN[_name] = lambda self, *args, _name=_name, **kwargs: _like(self, getattr(self._entries, _name)(*args, **kwargs))
_KNOWN["neg"] = lambda input: _like(input, input._entries.neg())


def _of_each(name: str, input: SparseTensor, *args: Any) -> SparseTensor:
    """A function that leaves 0 as it is, of each number: those of one place are summed before."""
    x = _coalesce(input)
    return _like(x, getattr(x._entries, name)(*args))


for _name in ("abs", "sqrt", "square", "sign", "sin", "tanh", "relu", "pow", "floor", "ceil", "round", "expm1", "log1p", "isnan"):
    _KNOWN[_name] = functools.partial(_of_each, _name)


@_knows("requires_grad_")
def _requires_grad_(self: SparseTensor, requires_grad: bool = True) -> SparseTensor:
    self._entries.requires_grad_(requires_grad)
    return self


@_knows("numpy", "__array__")
def _numpy(self: SparseTensor, *_: Any, **__: Any) -> Any:
    raise TypeError("can't convert Sparse layout tensor to numpy. Use Tensor.to_dense() first.")


def _match(name: str, input: Any, other: Any) -> None:
    if input._sizes != other._sizes:
        raise RuntimeError(f"{name}: expected sizes of 'self' and 'other' to match, but {sizes(input._sizes)} != {sizes(other._sizes)}")


@_knows("add")
def _add(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    if not isinstance(input, SparseTensor):
        if input._data.shape != other._sizes:
            raise RuntimeError(
                f"add: expected 'self' and 'other' to have same size, but self has size {sizes(input._data.shape)} while other has size "
                f"{sizes(other._sizes)} (FYI: dense-sparse addition does not currently support broadcasting)"
            )
        return TORCH["add"](input, _to_dense(other), alpha=alpha)
    if not isinstance(other, SparseTensor):
        raise RuntimeError("add(sparse, dense) is not supported. Use add(dense, sparse) instead.")
    _match("add", input, other)
    if input._places.shape == other._places.shape and (input._places == other._places).all():
        return _like(input, TORCH["add"](input._entries, other._entries, alpha=alpha), input._ordered and other._ordered)
    both = TORCH["cat"]([input._entries, other._entries if alpha == 1 else other._entries * alpha])
    return _coalesce(made(np.concatenate([input._places, other._places], axis=1), both, input._sizes))


@_knows("sub")
def _sub(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    return _add(input, other, alpha=-alpha)


@_knows("mul")
def _mul(input: Any, other: Any) -> Any:
    if not isinstance(input, SparseTensor):
        input, other = other, input
    if isinstance(other, (int, float)) or (not isinstance(other, SparseTensor) and not other._data.ndim):
        return _like(input, input._entries * other)
    a = _coalesce(input)
    whole = _to_dense(other) if isinstance(other, SparseTensor) else other.expand(a._sizes)
    product_of = a._entries * apply(taken, (whole,), {"at": tuple(a._places)})
    kept = np.flatnonzero(_pattern(other)[tuple(a._places)]) if isinstance(other, SparseTensor) else None
    if kept is None or len(kept) == a._places.shape[1]:
        return _like(a, product_of)
    return made(a._places[:, kept], apply(taken, (product_of,), {"at": (kept,)}), a._sizes, True)


def _pattern(x: SparseTensor) -> Any:
    there = np.zeros(x._sizes, bool)
    there[tuple(x._places)] = True
    return there


@_knows("div")
def _div(input: Any, other: Any) -> Any:
    if isinstance(other, SparseTensor) or (isinstance(other, Tensor) and other._data.ndim):
        raise RuntimeError(
            "Sparse division requires a dense or scalar divisor" if isinstance(other, SparseTensor) else "Unsupported tensor layout"
        )
    return _like(input, input._entries / other)


@_knows("sum")
def _sum(input: SparseTensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    entries = input._entries if dtype is None else input._entries.to(dtype)
    if dim is None:
        return entries.sum()
    gone = {d % len(input._sizes) for d in ([dim] if isinstance(dim, int) else dim)}
    left = [d for d in range(len(input._sizes)) if d not in gone]
    if not left:
        return entries.sum()
    rest = made(input._places[left], entries, [input._sizes[d] for d in left])
    return _coalesce(rest, "SparseSumBackward0")


def _check_product(x: SparseTensor, y: Any) -> None:
    if x._sizes[1] != y._data.shape[0]:
        raise RuntimeError(f"addmm: Argument #3 (dense): Expected dim 0 size {x._sizes[1]}, got {y._data.shape[0]}")
    if x.dtype is not y.dtype:
        raise RuntimeError(f"expected scalar type {x.dtype.scalar_name} but found {y.dtype.scalar_name}")


def _times(x: SparseTensor, y: Any, row: Any) -> Any:
    _check_product(x, y)
    rows, columns = x._places
    return apply(row, (x._entries, y), {"rows": rows, "columns": columns, "count": x._sizes[0]})


_MM = product.named("MmBackward0")


@_knows("mm", "matmul", "spmm", "mv")
def _matmul(input: Any, other: Any) -> Any:
    if isinstance(input, SparseTensor) and isinstance(other, SparseTensor):
        whole = TORCH["mm"](_to_dense(input), _to_dense(other))
        at = np.nonzero(_pattern(input).astype(np.int64) @ _pattern(other).astype(np.int64))
        return made(np.array(at, np.int64), apply(taken, (whole,), {"at": at}), whole.shape, True)
    if not isinstance(input, SparseTensor):
        if input._data.ndim == 1:
            return _times(_transpose(other, 0, 1), input, vector_product)
        return _times(_transpose(other, 0, 1), input.t(), _MM).t()
    if other._data.ndim == 1:
        return _times(input, other, vector_product)
    return _times(input, other, _MM)


@_knows("addmm")
def _addmm(input: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    return TORCH["add"](input * beta if beta != 1 else input, _matmul(mat1, mat2), alpha=alpha)


@_knows("linear")
def _linear(input: SparseTensor, weight: Any, bias: Any = None) -> Any:
    out = _matmul(input, weight.t())
    return out if bias is None else out + bias


@_knows("cat")
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


@_knows("stack")
def _stack(tensors: Any, dim: int = 0) -> SparseTensor:
    each = [np.insert(x._places, dim, k, axis=0) for k, x in enumerate(tensors)]
    shape = list(tensors[0]._sizes)
    shape.insert(dim, len(tensors))
    return made(np.concatenate(each, axis=1), TORCH["cat"]([x._entries for x in tensors]), shape)


@_knows("__getitem__")
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
    chosen = np.flatnonzero((self._places[: len(keys)] == wanted).all(axis=0))
    entries = apply(taken, (self._entries,), {"at": (chosen,)})
    if len(keys) == len(self._sizes):
        return entries.sum()
    return made(self._places[len(keys) :, chosen], entries, self._sizes[len(keys) :], self._ordered)


@_knows("norm")
def _norm(self: SparseTensor, p: Any = 2, **_: Any) -> Any:
    return _coalesce(self)._entries.norm(2 if p == "fro" else p)


# -- the module that scripts import --------------------------------------------------------------------------


def _softmax(input: SparseTensor, dim: int, *, dtype: Any = None, log: bool = False) -> SparseTensor:
    x = _coalesce(input)
    at = tuple(x._places)
    rest = leaf(np.where(_pattern(x), 0.0, -np.inf).astype(x._entries._data.dtype))
    whole = FUNCTIONAL["log_softmax" if log else "softmax"](_to_dense(x, dtype) + rest, dim)
    return _like(x, apply(softened, (whole,), {"at": at}))


def mm(mat1: Any, mat2: Any) -> Any:
    """The product of a sparse matrix and a dense one, with gradients of both."""
    if isinstance(mat1, SparseTensor) and not isinstance(mat2, SparseTensor):
        return _times(mat1, mat2, product)
    return TORCH["mm"](mat1, mat2)


def addmm(mat: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    """A sum with the product of a sparse matrix and a dense one."""
    return TORCH["add"](mat * beta if beta != 1 else mat, mm(mat1, mat2), alpha=alpha)


def sum(input: Any, dim: Any = None, dtype: Any = None) -> Any:
    """The sum of all numbers, or along dimensions."""
    return _sum(input, dim, dtype=dtype)


def softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """Softmax of the numbers that are kept; the others count as minus infinity."""
    return _softmax(input, dim, dtype=dtype)


def log_softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """The logarithm of softmax."""
    return _softmax(input, dim, dtype=dtype, log=True)


def _older(dtype: dtypes.dtype) -> Callable[..., Any]:
    def construct(*given: Any) -> SparseTensor:
        if not given or isinstance(given[0], (int, Size)):
            return sparse_coo_tensor(size=given[0] if given and not isinstance(given[0], int) else given, dtype=dtype)
        return sparse_coo_tensor(given[0], given[1], *given[2:3], dtype=None if given[1].dtype is dtype else dtype)

    return construct


FloatTensor, DoubleTensor, LongTensor = _older(dtypes.float32), _older(dtypes.float64), _older(dtypes.int64)


def spmm(input: Any, mat2: Any) -> Any:
    """The older name of torch.mm."""
    return TORCH["mm"](input, mat2)


# functions of torch itself: none of the table that the palette reads, because a canvas has no sparse tensors
FUNCTIONS = {"sparse_coo_tensor": sparse_coo_tensor, "spmm": spmm}

PUBLIC = {
    "mm": mm, "addmm": addmm, "sum": sum, "softmax": softmax, "log_softmax": log_softmax, "FloatTensor": FloatTensor, "DoubleTensor": DoubleTensor,
    "LongTensor": LongTensor,
}  # fmt: skip

__all__ = ["FUNCTIONS", "PUBLIC", "SparseTensor", "made", "sparse_coo_tensor"]
