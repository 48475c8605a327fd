"""Reading and writing elements: x[...], gather, scatter, index_select, masks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import cannot_broadcast, sizes
from ..inplace import write
from ..modes import warn
from ..namespace import export
from ..op import Op, apply
from ..rows import into, invalid_combination
from ..tensor import Tensor
from .elementwise import where
from .join import narrow
from .reshape import one_dim, squeeze_, unsqueeze_


def _basic(x: Any, key: Any) -> Any:
    got = x[key]
    return got if isinstance(got, np.ndarray) else x[(*key, Ellipsis)] if isinstance(key, tuple) else x[key, ...]


def _scatter_back(g: Any, shape: tuple[int, ...], key: Any) -> Any:
    out = np.zeros(shape, g.dtype)
    out[key] = g
    return out


def _add_back(g: Any, shape: tuple[int, ...], key: Any) -> Any:
    out = np.zeros(shape, g.dtype)
    np.add.at(out, key, g)
    return out


# One row for each node that PyTorch makes of x[...]: an integer selects, a slice slices, tensors gather.
select = Op(
    "select", lambda x, dim, index: x[(slice(None),) * dim + (index, ...)], view=True,
    vjps=(lambda g, x_shape, dim, index: place(g, shape=x_shape, key=(slice(None),) * dim + (index,)),),
    formulas=(r"\bar{x}[i] = \bar{z}",),
)  # fmt: skip
slice_row = Op(
    "slice", lambda x, key: x[key], view=True, vjps=(lambda g, x_shape, key: place(g, shape=x_shape, key=key),),
    formulas=(r"\bar{x}[\mathrm{slice}] = \bar{z}",),
)  # fmt: skip
place = Op(
    "place", _scatter_back, vjps=(lambda g, key: basic_copy(g, key=key),), grad_fn="SelectBackward0", formulas=(r"\bar{x} = \bar{z}",)
)
basic_copy = Op("basic_copy", lambda x, key: np.array(_basic(x, key)), vjps=(lambda g, x_shape, key: place(g, shape=x_shape, key=key),))
index = Op(
    "index", lambda x, key: np.array(x[key]), vjps=(lambda g, x_shape, key: index_add_into(g, shape=x_shape, key=key),),
    formulas=(r"\bar{x}[i] \mathrel{+}= \bar{z}",),
)  # fmt: skip
index_add_into = Op("index_put", _add_back, vjps=(lambda g, key: index(g, key=key),), grad_fn="IndexPutBackward0")


def _is_fancy(k: Any) -> bool:
    return isinstance(k, (Tensor, np.ndarray, list, tuple, range)) and not (
        isinstance(k, (Tensor, np.ndarray)) and k.ndim == 0 and _array(k).dtype.kind in "iu"
    )


def _array(k: Any) -> Any:
    return k._data if isinstance(k, Tensor) else np.asarray(list(k) if isinstance(k, range) else k)


def _keys(key: Any) -> list[Any]:
    if isinstance(key, tuple):
        return list(key)
    if isinstance(key, list) and any(isinstance(k, (slice, list, tuple, Tensor)) or k is None or k is Ellipsis for k in key):
        return [key] if all(isinstance(k, (list, int, bool)) for k in key) else list(key)
    return [key]


def _old_mask(mask: Tensor) -> Tensor:
    """uint8 was the dtype of masks before there was bool."""
    warn("indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.", UserWarning)
    return Tensor(mask._data != 0)


def _of_number(key: Any) -> IndexError:
    """What PyTorch says of an index of a tensor without dimensions."""
    if isinstance(key, slice):
        return IndexError("slice() cannot be applied to a 0-dim tensor.")
    if isinstance(key, (int, np.integer)) and key != 0:
        return IndexError(f"index {int(key)} is out of bounds for dimension 0 with size 0")
    if isinstance(key, float):
        return IndexError("too many indices for tensor of dimension 0")
    return IndexError(
        "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"
    )


def getitem(self: Any, key: Any) -> Any:
    """x[key] by the nodes that PyTorch makes: select for integers, slice for slices, index for tensors."""
    keys = [_old_mask(k) if isinstance(k, Tensor) and k._data.dtype == np.uint8 else k for k in _keys(key)]
    fancy = [k for k in keys if _is_fancy(k)]
    used = sum(
        _array(k).ndim
        if isinstance(k, (Tensor, np.ndarray)) and _array(k).dtype.kind == "b"
        else k is not None and k is not Ellipsis and not isinstance(k, (bool, np.bool_))
        for k in keys
    )
    text = next((k for k in keys if isinstance(k, str)), None)
    if text is not None:
        raise TypeError("new(): invalid data type 'str'")
    if used > self._data.ndim:
        if self._data.ndim == 0 and not fancy and not isinstance(key, tuple):
            raise _of_number(key)
        raise IndexError(f"too many indices for tensor of dimension {self._data.ndim}")
    x, dim = self, 0
    taken = 0  # dimensions that integers took away: PyTorch counts them in what it says
    rest: list[Any] = []
    for k in keys:
        if k is Ellipsis:
            jump = self._data.ndim - used
            rest += [slice(None)] * jump
            dim += jump
        elif k is None:
            x = unsqueeze_(x, dim)
            rest.append(slice(None))
            dim += 1
        elif isinstance(k, (bool, np.bool_)):
            x = unsqueeze_(x, dim)
            rest.append(np.array([bool(k)]))
            dim += 1
        elif isinstance(k, slice):
            x = _sliced(x, dim, k)
            rest.append(slice(None))
            dim += 1
        elif _is_fancy(k):
            a = _array(k)
            if a.dtype.kind == "b":
                if a.shape != x._data.shape[dim : dim + a.ndim]:
                    bad = next(j for j in range(a.ndim) if a.shape[j] != x._data.shape[dim + j])
                    raise IndexError(
                        f"The shape of the mask {sizes(a.shape)} at index {bad} does not match the shape of the indexed tensor "
                        f"{sizes(x._data.shape)} at index {dim + bad}"
                    )
                rest.append(a)
                dim += a.ndim
            else:
                if a.dtype.kind not in "iu" and (a.size or isinstance(k, Tensor)):
                    raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
                a = a.astype(np.int64, copy=False)
                n = x._data.shape[dim]
                if a.size and (a.min() < -n or a.max() >= n):
                    worst = a[(a < -n) | (a >= n)].flat[0]
                    raise IndexError(f"index {worst} is out of bounds for dimension {dim} with size {n}")
                rest.append(a)
                dim += 1
        else:
            try:
                i = k.__index__()
            except AttributeError:
                raise IndexError(
                    "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
                    f"(got {type(k).__name__})"
                ) from None
            n = x._data.shape[dim]
            if not -n <= i < n:
                raise IndexError(f"index {i} is out of bounds for dimension {dim + taken} with size {n}")
            x = apply(select, (x,), {"dim": dim, "index": i % n})
            taken += 1
    if not any(isinstance(k, np.ndarray) for k in rest):
        return _aliased(self) if x is self else x
    return apply(index, (x,), {"key": tuple(rest)})


def _aliased(x: Any) -> Any:
    from .reshape import alias

    return apply(alias, (x,))


def _sliced(x: Any, dim: int, k: slice) -> Any:
    step = 1 if k.step is None else int(k.step)
    if step <= 0:
        raise ValueError("step must be greater than zero")
    if k.start is None and k.stop is None and step == 1:
        return x
    n = x._data.shape[dim]
    start, stop, _ = slice(*(None if v is None else int(v) for v in (k.start, k.stop, k.step))).indices(n)
    return apply(slice_row, (x,), {"key": (slice(None),) * dim + (slice(start, max(stop, start), step),)})


export("method", "__getitem__")(getitem)


def _assign(x: Any, value: Any, key: Any) -> Any:
    out = x.copy()
    out[key] = value
    return out


def _assign_value_vjp(g: Any, y_shape: Any, key: Any) -> Any:
    from .reduce import sum_to_size

    got = basic_copy(g, key=key) if not any(isinstance(k, np.ndarray) for k in key) else index(g, key=key)
    extra = len(y_shape) - got.ndim
    if extra > 0:
        got = got.reshape((1,) * extra + tuple(got.shape))
    return sum_to_size(got, size=tuple(y_shape))


def _assign_rest_vjp(g: Any, key: Any) -> Any:
    if not isinstance(g, Tensor):
        return _assign(np.asarray(g), 0, key)
    mask = np.ones(g._data.shape, g._data.dtype)
    mask[key] = 0
    return g * Tensor(mask)


assign = Op(
    "copy_slices", _assign, inputs=("x", "y"), grad_fn="CopySlices", vjps=(_assign_rest_vjp, _assign_value_vjp),
    formulas=(r"\bar{x} = \bar{z}\ \mathrm{outside}", r"\bar{y} = \bar{z}[\mathrm{key}]"),
)  # fmt: skip
assign_index = Op(
    "index_put_",
    _assign,
    inputs=("x", "y"),
    grad_fn="IndexPutBackward0",
    vjps=(_assign_rest_vjp, _assign_value_vjp),
    formulas=assign.formulas,
)


def _must_fit_region(region: tuple[int, ...], shape: tuple[int, ...], fancy: bool) -> None:
    """Whether what is written can be expanded to the place; leading ones too many are left out."""
    kept = shape[len(shape) - len(region) :] if len(shape) > len(region) else shape
    wrong = [k for k in range(1, len(kept) + 1) if kept[-k] not in (1, region[-k])]
    if not wrong and all(n == 1 for n in shape[: len(shape) - len(kept)]):
        return
    if fancy:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {sizes(shape)} cannot be broadcast to indexing result of shape {sizes(region)}"
        )
    at = wrong[0] if wrong else 1
    want, have = region[-at] if region else 0, kept[-at] if kept else 0
    raise RuntimeError(
        f"The expanded size of the tensor ({want}) must match the existing size ({have}) at non-singleton dimension "
        f"{max(len(region), len(kept)) - at}.  Target sizes: {sizes(region)}.  Tensor sizes: {sizes(kept)}"
    )


@export("method", "__setitem__")
def setitem(self: Any, key: Any, value: Any) -> None:
    """x[key] = value: written through a view, so the base's history becomes CopySlices."""
    from .. import modes
    from ..errors import leaf_in_place

    keys = _keys(key)
    plain = tuple(_array(k) if isinstance(k, (Tensor, np.ndarray, list)) else k for k in keys)
    plain = tuple(k.item() if isinstance(k, np.ndarray) and k.ndim == 0 and k.dtype.kind in "iu" else k for k in plain)
    if modes.grad and self._requires_grad and self._node is None and self._base is None:
        fancy = any(isinstance(k, np.ndarray) for k in plain)
        raise leaf_in_place(is_view=not fancy)
    if isinstance(value, (str, type(None), dict)):
        raise TypeError(f"can't assign a {type(value).__name__} to a torch.{self.dtype.scalar_name}Tensor")
    given = value if isinstance(value, Tensor) else Tensor(np.asarray(value, self._data.dtype))
    if given._data.dtype is not self._data.dtype:
        given = given.to(self.dtype)  # type: ignore[attr-defined]
    try:
        region = self._data[plain]
    except IndexError:
        getitem(self, key)
        raise
    fancy = any(isinstance(k, np.ndarray) for k in plain)
    _must_fit_region(region.shape, given._data.shape, fancy)
    write(assign_index if fancy else assign, self, (given,), {"key": plain})


