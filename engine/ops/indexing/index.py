"""Reading and writing elements: x[...], gather, scatter, index_select, masks."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from ... import modes
from ...calls import quick
from ...calls.relations import Relation
from ...errors import class_name, leaf_in_place, must_fit, old_type_name, sizes
from ...graph.saved import track
from ...half.bfloat16 import cast, readable
from ...memory.inplace import apart, check, write, written_once
from ...memory.places import slowest_first
from ...memory.views import check_view_write, overlaps
from ...modes import warn
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor
from ..views.join import narrow
from ..views.reshape import squeeze_, unsqueeze_
from .refusals import harmless, must_be_indices, out_of_bounds


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


def _gathered(x: Any, key: Any) -> Any:
    """x[key], lying in memory as PyTorch's kernel puts it: in rows, where x lies in rows, and else in the order of x."""
    out = x[key]
    if x.flags.c_contiguous:
        return out if isinstance(out, np.ndarray) and out.base is None and out.flags.c_contiguous else np.array(out, order="C")
    keys = key if isinstance(key, tuple) else (key,)
    at = [k for k, one in enumerate(keys) if isinstance(one, np.ndarray)]
    if not at or out.ndim < 2 or any(not isinstance(one, (np.ndarray, slice)) for one in keys):
        return np.array(out)
    strides: list[int] = []  # of the dimensions that are looked at as they are
    first, left = 0, iter(x.strides)
    for k, one in enumerate(keys):
        if isinstance(one, slice):
            strides.append(next(left))
            continue
        if k == at[0] and at == list(range(at[0], at[-1] + 1)):
            first = len(strides)
        for _ in range(one.ndim if one.dtype.kind == "b" else 1):
            next(left)
    strides += left
    strides[first:first] = [0] * (out.ndim - len(strides))
    order = slowest_first(strides)
    return np.ascontiguousarray(out.transpose(order)).transpose(np.argsort(order))


# One row for each node that PyTorch makes of x[...]: an integer selects, a slice slices, tensors gather.
select = Op(
    "select", lambda x, dim, index: x[(slice(None),) * dim + (index, ...)], view=True,
    vjps=(lambda g, x_shape, dim, index: select_back(g, shape=x_shape, key=(slice(None),) * dim + (index,)),),
    formulas=(r"\bar{x}[i] = \bar{z}",),
)  # fmt: skip
slice_row = Op(
    "slice", lambda x, key: x[key], view=True, vjps=(lambda g, x_shape, key: place(g, shape=x_shape, key=key),),
    formulas=(r"\bar{x}[\mathrm{slice}] = \bar{z}",),
)  # fmt: skip
select_back = Op(
    "select_backward", _scatter_back, formulas=(r"\bar{x} = \bar{z}",),
    vjps=(lambda g, key: select(g, dim=len(key) - 1, index=key[-1]) if isinstance(g, Tensor) else np.array(_basic(g, key)),),
)  # fmt: skip
place = Op(
    "slice_backward", _scatter_back, formulas=(r"\bar{x} = \bar{z}",),
    vjps=(lambda g, key: slice_row(g, key=key) if isinstance(g, Tensor) else np.array(_basic(g, key)),),
)  # fmt: skip
index = Op(
    "index", _gathered, frees="key", vjps=(lambda g, x_shape, key: index_add_into(g, shape=x_shape, key=key),),
    formulas=(r"\bar{x}[i] \mathrel{+}= \bar{z}",),
)  # fmt: skip
_select, _slice = quick.unary(select), quick.unary(slice_row)
index_add_into = Op("index_put", _add_back, vjps=(lambda g, key: index(g, key=key),), grad_fn="IndexPutImplBackward0")


def _is_fancy(k: Any) -> bool:
    return isinstance(k, (Tensor, np.ndarray, list, tuple, range)) and not (
        isinstance(k, (Tensor, np.ndarray)) and k.ndim == 0 and _array(k).dtype.kind in "iu"
    )


def _array(k: Any) -> Any:
    if isinstance(k, Tensor):
        return k._data
    found = np.asarray(list(k) if isinstance(k, range) else k)
    if found.dtype.kind in "US":
        raise TypeError("new(): invalid data type 'str'")
    if found.dtype.kind in "iuf":
        return found.astype(np.int64, copy=False)  # numbers that are no tensor are whole ones
    return found


_OLD_SEQUENCE = (
    "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in pytorch 2.9; use x[tuple(seq)] instead of "
    "x[seq]. In pytorch 2.9 this will be interpreted as tensor index, x[torch.tensor(seq)], which will result either in an error or a "
    "different result (Triggered internally at /__w/pytorch/pytorch/torch/csrc/autograd/python_variable_indexing.cpp:349.)"
)
_SEQUENCES = (slice, list, tuple, range, Tensor, np.ndarray)


