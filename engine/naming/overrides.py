"""torch.overrides: classes of scripts that say themselves what PyTorch's functions do with them (`__torch_function__`).

Plain tensors pay nothing: a function asks for such classes only where it has not met the classes of its arguments before
(namespace.py, `asking`), and what no function asks is overridden in the class itself when it is made.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FunctionType
from typing import Any

Tensor: Any = object  # the class of tensors, and what admission.py says of a call: put here by `begin`, because both need what stands here
_handed_on: Any = None

seen: list[type] = []  # classes of scripts that are tensors
_disabled: list[bool] = []  # one for each block in which tensors of such classes are like others


def disabled_torch_function(*_: Any, **__: Any) -> Any:
    """The mark of classes that are treated as tensors are, such as Parameter."""
    return NotImplemented


def _overrides(kind: type) -> bool:
    if issubclass(kind, Tensor):
        return kind in seen and kind.__torch_function__ is not disabled_torch_function  # type: ignore[attr-defined]
    return hasattr(kind, "__torch_function__")


def _arguments(args: Sequence[Any], kwargs: dict[str, Any]) -> Iterator[Any]:
    for value in (*args, *kwargs.values()):
        if type(value) in (tuple, list):
            yield from value
        else:
            yield value


def overriding(args: Sequence[Any], kwargs: dict[str, Any]) -> list[Any]:
    """The arguments of classes with a `__torch_function__` of their own, one a class, those of a subclass first."""
    found: list[Any] = []
    for value in _arguments(args, kwargs):
        kind = type(value)
        if not _overrides(kind) or any(type(other) is kind for other in found):
            continue
        place = next((k for k, other in enumerate(found) if issubclass(kind, type(other))), len(found))
        found.insert(place, value)
    return found


def enabled() -> bool:
    """Whether such classes are asked now."""
    return not _disabled


def call(function: Callable[..., Any], home: str, name: str, found: list[Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What the first of the classes answers that knows the function, which is called so at its home (as for `signatures.refusal`)."""
    handed, parsed = _handed_on(home, name, args, kwargs)
    if handed is not None:
        args, kwargs = handed
    in_python = handed is not None or name == "einsum" or (home == "functional" and not parsed)
    kinds = [type(value) for value in found]
    types = kinds
    if in_python and home != "method":  # its wrapper tells of plain tensors, too
        types = []
        for value in _arguments(args, kwargs):
            if (isinstance(value, Tensor) or type(value) in kinds) and type(value) not in types:
                types.append(type(value))
    named = dict(kwargs) if kwargs or in_python or function.__name__ in _IN_PYTHON else None
    for kind in kinds:
        result = kind.__torch_function__(function, tuple(types), tuple(args), named)
        if result is not NotImplemented:
            return result
    spoken = _HOMES.get(home, "torch.functional." if in_python else "torch.") + name
    if in_python:
        raise TypeError(f"no implementation found for '{spoken}' on types that implement __torch_function__: {kinds}")
    listed = "".join(f"  - tensor subclass {kind}\n" for kind in kinds)
    raise TypeError(
        f"Multiple dispatch failed for '{spoken}'; all __torch_function__ handlers returned NotImplemented:\n\n{listed}\n"
        "For more information, try re-running with TORCH_LOGS=not_implemented"
    )


_HOMES = {
    "method": "torch.Tensor.",
    "functional": "torch.nn.functional.",
    "linalg": "torch.linalg.linalg_",
    "special": "torch.special.special_",
}


@contextmanager
def DisableTorchFunctionSubclass() -> Iterator[None]:
    """A block in which tensors of such classes are like others."""
    _disabled.append(True)
    try:
        yield
    finally:
        _disabled.pop()


def _converted(result: Any, cls: type) -> Any:
    if cls is Tensor:
        return result
    if isinstance(result, Tensor) and not isinstance(result, cls):
        return result.as_subclass(cls)
    if isinstance(result, (tuple, list)) and any(isinstance(each, Tensor) for each in result):
        parts = [_converted(each, cls) for each in result]
        return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
    return result


def torch_function(cls: type, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: Any = None) -> Any:
    """What tensors do by themselves: compute as others, and give back their own class."""
    if not all(issubclass(cls, kind) for kind in types):
        return NotImplemented
    with DisableTorchFunctionSubclass():
        result = func(*args, **(kwargs or {}))
        return result if getattr(func, "__self__", None) in _AS_THEY_ARE else _converted(result, cls)


