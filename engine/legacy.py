"""Old ways that scripts still use: torch.Tensor(2, 3), torch.FloatTensor([...]), x.type(), x.new(...)."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import dtypes
from .namespace import export
from .tensor import Tensor

Array = np.ndarray[Any, Any]


def array_of(arguments: tuple[Any, ...], dtype: dtypes.dtype) -> Array:
    """What torch.Tensor(...) holds: sizes give memory (zeros here), a sequence or a tensor gives its numbers."""
    if not arguments:
        return np.zeros(0, dtype.numpy)
    if len(arguments) == 1 and not isinstance(arguments[0], (int, np.integer)):
        (data,) = arguments
        if isinstance(data, Tensor):
            return data._data.astype(dtype.numpy)
        if isinstance(data, (list, tuple, np.ndarray, range)):
            from .creation import tensor

            return tensor(data if isinstance(data, np.ndarray) else list(data), dtype=dtype)._data
        raise TypeError(f"new(): data must be a sequence (got {type(data).__name__})")
    return np.zeros(arguments, dtype.numpy)


class _Typed(type):
    """The class of torch.FloatTensor and its kin: they are no classes of tensors, but ask for a dtype."""

    dtype: dtypes.dtype

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor) and instance.dtype is cls.dtype

    def __call__(cls, *arguments: Any) -> Tensor:
        from .creation import leaf

        return leaf(array_of(arguments, cls.dtype))

    def __repr__(cls) -> str:
        return f"<class 'torch.{cls.__name__}'>"


TYPED: dict[str, Any] = {
    f"{d.scalar_name}Tensor": _Typed(f"{d.scalar_name}Tensor", (), {"dtype": d, "__module__": "torch", "__doc__": f"Tensors of {d}."})
    for d in dtypes.BY_NUMPY.values()
    if not d.is_complex
}


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
    return self.to(dtype.dtype if isinstance(dtype, _Typed) else dtype)


@export("method")
def new(self: Any, *arguments: Any, device: Any = None) -> Tensor:
    """A tensor of the same dtype, of sizes or of data."""
    from .creation import leaf

    return leaf(array_of(arguments, self.dtype))
