"""Symbol: an array whose arithmetic is noted on a tape while it is done.

A row's forward and vjps are plain numpy. Called with symbols they do what they always do, and the tape has
afterwards the numpy calls with an array for each result, ready to be run again on the same memory. Views are
taken once: they stay views. What cannot be noted (a number that decides, a write) raises `UntraceableError`, and
the caller notes the whole function as one step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..op import constant
from .tape import Tape

Array = np.ndarray[Any, Any]

_PURE = frozenset(
    (
        np.where, np.concatenate, np.stack, np.mean, np.var, np.sum, np.prod, np.max, np.min, np.amax, np.amin, np.argmax, np.argmin, np.clip,
        np.cumsum, np.cumprod, np.take, np.take_along_axis, np.pad, np.tril, np.triu, np.outer, np.nan_to_num, np.copysign, np.round, np.dot,
        np.einsum, np.tensordot, np.ascontiguousarray, np.sort, np.argsort,
    )
)  # fmt: skip
_VIEWS = frozenset(
    (
        np.reshape, np.transpose, np.swapaxes, np.moveaxis, np.broadcast_to, np.expand_dims, np.squeeze, np.ravel, np.flip, np.split,
        np.lib.stride_tricks.as_strided, np.lib.stride_tricks.sliding_window_view,
    )
)  # fmt: skip


class UntraceableError(TypeError):
    """What was asked for cannot be noted as numpy calls."""


def plain(value: Any) -> Any:
    """The arrays of symbols, also inside lists, tuples and dicts; what has no symbols inside is the same object."""
    if type(value) is Symbol:
        return value.array
    if type(value) is dict:
        made = {k: plain(v) for k, v in value.items()}
        return made if any(made[k] is not v for k, v in value.items()) else value
    if type(value) is list or type(value) is tuple:
        found = [plain(v) for v in value]
        return type(value)(found) if any(a is not v for a, v in zip(found, value, strict=True)) else value
    return value


def lives(value: Any) -> bool:
    """Whether there is a symbol, also inside lists, tuples and dicts, whose value may differ from turn to turn."""
    if type(value) is Symbol:
        return value.live
    if type(value) is dict:
        return any(map(lives, value.values()))
    return any(map(lives, value)) if type(value) in (list, tuple) else False


class Symbol:
    """An array with a tape.

    Attributes:
        array: the memory that holds the value in each turn.
        live: whether the value may differ from turn to turn; what is computed from constants is computed once.
    """

    __array_priority__ = 2000
    __hash__ = None  # type: ignore[assignment]
    __slots__ = ("array", "live", "tape", "writable")

    def __init__(self, array: Array, tape: Tape, live: bool = True, writable: bool = False) -> None:
        self.array = array
        self.tape = tape
        self.live = live
        self.writable = writable  # a parameter, while its optimizer moves it

    shape = property(lambda self: self.array.shape)
    dtype = property(lambda self: self.array.dtype)
    ndim = property(lambda self: self.array.ndim)
    size = property(lambda self: self.array.size)
    strides = property(lambda self: self.array.strides)
    itemsize = property(lambda self: self.array.itemsize)
    flags = property(lambda self: self.array.flags)
    T = property(lambda self: self.looked(self.array.T))

    def looked(self, found: Any) -> Any:
        """What an indexing or a reshape gave: a view stays one, a copy is made anew in each turn."""
        if not isinstance(found, np.ndarray):
            found = np.asarray(found)
        elif np.may_share_memory(found, self.array) or not self.live:
            return Symbol(found, self.tape, self.live)
        raise UntraceableError("a copy")

    # -- numpy's protocols ----------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if ufunc.nout != 1 or ("out" in kwargs) or ("where" in kwargs):
            raise UntraceableError(ufunc.__name__)
        arrays = [plain(x) for x in inputs]
        kind = next((a.dtype for a in arrays if isinstance(a, np.ndarray) and a.dtype.kind == "f"), None)
        if kind is not None and method == "__call__":
            arrays = [constant(a, kind) if type(a) in (int, float) else a for a in arrays]
        live = any(lives(x) for x in inputs)
        if method == "__call__":
            return self._noted(ufunc, tuple(arrays), kwargs, live)
        if method == "reduce":
            return self._noted(ufunc.reduce, tuple(arrays), kwargs, live)
        raise UntraceableError(f"{ufunc.__name__}.{method}")

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        if function in _VIEWS:
            found = function(*plain(args), **kwargs)
            if isinstance(found, list):
                return [self.looked(f) for f in found]
            if np.may_share_memory(found, self.array) or not self.live:
                return Symbol(found, self.tape, self.live)
            return self._noted(function, tuple(plain(args)), kwargs, self.live, takes_out=False)
        if function is np.zeros_like or function is np.ones_like:
            return Symbol(function(*plain(args), **kwargs), self.tape, live=False)
        if function in _PURE:
            live = lives(list(args)) or lives(list(kwargs.values()))
            return self._noted(function, tuple(plain(args)), {k: plain(v) for k, v in kwargs.items()}, live, function is np.dot)
        raise UntraceableError(getattr(function, "__name__", "a numpy function"))

    def _noted(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], live: bool, takes_out: bool = True) -> Symbol:
        before = self.tape.made(function, args, kwargs) if live else None
        if before is not None:
            return Symbol(before, self.tape)
        result = np.asarray(function(*args, **kwargs))
        if not live:
            return Symbol(result, self.tape, live=False)
        if any(result is a for a in args) or result.base is not None:
            result = result.copy()
        self.tape.note(function, args, kwargs, result, takes_out)
        return Symbol(result, self.tape)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        raise UntraceableError("asarray")

    # -- methods ----------------------------------------------------------------------------------------------

    def reshape(self, *shape: Any) -> Any:
        """As of an array; a copy where it cannot be a view."""
        wanted = shape[0] if len(shape) == 1 else shape
        found = self.array.reshape(wanted)
        if np.may_share_memory(found, self.array) or not self.live:
            return Symbol(found, self.tape, self.live)
        return self._noted(np.reshape, (self.array, wanted), {}, True, takes_out=False)

    def view(self, dtype: Any = None) -> Any:
        """As of an array: the same bytes, also as another type."""
        return self.looked(self.array.view() if dtype is None else self.array.view(dtype))

    def transpose(self, *axes: Any) -> Any:
        """As of an array."""
        return self.looked(self.array.transpose(*axes))

    def swapaxes(self, a: int, b: int) -> Any:
        """As of an array."""
        return self.looked(self.array.swapaxes(a, b))

    def squeeze(self, axis: Any = None) -> Any:
        """As of an array."""
        return self.looked(self.array.squeeze(axis))

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """As of an array."""
        if self.array.dtype == dtype:
            return self.copy() if copy else self
        return self._noted(np.ndarray.astype, (self.array, dtype), {}, self.live, takes_out=False)

    def copy(self, order: str = "C") -> Any:
        """As of an array."""
        if order != "C":
            raise UntraceableError("copy")
        if self.array.dtype.kind in "fiu" and self.array.flags.c_contiguous:
            return self._noted(np.positive, (self.array,), {}, self.live)
        return self._noted(np.array, (self.array,), {"order": "C"}, self.live, takes_out=False)

    def sum(self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
        """As of an array."""
        return self.__array_ufunc__(np.add, "reduce", self, axis=axis, dtype=dtype, keepdims=keepdims)

    def max(self, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:
        """As of an array."""
        return self.__array_ufunc__(np.maximum, "reduce", self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
        """As of an array."""
        return self._noted(np.ndarray.mean, (self.array,), {"axis": axis, "keepdims": keepdims}, self.live, takes_out=False)

    def __getitem__(self, key: Any) -> Any:
        if lives(key) or type(key) is Symbol:
            raise UntraceableError("an index that is computed")
        found = self.array[key]
        if isinstance(found, np.ndarray) and (np.may_share_memory(found, self.array) or not self.live):
            return Symbol(found, self.tape, self.live)
        if not isinstance(found, np.ndarray):
            return self.looked(self.array[(*(key if isinstance(key, tuple) else (key,)), ...)])
        return self._noted(np.ndarray.__getitem__, (self.array, key), {}, True, takes_out=False)

    def __setitem__(self, key: Any, value: Any) -> None:
        if not self.writable or key is not Ellipsis or type(value) is not Symbol or value.array.shape != self.array.shape:
            raise UntraceableError("a write")
        self.array[...] = value.array
        self.tape.write(self.array, value.array, alone=True)

    def __bool__(self) -> bool:
        raise UntraceableError("a decision")

    def __iter__(self) -> Any:
        raise UntraceableError("iteration")

    def __len__(self) -> int:
        return len(self.array)


def _operator(ufunc: Any, reverse: bool = False) -> Any:
    def forth(self: Symbol, other: Any) -> Any:
        return self.__array_ufunc__(ufunc, "__call__", self, other)

    def back(self: Symbol, other: Any) -> Any:
        return self.__array_ufunc__(ufunc, "__call__", other, self)

    return back if reverse else forth


for _name, _ufunc in {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide, "pow": np.power, "matmul": np.matmul,
    "floordiv": np.floor_divide, "mod": np.remainder,
}.items():  # fmt: skip
    setattr(Symbol, f"__{_name}__", _operator(_ufunc))
    setattr(Symbol, f"__r{_name}__", _operator(_ufunc, reverse=True))
for _name, _ufunc in {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
    "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor,
}.items():  # fmt: skip
    setattr(Symbol, f"__{_name}__", _operator(_ufunc))
for _name, _ufunc in {"neg": np.negative, "abs": np.absolute, "invert": np.invert}.items():
    setattr(Symbol, f"__{_name}__", lambda self, u=_ufunc: self.__array_ufunc__(u, "__call__", self))

__all__ = ["Symbol", "UntraceableError", "lives", "plain"]
