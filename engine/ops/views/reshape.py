"""More views: squeeze, expand, select, narrow, flip, diagonal, tril and their kin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...arrays.arithmetic import in_rows
from ...calls import quick
from ...errors import cannot_broadcast, class_name, expanded, sizes
from ...memory import formats
from ...memory.places import offset
from ...modes import warn_once
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Size, Tensor
from ...warned import kernel_warning
from ..reductions.reduce import dims, expand_to
from .shape import clone_, new_size, permute, reshape_method, sizes_of, transpose, view, view_

squeeze_all = Op(
    "squeeze", lambda x: x.squeeze(), view=True, vjps=(lambda g, x_shape: g.reshape(x_shape),), formulas=(r"\bar{x} = \bar{z}",)
)
squeeze_dim = Op(
    "squeeze", lambda x, dim: x.squeeze(axis=dim), view=True, grad_fn="SqueezeBackward1", vjps=(lambda g, x_shape: g.reshape(x_shape),),
    formulas=(r"\bar{x} = \bar{z}",),
)  # fmt: skip
squeeze_dims = Op(
    "squeeze", lambda x, dim: x.squeeze(axis=dim), view=True, grad_fn="SqueezeBackward2", vjps=(lambda g, x_shape: g.reshape(x_shape),),
    formulas=(r"\bar{x} = \bar{z}",),
)  # fmt: skip
# what PyTorch's own code squeezes in place: the ends of matmul with a vector, and of quantile
squeeze_written = Op(
    "squeeze", lambda x, dim: x.squeeze(axis=dim), view=True, grad_fn="SqueezeBackward4", vjps=(lambda g, x_shape: g.reshape(x_shape),),
    formulas=(r"\bar{x} = \bar{z}",),
)  # fmt: skip
unsqueeze = Op(
    "unsqueeze",
    lambda x, dim: x.reshape((*x.shape[:dim], 1, *x.shape[dim:])) if type(x) is np.ndarray else np.expand_dims(x, dim),
    view=True,
    vjps=(lambda g, x_shape, dim: g.reshape(x_shape) if type(g) is np.ndarray else squeeze_dim(g, dim=dim),),
    formulas=(r"\bar{x} = \bar{z}",),
)
alias = Op("alias", lambda x: x.view(), view=True, vjps=(lambda g: g,), formulas=(r"\bar{x} = \bar{z}",))
flip = Op(
    "flip",
    lambda x, dims: np.flip(x, dims).copy("K"),
    vjps=(lambda g, dims: flip(g, dims=dims),),
    formulas=(r"\bar{x} = \mathrm{flip}(\bar{z})",),
)
roll = Op(
    "roll", lambda x, shifts, dims: in_rows(np.roll(x, shifts, dims)), vjps=(lambda g, shifts, dims: roll(g, shifts=_negated(shifts), dims=dims),),
    formulas=(r"\bar{x} = \mathrm{roll}^{-1}(\bar{z})",),
)  # fmt: skip
tril = Op(
    "tril",
    lambda x, diagonal: in_rows(np.tril(x, diagonal)),
    vjps=(lambda g, diagonal: tril(g, diagonal=diagonal),),
    formulas=(r"\bar{x} = \mathrm{tril}(\bar{z})",),
)
triu = Op(
    "triu",
    lambda x, diagonal: in_rows(np.triu(x, diagonal)),
    vjps=(lambda g, diagonal: triu(g, diagonal=diagonal),),
    formulas=(r"\bar{x} = \mathrm{triu}(\bar{z})",),
)
repeat = Op(
    "repeat", lambda x, repeats: np.tile(x, repeats), vjps=(lambda g, x_shape, repeats: _fold(g, x_shape, repeats),),
    formulas=(r"\bar{x} = \textstyle\sum_{\mathrm{copies}} \bar{z}",),
)  # fmt: skip


def _put_diagonal(g: Any, shape: tuple[int, ...], offset: int, dim1: int, dim2: int) -> Any:
    out = np.zeros(shape, g.dtype)
    np.einsum("...ii->...i", _square(np.moveaxis(out, (dim1, dim2), (-2, -1)), offset))[...] = g
    return out


def _square(x: Any, offset: int) -> Any:
    """The largest square block whose main diagonal is the diagonal `offset` of x."""
    rows, cols = x.shape[-2:]
    first, second = (0, offset) if offset >= 0 else (-offset, 0)
    n = max(0, min(rows - first, cols - second))
    return x[..., first : first + n, second : second + n]


def _diagonal(x: Any, offset: int, dim1: int, dim2: int) -> Any:
    view = np.diagonal(x, offset, dim1, dim2)
    view.flags.writeable = x.flags.writeable  # numpy hands it out read-only, but it is a view as any other
    return view


diagonal = Op(
    "diagonal", _diagonal, view=True,
    vjps=(lambda g, x_shape, offset, dim1, dim2: diagonal_backward(g, shape=x_shape, offset=offset, dim1=dim1, dim2=dim2),),
    formulas=(r"\bar{x} = \mathrm{diag}(\bar{z})",),
)  # fmt: skip
diagonal_backward = Op(
    "diagonal_backward", _put_diagonal,
    vjps=(lambda g, offset, dim1, dim2: diagonal(g, offset=offset, dim1=dim1, dim2=dim2),), formulas=(r"\bar{x} = \mathrm{diag}(\bar{z})",),
)  # fmt: skip


diag_embed_row = Op("diag_embed", _put_diagonal, vjps=diagonal_backward.vjps, formulas=diagonal_backward.formulas)
diagonal_copy = Op(
    "diagonal_copy", lambda x, offset, dim1, dim2: np.diagonal(x, offset, dim1, dim2).copy(), grad_fn="DiagonalBackward0_copy",
    vjps=diagonal.vjps, formulas=diagonal.formulas,
)  # fmt: skip
rot90_row = Op(
    "rot90", lambda x, k, dims: np.rot90(x, k, dims).copy("K"), vjps=(lambda g, k, dims: rot90_row(g, k=-k, dims=dims),),
    formulas=(r"\bar{x} = \mathrm{rot90}^{-1}(\bar{z})",),
)  # fmt: skip
trace_row = Op(
    "trace", lambda x: _told_sum(np.diagonal(x)), formulas=(r"\bar{x} = \bar{z}\,I",),
    vjps=(lambda g, x_shape: diagonal_backward(expand_to(g, size=(min(x_shape),)), shape=x_shape, offset=0, dim1=0, dim2=1),),
)  # fmt: skip


def _told_sum(x: Any) -> Any:
    return x.sum(dtype=np.int64 if x.dtype.kind in "bui" else None)


def _negated(shifts: Any) -> Any:
    return tuple(-s for s in shifts) if isinstance(shifts, tuple) else -shifts


def _fold(g: Any, shape: tuple[int, ...], repeats: tuple[int, ...]) -> Any:
    """Sum the copies that `repeat` made."""
    full = (1,) * (len(repeats) - len(shape)) + tuple(shape)
    split = g.reshape(tuple(n for pair in zip(repeats, full, strict=True) for n in pair))
    from ..reductions.reduce import sum_dim

    summed = sum_dim(split, dim=tuple(range(0, 2 * len(full), 2)), keepdim=False)
    return summed.reshape(tuple(shape))


_squeeze_dim, _squeeze_dims, _unsqueeze, _expand, _permute = (
    quick.unary(row) for row in (squeeze_dim, squeeze_dims, unsqueeze, expand_to, permute)
)


def one_dim(dim: int, ndim: int, function: str = "") -> int:
    """One dimension as a non-negative number; `function` for what is said where it is none."""
    if function and not isinstance(dim, (int, np.integer)):
        raise TypeError(f"{function}(): argument 'dim' (position 1) must be int, not {class_name(dim)}")
    return (dims(dim if dim.__class__ is int else (dim,), ndim) or (0,))[0]


def some_of(input: Any, dim: int, name: str) -> int:
    """A dimension, counted from the front; raises where there is nothing in it to choose from."""
    d = one_dim(dim, input._data.ndim, name)
    if input._data.ndim and not input._data.shape[d]:
        raise IndexError(f"{name}(): Expected reduction dim {d} to have non-zero size.")
    return d


@export("torch method", "squeeze")
def squeeze_(input: Any, dim: Any = None, *more: int) -> Any:
    """Drop dimensions of size 1."""
    shape = input._data.shape
    if more:
        dim = (dim, *more)
    if dim is None:
        return apply(squeeze_all, (input,))
    given = (dims(dim, len(shape)) if dim else ()) if isinstance(dim, (tuple, list)) else (one_dim(dim, len(shape)),)
    run = _squeeze_dims if isinstance(dim, (tuple, list)) else _squeeze_dim
    return run(input, {"dim": tuple([d for d in given if shape and shape[d] == 1])})


@export("torch method", "unsqueeze")
def unsqueeze_(input: Any, dim: int) -> Any:
    """Add a dimension of size 1."""
    n = input._data.ndim + 1
    if not -n <= dim < n:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})")
    return _unsqueeze(input, {"dim": dim % n})


def _given(function: str, argument: str, args: tuple[Any, ...]) -> None:
    if not args:
        raise TypeError(f'{function}() missing 1 required positional arguments: "{argument}"')


@export("method", "expand")
def expand_method(self: Any, *size: Any, implicit: bool = False, **named: Any) -> Any:
    """Stretch dimensions of size 1 without copying; -1 keeps a size."""
    size = tuple(named.values()) or size
    _given("expand", "size", size)
    return _expand(self, {"size": expanded(self._data, sizes_of(size))})


@export("method")
def expand_as(self: Any, other: Any) -> Any:
    """Expand to the shape of another tensor."""
    return expand_method(self, other._data.shape)


@export("torch method")
def broadcast_to(input: Any, size: Any, *more: int) -> Any:
    """Expand to a shape."""
    return expand_method(input, (size, *more) if isinstance(size, int) else tuple(size))


@export("method")
def view_as(self: Any, other: Any) -> Any:
    """View in the shape of another tensor."""
    return view_(self, *other._data.shape)


@export("method")
def reshape_as(self: Any, other: Any) -> Any:
    """Reshape to the shape of another tensor."""
    return reshape_method(self, *other._data.shape)


@export("torch method")
def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """Merge neighbouring dimensions into one."""
    shape = input._data.shape
    if not shape:
        one_dim(start_dim, 0)
        one_dim(end_dim, 0)
        return reshape_method(input, 1)
    a, b = one_dim(start_dim, len(shape)), one_dim(end_dim, len(shape))
    if a > b:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if a == b:
        return input
    return reshape_method(input, *shape[:a], math.prod(shape[a : b + 1]), *shape[b + 1 :])


@export("torch method")
def ravel(input: Any) -> Any:
    """All elements in one dimension."""
    return reshape_method(input.contiguous(), -1)


@export("torch method")
def unflatten(input: Any, dim: int, sizes: Any) -> Any:
    """Split one dimension into several."""
    d = one_dim(dim, input._data.ndim)
    shape = input._data.shape
    parts = sizes_of((sizes,))
    if not parts:
        raise RuntimeError("unflatten: sizes must be non-empty")
    known = math.prod(n for n in parts if n != -1)
    if (known != shape[d] and -1 not in parts) or (-1 in parts and (not known or shape[d] % known)):
        text = "[" + ", ".join(map(str, parts)) + "]"
        raise RuntimeError(f"unflatten: Provided sizes {text} don't multiply up to the size of dim {d} ({shape[d]}) in the input tensor")
    return apply(view, (input,), {"size": (*shape[:d], *new_size(shape[d], parts), *shape[d + 1 :])})


@export("torch method", "permute")
def permute_(input: Any, *dims_: Any, dims: Any = None) -> Any:
    """Dimensions in another order."""
    if dims is None:
        _given("permute", "dims", dims_)
    order = sizes_of(dims_ if dims is None else (dims,))
    n = input._data.ndim
    if len(order) != n:
        raise RuntimeError(
            f"permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = {n} is not equal to len(dims) = {len(order)}"
        )
    wanted = tuple([one_dim(d, n) for d in order])
    if len(set(wanted)) != n:
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return _permute(input, {"dims": wanted})


@export("torch method", "movedim", "moveaxis")
def movedim(input: Any, source: Any, destination: Any) -> Any:
    """Move dimensions to other places."""
    n = input._data.ndim
    sources = [source] if isinstance(source, int) else list(source)
    destinations = [destination] if isinstance(destination, int) else list(destination)
    if len(sources) != len(destinations):
        raise RuntimeError(
            "movedim: Invalid source or destination dims: source "
            f"({sizes(tuple(sources))} dims) should contain the same number of dims as destination ({sizes(tuple(destinations))} dims)"
        )
    a, b = [one_dim(d, n) for d in sources], [one_dim(d, n) for d in destinations]
    for word, given, places in (("source", sources, a), ("destination", destinations, b)):
        if len(set(places)) != len(places):
            raise RuntimeError(f"movedim: repeated dim in `{word}` ({sizes(tuple(given))})")
    if not n:
        return apply(alias, (input,))
    order = [d for d in range(n) if d not in a]
    for to, d in sorted(zip(b, a, strict=True)):
        order.insert(to, d)
    return apply(permute, (input,), {"dims": tuple(order)})


def _matrix_transpose(name: str) -> Any:
    def transposed(self: Any) -> Any:
        n = self._data.ndim
        if n == 1 or (n != 2 and name == "H" and n):
            where = "matrices (2-D tensors)" if name == "H" else "matrices or batches of matrices"
            more = " For batches of matrices, consider using tensor.mH" if name == "H" and n > 2 else ""
            raise RuntimeError(f"tensor.{name} is only supported on {where}. Got {n}-D tensor.{more}")
        if not n:
            warn_once(kernel_warning(name))
        turned = apply(transpose, (self,), {"dim0": n - 2, "dim1": n - 1}) if n else self
        return turned.conj() if name != "mT" and turned._data.dtype.kind == "c" else turned

    return transposed


for name in ("mT", "mH", "H"):
    export("property", name)(_matrix_transpose(name))
export("method", "adjoint")(_matrix_transpose("adjoint()"))


@export("torch method", "flip")
def flip_(input: Any, *dims_: Any, dims: Any = None) -> Any:
    """Reverse along dimensions."""
    if not dims_ and dims is None:
        raise TypeError('flip() missing 1 required positional arguments: "dims"')
    order = tuple(one_dim(d, input._data.ndim) for d in sizes_of(dims_ if dims is None else (dims,)))
    twice = next((d for d in order if order.count(d) > 1), None)
    if twice is not None:
        raise RuntimeError(f"dim {twice} appears multiple times in the list of dims")
    return apply(flip, (input,), {"dims": order if input._data.ndim else ()})


def _flipper(name: str, dim: int) -> None:
    def function(input: Any) -> Any:
        if input._data.ndim <= dim:
            raise RuntimeError(f"Input must be >= {dim + 1}-d.")
        return flip_(input, dim)

    function.__name__ = name
    export("torch method", name)(function)


_flipper("fliplr", 1)
_flipper("flipud", 0)


@export("torch method", "roll")
def roll_(input: Any, shifts: Any, dims: Any = None) -> Any:
    """Shift with wrap-around."""
    if not isinstance(shifts, int) and not len(shifts):
        raise RuntimeError("`shifts` required")
    if dims is None or dims == ():
        return apply(roll, (input,), {"shifts": shifts if isinstance(shifts, int) else shifts[0], "dims": None})
    moved = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    along = (dims,) if isinstance(dims, int) else tuple(dims)
    if len(moved) != len(along):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(moved)}, dims:{len(along)}")
    if not input._data.ndim:
        raise IndexError(f"Dimension specified as {along[0]} but tensor has no dimensions")
    along = tuple(one_dim(d, input._data.ndim) for d in along)
    return apply(roll, (input,), {"shifts": moved, "dims": along})


@export("torch method")
def rot90(input: Any, k: int = 1, dims: Any = (0, 1)) -> Any:
    """Rotate by quarter turns in the plane of two dimensions."""
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if input._data.ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {input._data.ndim}")
    if dims[0] == dims[1] or abs(dims[0] - dims[1]) == input._data.ndim:
        raise RuntimeError(f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}")
    a, b = (one_dim(d, input._data.ndim) for d in dims)
    return apply(rot90_row, (input,), {"k": k % 4, "dims": (a, b)})


def _triangle(name: str, row: Op) -> None:
    def must_be_matrix(x: Any) -> None:
        if x._data.ndim < 2:
            raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")

    def function(input: Any, diagonal: int = 0, *, out: Any = None) -> Any:
        must_be_matrix(input)
        return apply(row, (input,), {"diagonal": diagonal})

    def write_method(self: Any, diagonal: int = 0) -> Any:
        from ...memory.inplace import check, write

        check(self)
        must_be_matrix(self)
        return write(row, self, (), {"diagonal": diagonal})

    function.__name__ = name
    export("torch method", name)(function)
    export("method", name + "_")(write_method)


_triangle("tril", tril)
_triangle("triu", triu)


def must_be_plane(dim1: int, dim2: int, n: int) -> dict[str, int]:
    """Two dimensions of a diagonal, counted from the front; raises where they are none, or one."""
    a, b = one_dim(dim1, n), one_dim(dim2, n)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return {"dim1": a, "dim2": b}


@export("torch method", "diagonal")
def diagonal_(input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """The diagonal of a matrix, or of a plane of two dimensions."""
    return apply(diagonal, (input,), {"offset": offset, **must_be_plane(dim1, dim2, input._data.ndim)})


@export("torch method")
def diag_embed(input: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """Vectors put on the diagonals of new matrices."""
    n = input._data.ndim + 1
    a, b = must_be_plane(dim1, dim2, n).values()
    size = input._data.shape[-1] + abs(offset)
    shape = list(input._data.shape[:-1])
    for d in sorted((a, b)):
        shape.insert(d, size)
    return apply(diag_embed_row, (input,), {"shape": tuple(shape), "offset": offset, "dim1": a, "dim2": b})


@export("torch method")
def diag(input: Any, diagonal: int = 0, *, out: Any = None) -> Any:
    """A matrix of a vector, or the diagonal of a matrix."""
    if input._data.ndim == 1:
        return diag_embed(input, diagonal)
    if input._data.ndim == 2:
        return apply(diagonal_copy, (input,), {"offset": diagonal, "dim1": 0, "dim2": 1})
    raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input._data.ndim}D")


export("torch method", "diagflat")(lambda input, offset=0: diag_embed(input.reshape(-1), offset))


@export("torch method")
def trace(input: Any) -> Any:
    """The sum of a matrix's diagonal."""
    if input._data.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {input._data.ndim}")
    return apply(trace_row, (input,))