# -- what no function asks: operators, the shortest methods, attributes ----------------------------------------

_OPERATORS = {
    "__add__": "add", "__sub__": "sub", "__mul__": "mul", "__truediv__": "div", "__mod__": "remainder", "__pow__": "pow", "__matmul__": "matmul",
    "__lt__": "lt", "__gt__": "gt", "__le__": "le", "__ge__": "ge", "__ne__": "ne", "__neg__": "neg", "__abs__": "abs",
    "__iadd__": "add_", "__isub__": "sub_", "__imul__": "mul_", "__itruediv__": "div_",
}  # fmt: skip
_TURNED = {"__radd__": "add", "__rsub__": "sub", "__rmul__": "mul", "__rtruediv__": "div", "__rpow__": "pow", "__rmatmul__": "matmul"}
_BY_NAME = (
    "__getitem__", "__setitem__", "__len__", "__bool__", "__float__", "__int__", "__index__", "__eq__", "__and__", "__or__", "__xor__",
    "__invert__", "__floordiv__", "__contains__", "__format__", "__repr__",
)  # fmt: skip
# what PyTorch asks no class for, and functions that it writes in Python, which tell their named arguments even where there are none
PLAIN = frozenset(("as_subclass", "tensor", "as_tensor", "asarray", "from_numpy", "is_tensor", "is_storage", "get_device"))
_IN_PYTHON = frozenset(
    ("__rsub__", "__rdiv__", "__rpow__", "__floordiv__", "__len__", "__format__", "__contains__", "__repr__", "pow", "backward")
)
_ATTRIBUTES = (
    "shape",
    "dtype",
    "device",
    "ndim",
    "T",
    "mT",
    "H",
    "mH",
    "data",
    "grad",
    "grad_fn",
    "requires_grad",
    "is_leaf",
    "real",
    "imag",
)
_AS_THEY_ARE: list[Any] = []  # the attributes that are no tensors of the class: a gradient stays what it is


