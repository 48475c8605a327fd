"""Parameter: a leaf that a Module collects (torch.nn.Parameter)."""

from __future__ import annotations

from typing import Any, Self, TypeGuard

import numpy as np

from .. import dtypes, events
from ..errors import class_name
from ..half.bfloat16 import readable
from ..naming.overrides import disabled_torch_function
from ..tensor import Tensor


class Parameter(Tensor):
    """A tensor that a module lists among its parameters; requires grad unless told otherwise."""

    __torch_function__ = disabled_torch_function

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

    def __copy__(self) -> Parameter:
        made = type(self)(Tensor._of(self._data), self._requires_grad)
        made._storage = self._storage
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        if id(self) in memo:
            return memo[id(self)]  # type: ignore[no-any-return]
        made = type(self)(Tensor._of(self._data.copy()), self._requires_grad)
        memo[id(self)] = made
        return made


class _BufferMeta(type):
    """A buffer is a tensor that says so: any op's result may be made one."""

    def __instancecheck__(cls, instance: Any) -> bool:
        if cls is Buffer:
            return isinstance(instance, Tensor) and "_is_buffer" in instance.__dict__
        return type.__instancecheck__(cls, instance)


class Buffer(Tensor, metaclass=_BufferMeta):
    """A tensor that a module keeps in its state without training it (torch.nn.Buffer)."""

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Any:
        if data is None:
            data = Tensor._of(np.zeros(0, dtypes.get_default_dtype().numpy))
        made = data.detach().requires_grad_(data.requires_grad)
        made.persistent = persistent
        made._is_buffer = True
        return made


_NOT_YET = (
    "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in `load_state_dict` when trying to load an "
    "uninitialized parameter into an initialized one. Call `forward` to initialize the parameters before accessing their attributes."
)


class _Uninitialized:
    @property
    def shape(self) -> Any:
        """Not known yet."""
        raise RuntimeError(_NOT_YET)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def to(self, *args: Any, **kwargs: Any) -> Any:
        """Of another dtype, and as little known as before."""
        return type(self)(dtype=Tensor._of(self._data).to(*args, **kwargs).dtype)  # type: ignore[attr-defined, call-arg]

    def materialize(self, shape: tuple[int, ...], device: Any = None, dtype: Any = None) -> None:
        """Become an ordinary one of that shape."""
        self._data = np.zeros(shape, self._data.dtype if dtype is None else dtype.numpy)
        self.__class__ = Parameter if isinstance(self, Parameter) else Tensor  # type: ignore[assignment]


class UninitializedParameter(_Uninitialized, Parameter):  # type: ignore[misc]
    """A parameter whose shape the first batch will tell."""

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> Self:  # noqa: ARG004 - PyTorch's signature
        return super().__new__(cls, Tensor._of(np.zeros(0, (dtype or dtypes.get_default_dtype()).numpy)), requires_grad)


class UninitializedBuffer(_Uninitialized, Tensor):  # type: ignore[misc]
    """A buffer whose shape the first batch will tell."""

    def __new__(
        cls,
        requires_grad: bool = False,  # noqa: ARG004 - PyTorch's signature
        device: Any = None,  # noqa: ARG004 - there is one
        dtype: Any = None,
        persistent: bool = True,
    ) -> Self:
        made = object.__new__(cls)
        made._hold(np.zeros(0, (dtype or dtypes.get_default_dtype()).numpy))
        made.persistent = persistent
        made._is_buffer = True
        return made


def is_lazy(param: Any) -> TypeGuard[_Uninitialized]:
    """Whether the first batch has yet to tell the shape."""
    return isinstance(param, _Uninitialized)