# -- gather and scatter along a dimension -------------------------------------------------------------


def _check_index(x: Any, idx: Any, dim: int) -> None:
    n = x._data.shape[dim] if x._data.ndim else 1
    bad = idx._data[(idx._data < 0) | (idx._data >= n)]
    if bad.size:
        raise RuntimeError(f"index {bad.flat[0]} is out of bounds for dimension {dim} with size {n}")


def _along(idx: Any, dim: int) -> tuple[Any, ...]:
    grid = list(np.ogrid[tuple(slice(n) for n in idx.shape)])
    grid[dim] = idx
    return tuple(grid)


def _gather(x: Any, dim: int, idx: Any) -> Any:
    if not idx.size:
        return np.zeros(idx.shape, x.dtype)
    return x[_along(idx, dim)] if x.ndim else x[()] + np.zeros(idx.shape, x.dtype)


def _scatter_add(x: Any, src: Any, dim: int, idx: Any) -> Any:
    out = x.copy()
    if not idx.size:
        return out
    if out.ndim == 0:
        return out + src.sum()
    np.add.at(out, _along(idx, dim), src[tuple(slice(n) for n in idx.shape)] if isinstance(src, np.ndarray) else src)
    return out


def _zero(shape: tuple[int, ...], like: Any) -> Any:
    return Tensor(np.zeros(shape, like._data.dtype)) if isinstance(like, Tensor) else np.zeros(shape, like.dtype)


