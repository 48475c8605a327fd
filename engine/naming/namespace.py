"""Where a public name goes: torch.*, torch.nn.functional.*, Tensor methods, in-place methods."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from .. import dtypes, modes
from ..calls.aliases import names_for
from ..calls.kernels import KERNELS, Kernel
from ..calls.relations import RELATIONS
from ..errors import cannot_broadcast, class_name
from ..tensor import Tensor, read_only
from . import overrides
from .overrides import overriding
from .overrides import seen as classes

F = TypeVar("F", bound=Callable[..., Any])

TORCH: dict[str, Any] = {}
FUNCTIONAL: dict[str, Any] = {}
SPECIAL: dict[str, Any] = {}
LINALG: dict[str, Any] = {}

_TABLES = {"torch": TORCH, "functional": FUNCTIONAL, "special": SPECIAL, "linalg": LINALG}


_TENSORS = frozenset(
    ("input", "target", "other", "weight", "x1", "x2", "input1", "input2", "input3", "tensor", "mat2", "vec2", "anchor", "positive", "negative", "grid")
)  # fmt: skip
# functions of PyTorch's that are written in Python ask a method of what they are given
_IN_PYTHON = {
    **dict.fromkeys(
        ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits"), "size"
    ),
    "softmax": "softmax", "log_softmax": "log_softmax", "normalize": "norm", "interpolate": "dim", "softmin": "softmax", "gaussian_nll_loss": "size",
}  # fmt: skip
_SPOKEN = {"cross_entropy": "cross_entropy_loss", "nll_loss": "nll_loss_nd", "unique": "_unique2"}
# they look at other things before they look at the history
_ASK_FIRST = frozenset(("resize_", "resize_as_", "apply_", "map_", "map2_", "fill_diagonal_", "detach_"))
# called in every step of the smallest networks; they ask themselves, or are too plain to be called wrongly
_QUICK = frozenset(("linear", "relu", "sum", "mean", "backward", "item", "detach", "size", "dim", "numel", "requires_grad_"))


def asking(function: Any, home: str, name: str) -> Any:
    """The same function, which first asks whether PyTorch's argument parser takes the call, and knows numpy's `axis` and `keepdims`.

    Hot path: what is asked is whether a call of these classes was admitted before, a fifth of a microsecond.
    """
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None or hasattr(function, "asks") or (name in _QUICK and home != "torch") or name.startswith("__"):
        return _as_numpy(function)
    names = code.co_varnames[: code.co_argcount]
    every = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    function = _related(_dispatched(function, home, name), name, every)
    writes = "out" in every
    renames = {**(_renamed(code) if _renames(code) else {}), **names_for(home, name)}
    admitted: set[Any] = set()
    asked = True  # until it is known that PyTorch's parser is not what takes the call

    @functools.wraps(function)
    def asks(*args: Any, **kwargs: Any) -> Any:
        nonlocal asked
        if asked or classes:
            kind: Any
            if kwargs:
                kind = (*map(type, args), *kwargs, *map(type, kwargs.values()))
            elif len(args) == 2:  # said one by one, it takes half the time
                kind = (args[0].__class__, args[1].__class__)
            elif len(args) == 1:
                kind = args[0].__class__
            elif len(args) == 3:
                kind = (args[0].__class__, args[1].__class__, args[2].__class__)
            else:
                kind = tuple(map(type, args))
            if kind not in admitted and (kind := _with_lists(kind, args, kwargs)) not in admitted:
                own = overriding(args, kwargs)
                if own and overrides.enabled() and name not in overrides.PLAIN:
                    return overrides.call(asks, home, name, own, args, kwargs)
                if asked:
                    asked, today = _admit(home, name, args, kwargs, kind, set() if own else admitted)
                    if today is not None:
                        args, kwargs = today
        if kwargs:
            if renames and not renames.keys().isdisjoint(kwargs):
                kwargs = {renames.get(key, key): value for key, value in kwargs.items()}
            if "out" in kwargs and home != "method":
                if kwargs["out"] is not None:
                    return _with_out(function, home, name, writes, asked or writes, args, kwargs)
                if asked and not writes:
                    kwargs = {key: value for key, value in kwargs.items() if key != "out"}
        try:
            return function(*args, **kwargs)
        except Exception as problem:
            if home == "method" and name.endswith("_") and name not in _ASK_FIRST:
                _refuse_write(args)
            own = overriding(args, kwargs)
            if own and overrides.enabled():
                return overrides.call(asks, home, name, own, args, kwargs)
            told: Exception | None = None
            if asked and isinstance(problem, (AttributeError, TypeError)):
                plain = _with_numbers(home, name, args, kwargs)
                if plain is not None:
                    return function(*plain[0], **plain[1])
                if str(problem).endswith("must be a string or a real number, not 'complex'"):
                    told = _no_real_number(args)
            if str(problem).startswith(_OF_WORDS) and any(
                isinstance(x, Tensor) and x._data.dtype.kind == "V" for x in (*args, *kwargs.values())
            ):
                told = NotImplementedError(f"\"{name}\" not implemented for 'BFloat16'")
            elif isinstance(problem, AttributeError) and names and names[0] in _TENSORS:
                told = _no_tensor(name, names, args, kwargs)
            elif isinstance(problem, ValueError) and "could not be broadcast" in str(problem).replace("cannot", "could not"):
                told = _no_broadcast((*args, *kwargs.values()))
            if told is None:
                raise
            raise told from None

    def instead(wrap: Callable[[Any], Any]) -> None:
        nonlocal function
        function = wrap(function)

    asks.instead = instead  # type: ignore[attr-defined]  # whoever holds the function has the other one then: autocast.learn
    return asks


def _with_lists(kind: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """The kind of a call together with the classes of what its lists and tuples hold."""
    inside = [tuple(map(type, value)) for value in (*args, *kwargs.values()) if isinstance(value, (tuple, list))]
    return (kind, *inside) if inside else kind


# numpy's words where something computes with the words of bfloat16
_OF_WORDS = (
    "ufunc '", "a bytes-like object", "A bytes-like object", "setting an array element", "The DType <class 'numpy.dtypes.VoidDType'>",
    "data type not ordered", "can't multiply sequence by non-int",
)  # fmt: skip

_admits: list[Callable[..., tuple[bool, Any]]] = []


def _admit(*call: Any) -> tuple[bool, Any]:
    """admission.admit, with a table that is read when the first function is called."""
    if not _admits:
        from ..calls.admission import admit

        _admits.append(admit)
    return _admits[0](*call)


def _with_numbers(*call: Any) -> tuple[list[Any], dict[str, Any]] | None:
    from ..calls.admission import with_numbers

    return with_numbers(*call)


def _no_real_number(given: tuple[Any, ...]) -> Exception | None:
    first = next((value for value in given if isinstance(value, Tensor)), None)
    return None if first is None else RuntimeError(f"value cannot be converted to type {first.dtype.c_name} without overflow")


def _no_broadcast(given: tuple[Any, ...]) -> Exception | None:
    """PyTorch's error for what numpy could not broadcast."""
    common: tuple[int, ...] = ()
    for value in given:
        if isinstance(value, Tensor):
            told = cannot_broadcast(common, value._data.shape)
            if told is not None:
                return told
            common = np.broadcast_shapes(common, value._data.shape)
    return None