@export("method", "repeat")
def repeat_(self: Any, *repeats: Any, **named: Any) -> Any:
    """Copies side by side along each dimension."""
    repeats = tuple(named.values()) or repeats
    _given("repeat", "repeats", repeats)
    times = sizes_of(repeats)
    if len(times) < self._data.ndim:
        raise RuntimeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
    full = (1,) * (len(times) - self._data.ndim) + self._data.shape
    grown = [n * k for n, k in zip(full, times, strict=True)]
    if any(k < 0 for k in grown):
        raise RuntimeError(f"Trying to create tensor with negative dimension {next(k for k in grown if k < 0)}: {grown}")
    return apply(repeat, (self,), {"repeats": times})


@export("torch method")
def tile(input: Any, *dims_: Any, dims: Any = None) -> Any:
    """As repeat, with missing leading counts taken as 1."""
    if dims is None:
        _given("tile", "dims", dims_)
    times = sizes_of(dims_ if dims is None else (dims,))
    return repeat_(input, (1,) * (input._data.ndim - len(times)) + times)


def _at_least(n: int) -> Any:
    def one(x: Any) -> Any:
        if n == 1:
            return reshape_method(x, 1) if x._data.ndim == 0 else x
        if n == 2:
            return reshape_method(x, 1, 1) if x._data.ndim == 0 else unsqueeze_(x, 0) if x._data.ndim == 1 else x
        if x._data.ndim == 2:
            return unsqueeze_(x, 2)
        if x._data.ndim == 1:
            return unsqueeze_(unsqueeze_(x, 0), 2)
        return reshape_method(x, 1, 1, 1) if x._data.ndim == 0 else x

    def function(*tensors: Any) -> Any:
        given = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
        if len(tensors) == 1 and isinstance(tensors[0], Tensor):
            return one(tensors[0])
        return tuple(one(t) for t in given)

    return function