def _top(g: Any, shape: tuple[int, ...], idx: Any) -> Any:
    """A gathered cotangent in the shape of src, which may be larger than the index."""
    if tuple(g.shape) == tuple(shape):
        return g
    from .index import place as put

    return put(g, shape=tuple(shape), key=tuple(slice(n) for n in idx.shape))


gather = Op(
    "gather", _gather, vjps=(lambda g, x_shape, dim, idx: scatter_add(_zero(x_shape, g), g, dim=dim, idx=idx),),
    formulas=(r"\bar{x}[i] \mathrel{+}= \bar{z}",),
)  # fmt: skip
scatter_add = Op(
    "scatter_add", _scatter_add, inputs=("x", "src"),
    vjps=(lambda g: g, lambda g, src_shape, dim, idx: _top(gather(g, dim=dim, idx=idx), src_shape, idx)),
    formulas=(r"\bar{x} = \bar{z}", r"\bar{s} = \bar{z}[i]"),
)  # fmt: skip


def _scatter(x: Any, src: Any, dim: int, idx: Any) -> Any:
    out = x.copy()
    values = src[tuple(slice(n) for n in idx.shape)] if isinstance(src, np.ndarray) and src.ndim else src
    if out.ndim == 0:
        return np.array(np.asarray(values).reshape(-1)[-1], x.dtype) if np.asarray(values).size else out
    out[_along(idx, dim)] = values
    return out


