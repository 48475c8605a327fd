"""Parameter: a leaf that a Module collects (torch.nn.Parameter)."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from .. import dtypes, events
from ..bfloat16 import readable
from ..errors import class_name
from ..tensor import Tensor


class Parameter(Tensor):
    """A tensor that a module lists among its parameters; requires grad unless told otherwise."""

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Self:
        if data is not None and not isinstance(data, Tensor):
            raise AttributeError(f"'{class_name(data)}' object has no attribute 'detach'")
        if not isinstance(requires_grad, bool):
            raise TypeError(f"_make_subclass(): argument 'require_grad' (position 3) must be bool, not {class_name(requires_grad)}")
        array = np.zeros(0, np.float32) if data is None else data._data
        if requires_grad and array.dtype.kind not in "fcV":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        made = object.__new__(cls)
        made._hold(array)
        if data is not None:
            made._storage = data._storage
        made._requires_grad = requires_grad
        if events.intervention is not None:
            events.intervention.leaf(made)
        if events.watcher is not None:
            events.watcher.create_leaf(made)
        return made

    def __repr__(self) -> str:
        from ..printing import tensor_text

        own = type(self) is not Parameter
        text = tensor_text(
            readable(self._data),
            dtype_name=self.dtype.name,
            default_dtype_name=dtypes.get_default_dtype().name,
            requires_grad=self._requires_grad,
            grad_fn_name=None,
            kind=type(self).__name__ if own else "tensor",
        )
        return "Parameter containing:\n" + (f"Parameter({text})" if own else text)

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        if id(self) in memo:
            return memo[id(self)]  # type: ignore[no-any-return]
        made = type(self)(Tensor._of(self._data.copy()), self._requires_grad)
        memo[id(self)] = made
        return made


class Buffer(Tensor):
    """A tensor that a module keeps in its state without training it (torch.nn.Buffer)."""

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Self:
        made = object.__new__(cls)
        made._hold(np.zeros(0, np.float32) if data is None else data._data)
        made.persistent = persistent
        return made