def _asked(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        given = (self, *args)
        found = overriding(given, kwargs)
        return call(function, "method", name, found, given, kwargs) if found and enabled() else function(self, *args, **kwargs)

    method.__name__ = name
    return method


def _operator(original: Callable[..., Any], public: Callable[..., Any], name: str, turned: bool) -> Callable[..., Any]:
    def operator(self: Any, *other: Any) -> Any:
        if not enabled():
            return original(self, *other)
        function, given = public, (self, *other)
        if turned and isinstance(other[0], Tensor):
            given = (*other, self)
        elif turned and name not in ("add", "mul"):
            function = original
        if other and not isinstance(other[0], (Tensor, int, float, complex)) and not hasattr(type(other[0]), "__torch_function__"):
            return original(self, *other)
        return call(function, "method", name, overriding(given, {}), given, {})

    return operator


def _attribute(original: Any) -> property:
    def read(self: Any) -> Any:
        return call(original.__get__, "method", "__get__", [self], (self,), {}) if enabled() else original.__get__(self)

    def write(self: Any, value: Any) -> None:
        original.__set__(self, value)

    def clear(self: Any) -> None:
        original.__delete__(self)

    return property(read, write, clear)


def _prepare(cls: Any, /, **options: Any) -> None:
    """Called when a class of tensors is made: one of a script's has its operators and methods ask."""
    object.__init_subclass__(**options)
    if cls.__module__.startswith(__package__.partition(".")[0] + ".") or cls.__torch_function__ is disabled_torch_function:
        return
    adopt(cls)


def adopt(cls: Any) -> None:
    """Have the operators and methods of a class of tensors ask it."""
    if not seen:
        _watch()
    seen.append(cls)
    own = {name for kind in cls.__mro__[: cls.__mro__.index(Tensor)] for name in vars(kind)}
    made: dict[str, Any] = {}
    for name in _own:
        original = _own.get(name)
        if original is None or isinstance(original, (property, staticmethod, classmethod)):
            continue
        if name in _OPERATORS or name in _TURNED:
            public = _OPERATORS.get(name) or _TURNED[name]
            made[name] = _operator(original, _own[public], public, name in _TURNED)
        elif name in _BY_NAME or (
            not name.startswith("_") and name not in PLAIN and callable(original) and not hasattr(original, "instead")
        ):
            made[name] = _asked(original, name)
    for name in _ATTRIBUTES:
        made[name] = _attribute(_own[name])
    for name in made.keys() - own:
        setattr(cls, name, made[name])
    if "__eq__" in made and "__hash__" not in own:
        cls.__hash__ = Tensor.__hash__


_own: dict[str, Any] = {}  # what a plain tensor has, before it asks classes of scripts
_places: list[tuple[Any, dict[str, Any], str]] = []  # modules of functions, what they get from elsewhere at first use, their home


def _watch() -> None:
    """Have the functions ask that are too short to do it by themselves."""
    for place, table, home in _places:
        for name, function in {**table, **vars(place)}.items():
            if isinstance(function, FunctionType) and not name.startswith("_") and name not in PLAIN and not hasattr(function, "instead"):
                setattr(place, name, _function(function, home, name))
    for name in (*_OPERATORS, *_TURNED):  # of a Parameter, whose classes are no bases of the script's
        setattr(Tensor, name, _left(_own[name], name))


def _left(original: Callable[..., Any], name: str) -> Callable[..., Any]:
    public = _OPERATORS.get(name) or _TURNED[name]
    asking = _operator(original, _own[public], public, name in _TURNED)

    def operator(self: Any, *other: Any) -> Any:
        return asking(self, *other) if other and type(other[0]) in seen else original(self, *other)

    operator.__name__ = name
    return operator


def _function(function: Callable[..., Any], home: str, name: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def asks(*args: Any, **kwargs: Any) -> Any:
        found = overriding(args, kwargs)
        return call(asks, home, name, found, args, kwargs) if found and enabled() else function(*args, **kwargs)

    return asks


def _names() -> None:
    """Give the operators of tensors the names that scripts read off them."""
    for name in (*_BY_NAME, *_TURNED, "dim", "numel", "size"):
        function = vars(Tensor).get(name)
        if isinstance(function, FunctionType):
            function.__name__ = "__rdiv__" if name == "__rtruediv__" else name


def begin(cls: type, handed_on: Callable[..., Any], places: Sequence[tuple[Any, dict[str, Any], str]]) -> None:
    """Let classes of tensors be told of when they are made.

    Args:
        cls: Tensor.
        handed_on: admission.as_handed.
        places: the modules of functions, as `_places` holds them.
    """
    global Tensor, _handed_on
    Tensor, _handed_on = cls, handed_on
    _places.extend(places)
    _names()
    _own.update(vars(Tensor))
    Tensor.__torch_function__ = classmethod(torch_function)
    Tensor.__init_subclass__ = classmethod(_prepare)
    _AS_THEY_ARE.extend(vars(Tensor)[name] for name in ("grad", "grad_fn"))


# -- the module that scripts import --------------------------------------------------------------------------------


def has_torch_function(relevant_args: Any) -> bool:
    """Whether one of the arguments is of such a class."""
    return enabled() and bool(overriding(tuple(relevant_args), {}))


def handle_torch_function(public_api: Callable[..., Any], relevant_args: Any, *args: Any, **kwargs: Any) -> Any:
    """Ask the classes of the arguments for a function of the script's."""
    name = f"{public_api.__module__}.{public_api.__name__}"
    found = overriding(tuple(relevant_args), {})
    kinds = [type(value) for value in found]
    for kind in kinds:
        result = kind.__torch_function__(public_api, tuple(kinds), args, kwargs)
        if result is not NotImplemented:
            return result
    raise TypeError(f"no implementation found for '{name}' on types that implement __torch_function__: {kinds}")


def is_tensor_like(inp: Any) -> bool:
    """Whether it is a tensor, or acts as one."""
    return type(inp) is Tensor or hasattr(inp, "__torch_function__")


PUBLIC = {
    "has_torch_function": has_torch_function, "handle_torch_function": handle_torch_function, "is_tensor_like": is_tensor_like,
}  # fmt: skip
IN_C = {"DisableTorchFunctionSubclass": DisableTorchFunctionSubclass, "_disabled_torch_function_impl": disabled_torch_function}

__all__ = ["IN_C", "PLAIN", "PUBLIC", "adopt", "begin", "call", "enabled", "overriding", "seen"]