def _scatter_self(g: Any, dim: int, idx: Any) -> Any:
    if not isinstance(g, Tensor):
        return _scatter(np.asarray(g), np.zeros((), g.dtype), dim, idx)
    return g * Tensor(_scatter(np.ones(g._data.shape, g._data.dtype), np.zeros((), g._data.dtype), dim, idx))


scatter_number = Op(
    "scatter", lambda x, dim, idx, value: _scatter(x, np.asarray(value, x.dtype), dim, idx), vjps=(lambda g, dim, idx: _scatter_self(g, dim, idx),),
    grad_fn="ScatterBackward1", formulas=(r"\bar{x} = \bar{z}\ \mathrm{elsewhere}",),
)  # fmt: skip
scatter = Op(
    "scatter", _scatter, inputs=("x", "src"),
    vjps=(_scatter_self, lambda g, src_shape, dim, idx: _top(gather(g, dim=dim, idx=idx), src_shape, idx)),
    formulas=(r"\bar{x} = \bar{z}\ \mathrm{elsewhere}", r"\bar{s} = \bar{z}[i]"),
)  # fmt: skip


@export("torch method", "gather")
def gather_(input: Any, dim: int, index: Any, *, sparse_grad: bool = False, out: Any = None) -> Any:
    """out[i][j] = input[index[i][j]][j] for dim 0."""
    d = one_dim(dim, input._data.ndim)
    if index._data.dtype not in (np.int64, np.int32) and index._data.size:
        raise RuntimeError("gather(): Expected dtype int32/int64 for index")
    if index._data.ndim != input._data.ndim and index._data.size and input._data.ndim:
        raise RuntimeError("Index tensor must have the same number of dimensions as input tensor")
    for k in range(input._data.ndim):
        if k != d and index._data.ndim and index._data.shape[k] > input._data.shape[k]:
            raise RuntimeError(
                f"Size does not match at dimension {k} expected index {sizes(index._data.shape)} to be no larger than self "
                f"{sizes(input._data.shape)} apart from dimension {d}"
            )
    _check_index(input, index, d)
    return into(out, apply(gather, (input,), {"dim": d, "idx": index._data.astype(np.int64, copy=False)}), "gather")