def _keys(key: Any) -> list[Any]:
    if isinstance(key, tuple):
        return list(key)
    # a short list of anything but numbers counts as the tuple of the same, as in the numpy of old
    if isinstance(key, list) and len(key) < 32 and any(isinstance(k, _SEQUENCES) or k is None or k is Ellipsis for k in key):
        return list(key)
    return [key]


def _old_mask(mask: Tensor) -> Tensor:
    """uint8 was the dtype of masks before there was bool."""
    warn(
        "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead. (Triggered internally at "
        "/__w/pytorch/pytorch/aten/src/ATen/native/IndexingUtils.h:37.)",
        UserWarning,
    )
    return Tensor._of(readable(mask._data) != 0)


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
    if key.__class__ is int and self._data.ndim and -self._data.shape[0] <= key < self._data.shape[0]:  # as in most loops
        return _select(self, {"dim": 0, "index": key % self._data.shape[0]})
    keys = [_old_mask(k) if isinstance(k, Tensor) and k._data.dtype == np.uint8 else k for k in _keys(key)]
    x, rest = _looked_through(self, key, keys)
    if not any(isinstance(k, np.ndarray) for k in rest):
        return _aliased(self) if x is self else x
    must_be_indices(rest, x._data.shape)
    try:
        made = apply(index, (x,), {"key": tuple(rest)})
    except IndexError:
        told, _ = out_of_bounds(rest, x._data.shape)
        if told is not None:
            raise told from None
        made = apply(index, (x,), {"key": harmless(rest, x._data.shape)[0]})
    return made if made._node is None else track(made, *[k for k in keys if isinstance(k, Tensor) and _is_fancy(k) and k._data.ndim])


def _looked_through(self: Any, key: Any, keys: list[Any]) -> tuple[Any, list[Any]]:
    """What integers, slices and None leave of a tensor, and for each dimension of it what is left of the keys: an array, or a slice."""
    fancy = [k for k in keys if _is_fancy(k)]
    used = sum(
        _array(k).ndim
        if isinstance(k, (Tensor, np.ndarray)) and _array(k).dtype.kind == "b"
        else k is not None and k is not Ellipsis and not isinstance(k, (bool, np.bool_))
        for k in keys
    )
    if any(isinstance(k, str) for k in keys):
        if isinstance(key, str):
            if max(len(key), 1) > self._data.ndim:  # a word is a sequence of letters
                raise IndexError(f"too many indices for tensor of dimension {self._data.ndim}")
            warn(_OLD_SEQUENCE)
        raise TypeError("new(): invalid data type 'str'")
    if used > self._data.ndim:
        if self._data.ndim == 0 and not fancy and not isinstance(key, (tuple, Tensor)):
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
            x = _sliced(x, dim, k, len(keys) == 1)
            rest.append(slice(None))
            dim += 1
        elif _is_fancy(k):
            a = _array(k)
            rest.append(a)
            dim += a.ndim if a.dtype.kind == "b" else 1
        else:
            try:
                i = k.__index__()
            except AttributeError:
                raise IndexError(
                    "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
                    f"(got {class_name(k)})"
                ) from None
            n = x._data.shape[dim]
            if not -n <= i < n:
                raise IndexError(f"index {i} is out of bounds for dimension {dim + taken} with size {n}")
            x = _select(x, {"dim": dim, "index": i % n})
            taken += 1
    return x, rest


def _aliased(x: Any) -> Any:
    from ..views.reshape import alias

    return apply(alias, (x,))


def _all_of_it(k: slice, n: int) -> bool:
    """Whether PyTorch makes no view for a slice: as it is written, not as it counts."""
    return k.step in (None, 1) and not k.start and (k.stop is None or (isinstance(k.stop, int) and k.stop >= n))


def _whole(number: Any) -> int:
    """A bound of a slice."""
    try:
        return int(number.__index__())
    except AttributeError:
        raise TypeError("slice indices must be integers or None or have an __index__ method") from None


def _sliced(x: Any, dim: int, k: slice, alone: bool = False) -> Any:
    start, stop, step = (None if v is None else _whole(v) for v in (k.start, k.stop, k.step))
    step = 1 if step is None else step
    if step <= 0:
        raise ValueError("step must be greater than zero" if step else "slice step cannot be zero")
    n = x._data.shape[dim]
    if not alone and _all_of_it(k, n):
        return x
    start, stop, _ = slice(start, stop, step).indices(n)
    return _slice(x, {"key": (slice(None),) * dim + (slice(start, max(stop, start), step),)})


