"""Old ways that scripts still use: torch.Tensor(2, 3), torch.FloatTensor([...]), Variable(x), x.type(), x.new(...)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes
from ..errors import class_name, sizes
from ..half.bfloat16 import cast
from ..modes import warn_once
from ..naming.namespace import export
from ..tensor import Size, Tensor

Array = np.ndarray[Any, Any]


def array_of(arguments: tuple[Any, ...], dtype: dtypes.dtype) -> Array:
    """What torch.Tensor(...) holds: sizes give memory (zeros here), a sequence or a tensor gives its numbers."""
    if not arguments:
        return np.zeros(0, dtype.numpy)
    if len(arguments) == 1 and not isinstance(arguments[0], (int, np.integer)):
        (data,) = arguments
        if isinstance(data, Size):
            return np.zeros(data, dtype.numpy)
        if isinstance(data, Tensor):
            return cast(data._data, dtype.numpy)
        if isinstance(data, np.ndarray):
            from .given import taken

            return taken(data).astype(dtype.numpy, copy=False)  # type: ignore[no-any-return]
        if isinstance(data, (list, tuple, range)):
            from .given import numbers

            return numbers(list(data), dtype)  # type: ignore[no-any-return]
        if isinstance(data, str):
            raise TypeError("new(): invalid data type 'str'")
        raise TypeError(f"new(): data must be a sequence (got {class_name(data)})")
    _must_be_sizes(arguments)
    return np.zeros(arguments, dtype.numpy)


def _must_be_sizes(arguments: tuple[Any, ...]) -> None:
    """PyTorch's words for several arguments that are no sizes."""
    if not isinstance(arguments[0], (int, np.integer)):
        given, wrong = (", ".join(spoken(a) for a in arguments) for spoken in (class_name, _closely))
        raise TypeError(
            f"new() received an invalid combination of arguments - got ({given}), but expected one of:\n * (*, torch.device device = None)\n"
            f"      didn't match because some of the arguments have invalid types: ({wrong})\n * (torch.Storage storage)\n * (Tensor other)\n"
            " * (tuple of ints size, *, torch.device device = None)\n * (object data, *, torch.device device = None)\n"
        )
    for k, n in enumerate(arguments, 1):
        if not isinstance(n, (int, np.integer)):
            raise TypeError(
                f"new(): argument 'size' failed to unpack the object at pos {k} with error \"type must be tuple of ints,but got "
                f'{class_name(n)}"'
            )
    for n in arguments:
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {sizes(arguments)}")


def _closely(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        inside = ", ".join(class_name(each) for each in value)
        return f"!list of [{inside}]!" if isinstance(value, list) else f"!tuple of ({inside})!"
    return f"!{class_name(value)}!"


class _Typed(type):
    """The class of torch.FloatTensor and its kin: they are no classes of tensors, but ask for a dtype."""

    dtype: dtypes.dtype

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor) and instance.dtype is cls.dtype

    def __call__(cls, *arguments: Any, **named: Any) -> Tensor:
        from .constructor import constructed
        from .factories import leaf

        return leaf(constructed(arguments, named, cls.dtype)[0])

    def __repr__(cls) -> str:
        return f"<class 'torch.{cls.__name__}'>"


TYPED: dict[str, Any] = {
    f"{d.scalar_name}Tensor": _Typed(f"{d.scalar_name}Tensor", (), {"dtype": d, "__module__": "torch", "__doc__": f"Tensors of {d}."})
    for d in dtypes.BY_NUMPY.values()
    if not d.is_complex and d.name not in ("uint16", "uint32", "uint64")
}


class _VariableMeta(type):
    """Every tensor is a Variable."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor)


class Variable(metaclass=_VariableMeta):
    """torch.autograd.Variable: a tensor without its history."""

    __module__ = "torch.autograd.variable"

    def __new__(cls, data: Any = None, requires_grad: bool = False, volatile: bool = False) -> Any:
        from .factories import leaf

        if data is not None and not isinstance(data, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        if volatile and requires_grad:
            raise ValueError("Variable can't be volatile and require_grad at the same time!")
        made = leaf(np.zeros(0, np.float32)) if data is None else data.detach()
        return made.requires_grad_() if requires_grad else made


@export("torch")
def set_default_tensor_type(t: Any, /) -> None:
    """The default dtype, told by an old type or its name."""
    warn_once(
        "torch.set_default_tensor_type() is deprecated as of PyTorch 2.1, please use torch.set_default_dtype() and "
        "torch.set_default_device() as alternatives. (Triggered internally at "
        "/__w/pytorch/pytorch/torch/csrc/tensor/python_tensor.cpp:434.)"
    )
    chosen = TYPED.get(t.removeprefix("torch.")) if isinstance(t, str) else t
    if not isinstance(chosen, _Typed):
        raise TypeError(f"invalid type object: {t!r}" if not isinstance(t, str) else f"invalid type: '{t}'")
    dtypes.set_default_dtype(chosen.dtype)


@export("method", "type")
def type_of(self: Any, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of the old type ("torch.FloatTensor"), or the numbers as another type."""
    if dtype is None:
        return f"torch.{self.dtype.scalar_name}Tensor"
    if isinstance(dtype, str):
        name = dtype.removeprefix("torch.")
        if name not in TYPED:
            raise ValueError(f"invalid type: '{dtype}'")
        dtype = TYPED[name]
    if not isinstance(dtype, (dtypes.dtype, _Typed, type)):
        raise TypeError("dtype must be a type, str, or dtype object")
    if dtype.__class__ is type:
        raise ValueError(f"invalid type: '{'' if dtype.__module__ == 'builtins' else dtype.__module__ + '.'}{dtype.__name__}'")
    return self.to(dtype.dtype if isinstance(dtype, _Typed) else dtype)


@export("method")
def cuda(self: Any, device: Any = None, non_blocking: bool = False, memory_format: Any = None) -> Tensor:
    """There is no CUDA here."""
    if isinstance(device, int):
        raise RuntimeError("Cannot access accelerator device when none is available.")
    raise AssertionError("Torch not compiled with CUDA enabled")


@export("method")
def new(self: Any, *arguments: Any, **named: Any) -> Tensor:
    """A tensor of the same dtype, of sizes or of data."""
    from .constructor import constructed
    from .factories import leaf

    return leaf(constructed(arguments, named, self.dtype, "new")[0])
