"""Tensors from data: torch.tensor, ones, zeros, randn and their kin."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import dtypes, events, random
from .namespace import export
from .ops.shape import sizes_of
from .tensor import Tensor


def leaf(data: Any, requires_grad: bool = False, dtype: Any = None) -> Tensor:
    """A new leaf of an array, told to the watcher."""
    if dtype is not None and data.dtype is not dtype.numpy:
        data = data.astype(dtype.numpy)
    made: Tensor = Tensor(data)
    if requires_grad:
        if data.dtype.kind not in "fc":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        made._requires_grad = True
    if events.intervention is not None:
        events.intervention.leaf(made)
    if events.watcher is not None:
        events.watcher.create_leaf(made)
    return made


def _array(data: Any) -> Any:
    """Python data as an array of the dtype that PyTorch infers."""
    if isinstance(data, np.ndarray):
        return np.array(data)
    if isinstance(data, np.generic):
        return np.array(data)
    if isinstance(data, Tensor):
        return data._data.copy()
    if isinstance(data, (list, tuple)):
        data = _plain(data)
    array = np.array(data)
    if array.dtype.kind == "f" and not isinstance(data, np.generic):
        return array.astype(dtypes.get_default_dtype().numpy)
    if array.dtype.kind == "O":
        raise ValueError("too many dimensions 'str'" if "str" in repr(type(data)) else f"could not determine the shape of object type '{type(data).__name__}'")
    if array.size == 0 and array.dtype.kind == "f":
        return array.astype(dtypes.get_default_dtype().numpy)
    return array


def _plain(data: Any) -> Any:
    """Nested lists with the tensors and arrays inside as numbers; PyTorch's error for ragged ones."""
    if isinstance(data, Tensor):
        return data._data.item() if data._data.size == 1 and data._data.ndim == 0 else data._data.tolist()
    if isinstance(data, np.ndarray):
        return data.tolist()
    if isinstance(data, (list, tuple)):
        rows = [_plain(d) for d in data]
        lengths = [len(r) if isinstance(r, list) else -1 for r in rows]
        for k, n in enumerate(lengths):
            if n != lengths[0]:
                if n < 0 or lengths[0] < 0:
                    raise TypeError("not a sequence" if lengths[0] >= 0 else "only length-1 arrays can be converted to Python scalars")
                raise ValueError(f"expected sequence of length {lengths[0]} at dim 1 (got {n})") from None
            del k
        return rows
    return data


@export("torch")
def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False) -> Tensor:
    """A leaf with a copy of the data."""
    if isinstance(data, Tensor):
        import warnings

        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).",
            UserWarning,
            stacklevel=2,
        )
    return leaf(_array(data), requires_grad, dtype)


@export("torch")
def from_numpy(ndarray: Any) -> Tensor:
    """A tensor that shares the memory of an array."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    return leaf(ndarray)


@export("torch", "as_tensor", "asarray")
def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """The data as a tensor, shared where that is possible."""
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)  # type: ignore[attr-defined, no-any-return]
    return leaf(data if isinstance(data, np.ndarray) else _array(data), False, dtype)


def _filled(name: str, value: Any) -> None:
    def function(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None, layout: Any = None) -> Tensor:
        wanted = sizes_of(size)
        if any(n < 0 for n in wanted):
            raise RuntimeError(
                f"Trying to create tensor with negative dimension {next(n for n in wanted if n < 0)}: [{', '.join(map(str, wanted))}]"
            )
        return leaf(np.full(wanted, value, (dtype or dtypes.get_default_dtype()).numpy), requires_grad)

    def like(input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None) -> Tensor:
        return leaf(np.full(input._data.shape, value, (dtype or input.dtype).numpy), requires_grad)

    def new(self: Any, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
        return leaf(np.full(sizes_of(size), value, (dtype or self.dtype).numpy), requires_grad)

    function.__name__ = name
    export("torch", name)(function)
    export("torch", name + "_like")(like)
    export("method", "new_" + name)(new)


_filled("ones", 1)
_filled("zeros", 0)
_filled("empty", 0)


def _drawn(name: str, draw: Any) -> None:
    def function(
        *size: Any, generator: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None
    ) -> Tensor:
        d = dtype or dtypes.get_default_dtype()
        return leaf(draw(generator or random.default_generator, sizes_of(size), d.numpy), requires_grad)

    def like(input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
        return leaf(draw(random.default_generator, input._data.shape, (dtype or input.dtype).numpy), requires_grad)

    function.__name__ = name
    export("torch", name)(function)
    export("torch", name + "_like")(like)


_drawn("randn", lambda g, shape, d: random.randn(g, shape, d))
_drawn("rand", lambda g, shape, d: random.rand(g, shape, d))