export("method", "__getitem__")(getitem)


def _assign(x: Any, value: Any, key: Any) -> Any:
    out = x.copy()
    out[key] = value
    return out


def _written(x: Any, value: Any, key: Any) -> Any:
    """As `_assign`; what stands in one place of memory, in an expanded tensor, is written once."""
    if 0 not in x.strides or x.size < 2:
        return _assign(x, value, key)
    core = np.array(x[tuple(slice(0, 1) if stride == 0 else slice(None) for stride in x.strides)])
    steps = [0 if stride == 0 else step for stride, step in zip(x.strides, core.strides, strict=True)]
    out = np.lib.stride_tricks.as_strided(core, x.shape, steps)
    out[key] = value
    return out


def _assign_value_vjp(g: Any, y_shape: Any, key: Any) -> Any:
    from ..reductions.reduce import sum_to_size

    got = place.vjps[0](g, key) if not any(isinstance(k, np.ndarray) for k in key) else index(g, key=key)
    extra = len(y_shape) - got.ndim
    if extra > 0:
        got = got.reshape((1,) * extra + tuple(got.shape))
    return sum_to_size(got, size=tuple(y_shape))


def _emptied(x: Any, key: Any) -> Any:
    out = x.copy()
    out[key] = 0
    return out


# A cotangent without what comes from places that were written over: zeros, also where it is not a number.
emptied = Op(
    "index_put",
    _emptied,
    vjps=(lambda g, key: emptied(g, key=key),),
    grad_fn="IndexPutBackward0",
    formulas=(r"\bar{x} = \bar{z}\ \mathrm{elsewhere}",),
)


def _assign_rest_vjp(g: Any, key: Any) -> Any:
    return emptied(g, key=key)


assign = Op(
    "copy_slices", _written, inputs=("x", "y"), grad_fn="CopySlices", frees="x", vjps=(_assign_rest_vjp, _assign_value_vjp),
    formulas=(r"\bar{x} = \bar{z}\ \mathrm{outside}", r"\bar{y} = \bar{z}[\mathrm{key}]"),
)  # fmt: skip
assign_index = Op(
    "index_put_",
    _assign,
    inputs=("x", "y"),
    grad_fn="IndexPutBackward0",
    vjps=(_assign_rest_vjp, _assign_value_vjp),
    frees="key",
    formulas=assign.formulas,
)
assign_at = assign_index.named("CopySlices")  # by slices and indices: PyTorch writes through a view


_ALIKE = Relation("Index put requires the source and destination dtypes match, got {0} for the destination and {1} for the source.", (0, 1))


def _must_fit_region(region: tuple[int, ...], given: np.ndarray[Any, Any], fancy: bool) -> None:
    """Whether what is written can be expanded to the place; leading ones too many are left out."""
    shape = given.shape
    kept = shape[len(shape) - len(region) :] if len(shape) > len(region) else shape
    wrong = [k for k in range(1, len(kept) + 1) if kept[-k] not in (1, region[-k])]
    if not wrong and (len(kept) == len(shape) if fancy else all(n == 1 for n in shape[: len(shape) - len(kept)])):
        return
    if fancy:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {sizes(shape)} cannot be broadcast to indexing result of shape {sizes(region)}"
        )
    while shape and shape[0] == 1:  # PyTorch leaves out leading ones, then expands
        shape = shape[1:]
    if len(shape) > len(region):
        raise RuntimeError(
            f"expand({old_type_name(given)}{{{sizes(shape)}}}, size={sizes(region)}): the number of sizes provided ({len(region)}) "
            f"must be greater or equal to the number of dimensions in the tensor ({len(shape)})"
        )
    at = wrong[0]
    raise RuntimeError(
        f"The expanded size of the tensor ({region[-at]}) must match the existing size ({shape[-at]}) at non-singleton dimension "
        f"{len(region) - at}.  Target sizes: {sizes(region)}.  Tensor sizes: {sizes(shape)}"
    )