for _n in (1, 2, 3):
    export("torch", f"atleast_{_n}d")(_at_least(_n))


# -- asking about shapes --------------------------------------------------------------------------------


@export("method")
def size(self: Any, dim: int | None = None) -> Any:
    """The sizes, or one of them."""
    if dim is None:
        return Size(self._data.shape)
    if dim.__class__ is not int and not hasattr(dim, "__index__"):
        raise TypeError(f"size(): argument 'dim' (position 1) must be int, not {class_name(dim)}")
    return self._data.shape[one_dim(dim, self._data.ndim)]


export("method", "dim", "ndimension")(lambda self: self._data.ndim)
export("torch method", "numel")(lambda self: self._data.size)
export("method", "nelement")(lambda self: self._data.size)
export("method", "element_size")(lambda self: self._data.itemsize)
export("method", "storage_offset")(offset)
export("method", "is_contiguous")(
    lambda self, memory_format=None: bool(formats.slowest_dimension_first(self._data, memory_format).flags.c_contiguous)
)
export("method", "contiguous")(
    lambda self, memory_format=None: (
        self
        if formats.slowest_dimension_first(self._data, memory_format).flags.c_contiguous
        else clone_(self, memory_format=memory_format or formats.CONTIGUOUS)
    )
)


export("method", "data_ptr")(lambda self: self._data.__array_interface__["data"][0])
export("torch method", "is_floating_point")(lambda self: self._data.dtype.kind in "fV")
export("torch method", "is_complex")(lambda self: self._data.dtype.kind == "c")
export("torch method", "is_signed")(lambda self: self._data.dtype.kind in "ifcV")
export("torch", "is_tensor")(lambda obj: isinstance(obj, Tensor))
export("torch method", "is_nonzero")(lambda input: bool(input))
export("torch method", "is_inference")(lambda input: input._inference)
export("torch method", "is_same_size")(lambda input, other: input._data.shape == other._data.shape)
export("method", "cpu")(lambda self, memory_format=None: self)
export("method", "type_as")(lambda self, other: self.to(other.dtype))
export("torch method", "detach")(Tensor.detach)
for _name in ("is_cuda", "is_sparse", "is_quantized", "is_mps", "is_meta"):
    export("property", _name)(lambda self: False)