def _refuse_write(args: tuple[Any, ...]) -> None:
    """What autograd forbids is told before what a kernel refuses."""
    from ..memory.inplace import check_history

    if args and isinstance(args[0], Tensor):
        check_history(args[0])


def _dispatched(function: Any, home: str, name: str) -> Any:
    """The same function, which refuses the dtypes that PyTorch's kernel has no version for.

    Hot path of pooling, convolution, matrix products: float32 and float64, which hardly a kernel lacks, pass by without being asked.
    """
    kernel = KERNELS.get(name.removesuffix("_"))
    if kernel is None or hasattr(function, "checks") or (name == "unfold" and home == "method"):
        return function
    writes = name.endswith("_")
    plain = "" if "Float" in kernel.lacks else "fd"

    @functools.wraps(function)
    def dispatched(*args: Any, **kwargs: Any) -> Any:
        tensors = [value._data for value in (*args, *kwargs.values()) if isinstance(value, Tensor)]
        for data in tensors:
            if data.dtype.char not in plain:
                break
        else:
            if tensors and "dtype" not in kwargs:
                return function(*args, **kwargs)
        if writes and tensors:
            _refuse(kernel, tensors, None)
        try:
            result = function(*args, **kwargs)
        except (TypeError, RuntimeError) as problem:
            if tensors and (isinstance(problem, TypeError) or str(problem).startswith("Invalid integer data type")):  # numpy's
                _refuse(kernel, tensors, None)
            raise
        _refuse(kernel, tensors, result[0] if isinstance(result, (tuple, list)) and result else result)
        return result

    return dispatched


def _related(function: Any, name: str, parameters: tuple[str, ...]) -> Any:
    """The same function, which refuses tensors whose dtypes PyTorch does not take together."""
    relations = RELATIONS.get(name.removesuffix("_"))
    if relations is None:
        return function

    @functools.wraps(function)
    def related(*args: Any, **kwargs: Any) -> Any:
        named = [kwargs[parameter] for parameter in parameters if parameter in kwargs and parameter != "out"] if kwargs else ()
        given = [value.dtype for value in (*args, *named) if isinstance(value, Tensor)]
        for relation in relations:
            relation.refuse(given)
        return function(*args, **kwargs)

    return related