def _check_looked_through(self: Any, keys: tuple[Any, ...], history: bool) -> str:
    """Raise where autograd forbids to write through self[keys]; `history`: what is written has one. The node of the view, "" for none."""
    through, at = "", 0
    for place, k in enumerate(keys, 1):
        if k is Ellipsis:
            at = self._data.ndim - sum(later is not None and not isinstance(later, bool) for later in keys[place:])
        elif k is None or isinstance(k, bool) or (isinstance(k, np.ndarray) and not k.ndim):
            through = "UnsqueezeBackward0"
        elif isinstance(k, slice):
            if not _all_of_it(k, self._data.shape[at]):
                through = "SliceBackward0"
            at += 1
        elif isinstance(k, np.ndarray):
            at += k.ndim if k.dtype == bool else 1
        else:
            through, at = "SelectBackward0", at + 1
    if not modes.grad or not (self._requires_grad or history):
        return through
    if self._base is not None:
        check_view_write(self, through if self._requires_grad else "")
    elif self._requires_grad and self._node is None:
        raise leaf_in_place(is_view=through != "")
    return through


def _as_data(number: Any, like: Any) -> Tensor:
    """A number that is written, in the dtype of what it is written to."""
    if isinstance(number, int) and not -(2**63) <= number < 2**63:
        raise ValueError("Overflow when unpacking long long")
    must_fit(number, like.dtype)
    return Tensor._of(cast(np.asarray(number), like._data.dtype))


class _Region(NamedTuple):
    """What keys with arrays name: its shape, the node of the view that is written through, why it may not be written to, whether numpy must be given other keys."""

    shape: tuple[int, ...]
    through: str
    refusal: IndexError | None = None
    empty: bool = False  # nothing is looked at, but numpy looks at the indices


def _region(self: Any, key: Any, keys: list[Any], plain: tuple[Any, ...], history: bool) -> _Region:
    """The place that is to be written, checked in PyTorch's order: integers and slices, the history, the index tensors, in the end their bounds."""
    shape: tuple[int, ...] | None = None
    with suppress(IndexError):
        shape = np.shape(self._data[plain])
    if shape is None or any(isinstance(k, np.ndarray) and (k.dtype.char not in "?lq" or not k.size) for k in plain):
        with modes.no_grad():
            x, rest = _looked_through(self.detach(), key, keys)
        through = _check_looked_through(self, plain, history)
        must_be_indices(rest, x._data.shape)
        told, at_once = out_of_bounds(rest, x._data.shape)
        if told is not None and at_once:
            raise told from None
        return _Region(harmless(rest, x._data.shape)[1], through, told, shape is None and told is None)
    return _Region(shape, _check_looked_through(self, plain, history))


def _one_mask(plain: tuple[Any, ...]) -> bool:
    """Whether one mask is the only array among the keys: PyTorch fills it with a number of any dtype."""
    arrays = [k for k in plain if isinstance(k, np.ndarray)]
    return len(arrays) == 1 and arrays[0].dtype.kind == "b" and arrays[0].ndim > 0


def _apart_with_integers(plain: tuple[Any, ...]) -> bool:
    """Whether numpy counts an integer with the arrays, and so moves what they look up to the front: PyTorch selects by integers first."""
    known = [isinstance(k, (int, np.integer)) and not isinstance(k, bool) for k in plain]
    if True not in known:
        return False
    looked_up = [at for at, k in enumerate(plain) if known[at] or isinstance(k, np.ndarray)]
    return looked_up[-1] - looked_up[0] >= len(looked_up)