def _must_fit(x: Any, index: Any, src: Any, d: int) -> None:
    """PyTorch's checks of shapes (ScatterGatherChecks.h)."""
    n = max(x._data.ndim, 1)
    if max(index._data.ndim, 1) != n:
        raise RuntimeError("Index tensor must have the same number of dimensions as self tensor")
    if isinstance(src, Tensor) and max(src._data.ndim, 1) != n:
        raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
    have, wanted = x._data.shape or (1,), index._data.shape or (1,)
    from_source = (src._data.shape or (1,)) if isinstance(src, Tensor) else wanted
    if any(k != d and wanted[k] > have[k] for k in range(n)) or any(wanted[k] > from_source[k] for k in range(n)):
        told = f" and to be no larger size than src {sizes(src._data.shape)}" if isinstance(src, Tensor) else ""
        raise RuntimeError(
            f"Expected index {sizes(index._data.shape)} to be no larger than self {sizes(x._data.shape)} apart from dimension {d}{told}"
        )


def _scatter_public(name: str, row: Op) -> None:
    def run(self: Any, dim: int, index: Any, src: Any, inplace: bool) -> Any:
        d = one_dim(dim, self._data.ndim)
        if index._data.dtype not in (np.int64, np.int32) and index._data.size:
            raise RuntimeError("scatter(): Expected dtype int32/int64 for index")
        if index._data.size:
            _must_fit(self, index, src, d)
        _check_index(self, index, d)
        if not isinstance(src, Tensor) and row is scatter:
            by_number = {"dim": d, "idx": index._data.astype(np.int64, copy=False), "value": src}
            return write(scatter_number, self, (), by_number) if inplace else apply(scatter_number, (self,), by_number)
        given = src if isinstance(src, Tensor) else Tensor(np.full(index._data.shape, src, self._data.dtype))
        if given._data.dtype is not self._data.dtype:
            raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
        params = {"dim": d, "idx": index._data.astype(np.int64, copy=False)}
        return write(row, self, (given,), params) if inplace else apply(row, (self, given), params)

    def function(
        input: Any, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None, out: Any = None
    ) -> Any:
        given = src if src is not None else value
        if reduce is not None:
            return input.scatter_reduce(
                dim,
                index,
                given if isinstance(given, Tensor) else Tensor(np.full(index._data.shape, given, input._data.dtype)),
                {"add": "sum", "multiply": "prod"}[reduce],
            )
        return run(input, dim, index, given, False)

    def write_method(self: Any, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None) -> Any:
        if reduce is not None:
            changed = function(self, dim, index, src, value=value, reduce=reduce)
            self.copy_(changed)
            return self
        return run(self, dim, index, src if src is not None else value, True)

    function.__name__ = name
    export("torch method", name)(function)
    export("method", name + "_")(write_method)


_scatter_public("scatter", scatter)
_scatter_public("scatter_add", scatter_add)


@export("torch method")
def take_along_dim(input: Any, indices: Any, dim: int | None = None) -> Any:
    """gather with broadcasting."""
    if dim is not None and input._data.ndim != indices._data.ndim:
        raise RuntimeError(
            f"torch.take_along_dim(): input and indices should have the same number of dimensions, but got {input._data.ndim} dimensions for input, "
            f"and {indices._data.ndim} dimensions for indices"
        )
    if indices._data.dtype != np.int64:
        raise RuntimeError("torch.take_along_dim(): dtype of indices should be Long but got " + indices.dtype.scalar_name)
    if dim is None:
        return gather_(input.reshape(-1), 0, _wrapped(indices.reshape(-1), input._data.size))
    d = one_dim(dim, input._data.ndim)
    a, b = list(input._data.shape), list(indices._data.shape)
    a[d] = b[d] = 1
    common = list(np.broadcast_shapes(tuple(a), tuple(b)))
    common[d] = input._data.shape[d]
    x = input.expand(tuple(common))
    common[d] = indices._data.shape[d]
    return gather_(x, d, _wrapped(indices.expand(tuple(common)), x._data.shape[d]))