@export("method")
def detach_(self: Any) -> Any:
    """Drop the history in place."""
    if self._base is not None:
        raise RuntimeError(
            "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and "
            "gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these "
            "gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution."
        )
    self._node, self._output_nr, self._requires_grad = None, 0, False
    return self


@export("torch")
def broadcast_shapes(*shapes: Any) -> Any:
    """The shape that several shapes broadcast to."""
    given: list[Any] = [(shape,) if isinstance(shape, (int, np.integer)) else shape for shape in shapes if shape is not None]
    for shape in given:
        if not isinstance(shape, Sequence):
            raise RuntimeError(f"Input shapes should be of type ints, a tuple of ints, or a list of ints, got {shape}")
    common: list[int] = [1] * max(map(len, given), default=0)
    for k, shape in enumerate(given):
        for place in range(-1, -1 - len(shape), -1):
            n = shape[place]
            if n != common[place] and common[place] == 1:
                if n < 0:
                    raise ValueError("Attempting to broadcast a dimension with negative length!")
                common[place] = n
            if n not in (1, common[place]):
                raise RuntimeError(
                    f"Attempting to broadcast a dimension of length {n} at {place}! Mismatching argument at index {k} had {shape}; but "
                    f"expected shape should be broadcastable to {common}"
                )
    return Size(common)


@export("torch")
def broadcast_tensors(*tensors: Any) -> Any:
    """All tensors expanded to their common shape."""
    given = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    shape: tuple[int, ...] = ()
    for t in given:
        told = cannot_broadcast(shape, t._data.shape)
        if told is not None:
            raise told
        shape = np.broadcast_shapes(shape, t._data.shape)
    return tuple(t if t._data.shape == shape else expand_method(t, shape) for t in given)