@export("method", "__setitem__")
def setitem(self: Any, key: Any, value: Any) -> None:
    """x[key] = value: written through a view, so the base's history becomes CopySlices."""
    keys = _keys(key)
    old = [k for k in keys if isinstance(k, Tensor) and k._data.dtype == np.uint8]
    if old:
        one = len([k for k in keys if _is_fancy(k)]) == 1 and old[0]._data.ndim > 0
        if one and not (isinstance(value, Tensor) and value._data.size != 1):
            raise RuntimeError("masked_fill_ only supports boolean masks, but got mask with dtype unsigned char")
        keys = [_old_mask(k) if isinstance(k, Tensor) and k._data.dtype == np.uint8 else k for k in keys]
    if any(k is False for k in keys):
        return
    plain = tuple(_array(k) if isinstance(k, (Tensor, np.ndarray, list)) else k for k in keys)
    plain = tuple(k.item() if isinstance(k, np.ndarray) and k.ndim == 0 and k.dtype.kind in "iu" else k for k in plain)
    if not isinstance(value, (Tensor, bool, int, float, complex, np.integer)):
        raise TypeError(f"can't assign a {class_name(value)} to a torch.{self.dtype.scalar_name}Tensor")
    given = value if isinstance(value, Tensor) else _as_data(value, self)
    fancy = any(isinstance(k, np.ndarray) for k in plain)
    if fancy and _apart_with_integers(plain):
        x, rest = _looked_through(self, key, keys)
        setitem(x, tuple(rest), value)
        return
    if not fancy and self._base is not None and 0 not in self._data.strides and overlaps(self._data):
        part = getitem(self, tuple(keys))  # windows share elements: what the key does not name may change too
        part.copy_(value) if isinstance(value, Tensor) else part.fill_(value)
        return
    row = assign
    if fancy:
        found = _region(self, key, keys, plain, isinstance(value, Tensor) and value._requires_grad)
        if isinstance(value, Tensor):
            apart(self._data, value._data)
        region, row = found.shape, assign_at if found.through else assign_index
        while given._data.ndim > 0 and given._data.shape[0] == 1:  # PyTorch leaves out leading ones
            given = given.reshape(given._data.shape[1:])
        _must_fit_region(region, given._data, True)
        if given._data.dtype is not self._data.dtype and not (given._data.size == 1 and _one_mask(plain)):
            _ALIKE.refuse((self.dtype, given.dtype))
        if found.refusal is not None:
            raise found.refusal
        if found.empty:
            plain = tuple(np.zeros_like(k) if isinstance(k, np.ndarray) and k.dtype.kind != "b" else k for k in plain)
    else:
        try:
            part = self._data[plain]
        except IndexError:
            getitem(self, key)
            raise
        region = np.shape(part)
        _must_fit_region(region, (value if isinstance(value, Tensor) else given)._data, False)
    if given._data.dtype is not self._data.dtype:
        given = given.to(self.dtype)  # type: ignore[attr-defined]
    if given._data.ndim > len(region):  # leading ones
        given = given.reshape(given._data.shape[given._data.ndim - len(region) :])
    if not fancy and not _check_looked_through(self, plain, given._requires_grad):
        (self.fill_ if self._data.ndim and not given._data.ndim else self.copy_)(given)
        return
    if not fancy and isinstance(part, np.ndarray):
        if isinstance(value, Tensor):
            apart(part, given._data, False)
        if 0 in part.strides:
            written_once(Tensor._of(part))
    write(row, self, (given,), {"key": plain}, kept=[k for k in keys if isinstance(k, Tensor) and k._data.ndim])


def _accumulated(x: Any, value: Any, key: Any) -> Any:
    out = x.copy()
    np.add.at(out, key, np.broadcast_to(value, np.shape(x[key])))  # numpy itself takes a row but once for a vector
    return out


index_put_add = Op(
    "index_put",
    _accumulated,
    inputs=("x", "y"),
    grad_fn="IndexPutBackward0",
    frees="key",
    vjps=(lambda g: g, _assign_value_vjp),
    formulas=assign.formulas,
)
index_put_set = Op(
    "index_put",
    _assign,
    inputs=("x", "y"),
    grad_fn="IndexPutBackward0",
    vjps=(_assign_rest_vjp, _assign_value_vjp),
    frees="key",
    formulas=assign.formulas,
)


def _put(self: Any, indices: Any, values: Any, accumulate: bool, inplace: bool) -> Any:
    if len(indices) > self._data.ndim:
        raise IndexError(f"too many indices for tensor of dimension {self._data.ndim} (got {len(indices)})")
    masks = [_old_mask(i) if i is not None and i._data.dtype == np.uint8 else i for i in indices]
    key = tuple(slice(None) if i is None else i._data for i in masks)
    row = index_put_add if accumulate else index_put_set
    given = values if isinstance(values, Tensor) else Tensor._of(cast(np.asarray(values), self._data.dtype))
    if inplace:
        check(self)
        apart(self._data, given._data)
    shape = self._data.shape
    must_be_indices(key, shape)
    told: IndexError | None = None
    try:
        region = np.shape(self._data[key])
    except IndexError:
        told, at_once = out_of_bounds(key, shape)
        if told is not None and at_once:
            raise told from None
        safe, region = harmless(key, shape)
        key = safe if told is None else key
    _must_fit_region(region, given._data, True)
    if given._data.dtype is not self._data.dtype:
        if accumulate or given._data.size != 1 or not _one_mask(key):
            _ALIKE.refuse((self.dtype, given.dtype))
        given = given.to(self.dtype)  # type: ignore[attr-defined]
    if told is not None:
        raise told
    if inplace:
        return write(row, self, (given,), {"key": key}, kept=indices)
    return track(apply(row, (self, given), {"key": key}), *indices)


export("torch method", "index_put")(lambda input, indices, values, accumulate=False: _put(input, indices, values, accumulate, False))
export("method", "index_put_")(lambda self, indices, values, accumulate=False: _put(self, indices, values, accumulate, True))


__all__ = ["getitem", "index", "narrow", "place", "squeeze_"]