def _wrapped(indices: Any, n: int) -> Any:
    """Indices that count from the end, made to count from the start."""
    return Tensor(np.where(indices._data < 0, indices._data + n, indices._data))


@export("torch method")
def index_select(input: Any, dim: int, index: Any, *, out: Any = None) -> Any:
    """Rows (or columns) by number."""
    d = one_dim(dim, input._data.ndim)
    if index._data.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if index._data.dtype.kind != "i":
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    n = input._data.shape[d] if input._data.ndim else 1
    idx = index._data.reshape(-1)
    if idx.size and (idx.min() < 0 or idx.max() >= n):
        raise IndexError("index out of range in self")
    if input._data.ndim == 0:
        return into(out, input.clone(), "index_select")
    return into(out, apply(index_select_row, (input,), {"key": (slice(None),) * d + (idx,)}), "index_select")


index_select_row = Op("index_select", index.forward, vjps=index.vjps, formulas=index.formulas)


@export("torch method")
def take(input: Any, index: Any) -> Any:
    """Elements of the flattened input."""
    n = input._data.size
    bad = index._data[(index._data < -n) | (index._data >= n)]
    if bad.size:
        raise IndexError("out of range: tried to access index " + f"{bad.flat[0]} on a tensor of {n} elements.")
    return apply(take_row, (input,), {"key": (index._data,)})


take_row = Op(
    "take", lambda x, key: np.array(x.reshape(-1)[key]), formulas=index.formulas,
    vjps=(lambda g, x_shape, key: index_add_into(g, shape=(math.prod(x_shape),), key=key).reshape(x_shape),),
)  # fmt: skip


@export("torch method")
def masked_select(input: Any, mask: Any) -> Any:
    """The elements where the mask holds, in one dimension."""
    if mask._data.dtype.kind != "b":
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    shape = np.broadcast_shapes(input._data.shape, mask._data.shape)
    return apply(masked_select_row, (input,), {"key": np.broadcast_to(mask._data, shape)})


masked_select_row = Op(
    "masked_select", lambda x, key: np.array(np.broadcast_to(x, key.shape)[key]).reshape(-1), formulas=index.formulas,
    vjps=(lambda g, key: index_add_into(g, shape=key.shape, key=(key,)),),
)  # fmt: skip

masked_fill = Op(
    "masked_fill", lambda x, mask, value: np.where(mask, value.astype(x.dtype) if isinstance(value, np.ndarray) else x.dtype.type(value), x),
    inputs=("x", "mask", "value"),
    vjps=(lambda g, mask: where(mask, _zero(tuple(g.shape), g), g), None, lambda g, mask: where(mask, g, _zero(tuple(g.shape), g)).sum()),
    formulas=(r"\bar{x} = \bar{z} \odot \neg m", "", r"\bar{v} = \textstyle\sum \bar{z} \odot m"), elementwise=True,
)  # fmt: skip


fill_number, fill_tensor = masked_fill.named("MaskedFillBackward0", without=(2,)), masked_fill.named("MaskedFillBackward1")