def _refuse(kernel: Kernel, tensors: list[Any], result: Any) -> None:
    if kernel.by == "both":
        kernel.refuse_dtype(dtypes.result_type(tuple(tensors)))
    elif kernel.by == "out" and isinstance(result, Tensor):
        kernel.refuse(result._data)
    elif tensors and (kernel.by == "in" or result is None):
        kernel.refuse(tensors[0])


def _with_out(function: Any, home: str, name: str, writes: bool, takes: bool, args: Any, kwargs: dict[str, Any]) -> Any:
    """A call with `out=`, of a function that `writes` it itself or of one that only returns; `takes`: whether PyTorch's has that argument."""
    from .rows import apart, into

    out = kwargs["out"]
    if not takes:
        raise TypeError(f"{name}() got an unexpected keyword argument 'out'")
    if not isinstance(out, (Tensor, tuple, list)):
        raise TypeError(f"{name}(): argument 'out' must be Tensor, not {class_name(out)}")
    if isinstance(out, Tensor) and _makes(home, name):
        _refuse_out(name, out, kwargs.get("dtype"))
    apart(name, (*args, *(value for key, value in kwargs.items() if key != "out")), out)
    if writes:
        result = function(*args, **kwargs)
        if result is out or (isinstance(result, tuple) and all(r is o for r, o in zip(result, out, strict=False))):
            return result
        return into(out, result, name)  # it has the parameter, and leaves the writing to others
    return into(out, function(*args, **{key: value for key, value in kwargs.items() if key != "out"}), name)


@functools.cache
def _makes(home: str, name: str) -> bool:
    """Whether a function makes tensors of no others: it is asked for a layout."""
    from ..calls.signatures import known

    found = known(home, name)
    return found is not None and any(parameter.name == "layout" for one in found[2] for parameter in one.parameters)


def _refuse_out(name: str, out: Tensor, wanted: Any) -> None:
    """What such a function has against `out=`: another dtype than it is asked for, and a history."""
    wanted = dtypes.of_type(wanted) or wanted
    if wanted is not None and wanted is not out.dtype:
        raise RuntimeError(f"dtype {wanted.scalar_name} does not match dtype of out parameter ({out.dtype.scalar_name})")
    if modes.grad and out._requires_grad:
        raise RuntimeError(
            f"aten::{name}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad."
        )


def _as_numpy(function: Any) -> Any:
    """The same function, which also knows numpy's `axis` and `keepdims`, as PyTorch's argument parser does."""
    code = getattr(function, "__code__", None)
    if code is None or not _renames(code):
        return function
    renamed = _renamed(code)

    @functools.wraps(function)
    def named(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            kwargs = {renamed.get(name, name): value for name, value in kwargs.items()}
        return function(*args, **kwargs)

    return named


def _renames(code: Any) -> bool:
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return "dim" in names and "more" not in code.co_varnames and "axis" not in names


def _renamed(code: Any) -> dict[str, str]:
    """numpy's words for the arguments that a function has."""
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return {theirs: ours for theirs, ours in _NUMPY.items() if ours in names}


_NUMPY = {"axis": "dim", "keepdims": "keepdim"}


def _no_tensor(name: str, names: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Exception | None:
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    for place, argument in enumerate(names, 1):
        value = given.get(argument)
        if argument not in _TENSORS or isinstance(value, Tensor) or argument not in given or (value is None and place > 1):
            continue
        if name in _IN_PYTHON:
            asked = "dim" if _IN_PYTHON[name].endswith("softmax") and given.get("dim") is None else _IN_PYTHON[name]
            return AttributeError(f"'{class_name(value)}' object has no attribute '{asked}'")
        return TypeError(f"{_SPOKEN.get(name, name)}(): argument '{argument}' (position {place}) must be Tensor, not {class_name(value)}")
    return None


def export(where: str, *names: str) -> Callable[[F], F]:
    """Publish a function: `where` is words of "torch method functional special linalg property"; names default to its own."""

    def decorate(function: F) -> F:
        if "<" in getattr(function, "__qualname__", "") and hasattr(function, "__code__"):
            function.__qualname__ = names[0] if names else function.__name__  # Python's own errors tell it
        for name in names or (function.__name__,):
            for place in where.split():
                if place == "property":
                    setattr(Tensor, name, read_only(name, function))
                    continue
                made = asking(function, place, name)
                if made is not function:
                    made.__name__ = name  # which scripts print: `for f in (torch.add, F.max_pool2d): print(f.__name__)`
                if place == "method":
                    setattr(Tensor, name, made)
                else:
                    _TABLES[place][name] = made
        return function

    return decorate