def _must_be_scalar(value: Any) -> None:
    if isinstance(value, Tensor) and value._data.ndim:
        raise RuntimeError(f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {value._data.ndim} dimension(s).")
    if isinstance(value, complex):
        raise RuntimeError("value cannot be converted to type float without overflow")


def _mask(input: Any, mask: Any, value: Any) -> Any:
    if not isinstance(mask, Tensor):
        raise invalid_combination("masked_fill", (mask, value), "Tensor mask, Tensor value", "Tensor mask, Number value")
    told = cannot_broadcast(mask._data.shape, input._data.shape)
    if told is not None:
        raise told
    if mask._data.dtype.kind != "b":
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {mask.dtype.c_name}")
    return mask


@export("torch method", "masked_fill")
def masked_fill_public(input: Any, mask: Any, value: Any) -> Any:
    """A value where the mask holds."""
    _must_be_scalar(value)
    return apply(fill_tensor if isinstance(value, Tensor) else fill_number, (input, _mask(input, mask, value), value))


@export("method", "masked_fill_")
def masked_fill_write(self: Any, mask: Any, value: Any) -> Any:
    """In place: a value where the mask holds."""
    _must_be_scalar(value)
    return write(fill_tensor if isinstance(value, Tensor) else fill_number, self, (_mask(self, mask, value), value))


@export("torch method", "nonzero")
def nonzero(input: Any, *, as_tuple: bool = False, out: Any = None) -> Any:
    """Places of the non-zero elements."""
    found = np.nonzero(input._data) if input._data.ndim else np.nonzero(input._data.reshape(1))
    if as_tuple:
        return tuple(Tensor(f.astype(np.int64)) for f in found)
    rows = np.stack(found, 1) if input._data.ndim else np.zeros((len(found[0]), 0), np.int64)
    return Tensor(rows.astype(np.int64))


@export("torch method")
def argwhere(input: Any) -> Any:
    """Places of the non-zero elements, a row each."""
    return nonzero(input)


def _in_place_of(row: Op) -> Any:
    def method(self: Any, dim: int, index: Any, source: Any) -> Any:
        return write(row, self, (source,), {"dim": one_dim(dim, self._data.ndim), "idx": index._data.reshape(-1)})

    return method


def _key(dim: int, idx: Any) -> tuple[Any, ...]:
    return (slice(None),) * dim + (idx,)


def _index_add(x: Any, source: Any, dim: int, idx: Any, alpha: Any = 1) -> Any:
    out = x.copy()
    if out.ndim == 0:
        return out + source.sum() * alpha
    np.add.at(out, _key(dim, idx), source * alpha if alpha != 1 else source)
    return out


def _index_copy(x: Any, source: Any, dim: int, idx: Any) -> Any:
    out = x.copy()
    if out.ndim == 0:
        return np.array(source.reshape(-1)[-1]) if source.size else out
    out[_key(dim, idx)] = source
    return out


def _picked(g: Any, dim: int, idx: Any, shape: Any) -> Any:
    got = index(g, key=_key(dim, idx)) if g.ndim else g
    return got.reshape(tuple(shape))


def _kept(g: Any, dim: int, idx: Any) -> Any:
    mask = np.ones(tuple(g.shape), np.bool_)
    if mask.ndim:
        mask[_key(dim, idx)] = False
    else:
        mask = np.zeros((), np.bool_) if idx.size else mask
    return where(Tensor(mask) if isinstance(g, Tensor) else mask, g, _zero(tuple(g.shape), g))


index_add = Op(
    "index_add", _index_add, inputs=("x", "source"),
    vjps=(lambda g: g, lambda g, source_shape, dim, idx, alpha: _picked(g, dim, idx, source_shape) * alpha),
    formulas=(r"\bar{x} = \bar{z}", r"\bar{s} = \bar{z}[i]"),
)  # fmt: skip
index_copy = Op(
    "index_copy", _index_copy, inputs=("x", "source"), vjps=(_kept, lambda g, source_shape, dim, idx: _picked(g, dim, idx, source_shape)),
    formulas=(r"\bar{x} = \bar{z}\ \mathrm{elsewhere}", r"\bar{s} = \bar{z}[i]"),
)  # fmt: skip
index_fill = Op(
    "index_fill", lambda x, value, dim, idx: _index_copy(x, np.asarray(value), dim, idx) if x.ndim else np.array(value, x.dtype), inputs=("x", "value"),
    vjps=(_kept, lambda g, dim, idx: index(g, key=_key(dim, np.unique(idx % g.shape[dim]))).sum() if g.ndim else g),
    formulas=(r"\bar{x} = \bar{z}\ \mathrm{elsewhere}", r"\bar{v} = \textstyle\sum \bar{z}[i]"),
)  # fmt: skip


def _must_match(name: str, x: Any, dim: int, index: Any, source: Any) -> None:
    """PyTorch's checks of index_add and index_copy (TensorAdvancedIndexing.cpp)."""
    if index._data.ndim > 1:
        raise IndexError(
            f"{name}(): Index is supposed to be a vector, but got dim: {index._data.ndim} with type: {index.dtype.scalar_name}"
        )
    if name == "index_fill" or not isinstance(source, Tensor):
        return
    if x._data.dtype is not source._data.dtype:
        raise RuntimeError(
            f"{name}(): self ({x.dtype.scalar_name}) and source ({source.dtype.scalar_name}) must have the same scalar type"
            if name == "index_add"
            else f"{name}(): self and source expected to have the same dtype, but got (self) {x.dtype.scalar_name} and (source) "
            f"{source.dtype.scalar_name}"
        )
    a, b = x._data.shape, source._data.shape
    if name == "index_add" and len(a) and len(b):
        if len(a) != len(b) or any(p != q for k, (p, q) in enumerate(zip(a, b, strict=True)) if k != dim):
            raise RuntimeError(
                "source tensor shape must match self tensor shape, excluding the specified dimension. "
                f"Got self.shape = {sizes(a)} source.shape = {sizes(b)}"
            )
        if index._data.size != b[dim]:
            raise RuntimeError(
                f"index_add(): Number of indices ({index._data.size}) should be equal to source.size(dim): ({b[dim]}), for dim: {dim}"
            )


def _index_public(name: str, row: Op, by_number: Op) -> None:
    def params(self: Any, dim: int, index: Any, more: dict[str, Any]) -> dict[str, Any]:
        return {"dim": one_dim(dim, self._data.ndim), "idx": index._data.reshape(-1), **more}

    def method(input: Any, dim: int, index: Any, source: Any = None, *, value: Any = None, alpha: Any = None) -> Any:
        given = source if source is not None else value
        _must_match(name, input, one_dim(dim, input._data.ndim), index, given)
        used = row if isinstance(given, Tensor) else by_number
        return apply(used, (input, given), params(input, dim, index, {} if alpha is None else {"alpha": alpha}))

    def write_method(self: Any, dim: int, index: Any, source: Any = None, *, value: Any = None, alpha: Any = None) -> Any:
        given = source if source is not None else value
        _must_match(name, self, one_dim(dim, self._data.ndim), index, given)
        used = row if isinstance(given, Tensor) else by_number
        return write(used, self, (given,), params(self, dim, index, {} if alpha is None else {"alpha": alpha}))

    export("torch method", name)(method)
    export("method", name + "_")(write_method)


_index_public("index_add", index_add, index_add)
_index_public("index_copy", index_copy, index_copy)
_index_public("index_fill", index_fill.named("IndexFillBackward1"), index_fill.named("IndexFillBackward0", without=(1,)))


def _accumulated(x: Any, value: Any, key: Any) -> Any:
    out = x.copy()
    np.add.at(out, key, value)
    return out


index_put_add = Op(
    "index_put",
    _accumulated,
    inputs=("x", "y"),
    grad_fn="IndexPutBackward0",
    vjps=(lambda g: g, _assign_value_vjp),
    formulas=assign.formulas,
)
index_put_set = Op(
    "index_put",
    _assign,
    inputs=("x", "y"),
    grad_fn="IndexPutBackward0",
    vjps=(_assign_rest_vjp, _assign_value_vjp),
    formulas=assign.formulas,
)


def _put(self: Any, indices: Any, values: Any, accumulate: bool, inplace: bool) -> Any:
    key = tuple(slice(None) if i is None else i._data for i in indices)
    row = index_put_add if accumulate else index_put_set
    given = values if isinstance(values, Tensor) else Tensor(np.asarray(values, self._data.dtype))
    return write(row, self, (given,), {"key": key}) if inplace else apply(row, (self, given), {"key": key})


export("torch method", "index_put")(lambda input, indices, values, accumulate=False: _put(input, indices, values, accumulate, False))
export("method", "index_put_")(lambda self, indices, values, accumulate=False: _put(self, indices, values, accumulate, True))
__all__ = ["gather", "getitem", "index", "narrow", "scatter_add", "squeeze_"]
