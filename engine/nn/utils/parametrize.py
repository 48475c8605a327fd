"""A parameter as a function of others: symmetric, positive, orthogonal weights (torch.nn.utils.parametrize)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from ... import modes
from ...memory.inplace import overwrite
from ...tensor import Tensor
from ..modules.container import ModuleDict, ModuleList
from ..modules.module import Module
from ..parameter import Parameter

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "type_before_parametrizations",
]

_caches = 0  # how many `cached` blocks are open
_cache: dict[tuple[int, str], Any] = {}


@contextmanager
def cached() -> Iterator[None]:
    """Compute each parametrised tensor only once inside the block."""
    global _caches
    _caches += 1
    try:
        yield
    finally:
        _caches -= 1
        if not _caches:
            _cache.clear()


def _take(original: Any, value: Any) -> None:
    """Give a parameter the numbers of another tensor, whatever its shape."""
    if original._data.shape == value._data.shape:
        overwrite(original, value._data)
    else:
        original._data = value._data.copy()


class ParametrizationList(ModuleList):
    """The functions of one tensor, one after the other, with the tensors that they start from (`original`, or `original0`, ...)."""

    def __init__(self, modules: Sequence[Module], original: Any, unsafe: bool = False) -> None:
        if not modules:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        shape, kind = original._data.shape, original.dtype
        new = self._inverted(original, strict=False)
        self.is_tensor = isinstance(new, Tensor)
        self.ntensors = 1 if isinstance(new, Tensor) else len(new)
        if isinstance(new, Tensor):
            if original.dtype is not new.dtype:
                raise ValueError(
                    "When `right_inverse` outputs one tensor, it may not change the dtype.\n"
                    f"original.dtype: {original.dtype}\nright_inverse(original).dtype: {new.dtype}"
                )
            _take(original, new)
            self._hold("original", original)
        else:
            for k, part in enumerate(new):
                held = Parameter(part.detach(), original._requires_grad) if isinstance(original, Parameter) else part
                self._hold(f"original{k}", held)
        if not unsafe:
            self._check(self(), shape, kind)

    def _hold(self, name: str, tensor: Any) -> None:
        if isinstance(tensor, Parameter):
            self.register_parameter(name, tensor)
        else:
            self.register_buffer(name, tensor)

    def _inverted(self, value: Any, strict: bool) -> Any:
        """Backwards through all functions that have an inverse."""
        with modes.no_grad():
            for module in reversed(list(self)):
                inverse = getattr(module, "right_inverse", None)
                if inverse is None and strict:
                    raise RuntimeError(f"parametrization {type(module).__name__} does not implement right_inverse.")
                if inverse is not None:
                    value = inverse(value)
        return value

    @staticmethod
    def _check(made: Any, shape: tuple[int, ...], kind: Any) -> None:
        if not isinstance(made, Tensor):
            raise ValueError(f"A parametrization must return a tensor. Got {type(made).__name__}.")
        for what, before, after in (("dtype", kind, made.dtype), ("shape", f"torch.Size({list(shape)})", str(made.shape))):
            if before != after:
                raise ValueError(
                    f"Registering a parametrization may not change the {what} of the tensor, unless `unsafe` flag is enabled.\n"
                    f"unparametrized {what}: {before}\nparametrized {what}: {after}"
                )

    def right_inverse(self, value: Any) -> None:
        """Set the originals so that the tensor becomes a value."""
        new = self._inverted(value, strict=True)
        with modes.no_grad():
            if self.is_tensor:
                _take(self.original, new)
            else:
                for k, part in enumerate(new):
                    _take(getattr(self, f"original{k}"), part)

    def forward(self) -> Any:
        """The tensor."""
        originals = (self.original,) if self.is_tensor else tuple(getattr(self, f"original{k}") for k in range(self.ntensors))
        first, *rest = list(self)
        x = first(*originals)
        for module in rest:
            x = module(x)
        return x


def is_parametrized(module: Any, tensor_name: str | None = None) -> bool:
    """Whether a module has parametrised tensors (or the one of that name)."""
    held = module._modules.get("parametrizations")
    if not isinstance(held, ModuleDict):
        return False
    return len(held) > 0 if tensor_name is None else tensor_name in held


def type_before_parametrizations(module: Any) -> type:
    """The class of a module without its parametrisations."""
    kind = type(module)
    return kind.__bases__[0] if is_parametrized(module) else kind


def _own_class(module: Any) -> None:
    """Give a module a class of its own, for the properties."""
    kind = type(module)

    def __deepcopy__(self: Any, memo: dict[int, Any]) -> Any:  # noqa: N807 - Python's name
        if id(self) in memo:
            return memo[id(self)]
        made = self.__new__(type(self))
        memo[id(self)] = made
        made.__dict__.update(deepcopy(self.__dict__, memo))
        return made

    module.__class__ = type(
        f"Parametrized{kind.__name__}", (kind,), {"__deepcopy__": __deepcopy__, "__module__": ParametrizationList.__module__}
    )


def _property(name: str) -> property:
    def get(self: Any) -> Any:
        made = self.parametrizations[name]
        if not _caches:
            return made()
        key = (id(self), name)
        if key not in _cache:
            _cache[key] = made()
        return _cache[key]

    def put(self: Any, value: Any) -> None:
        self.parametrizations[name].right_inverse(value)

    return property(get, put)


def register_parametrization(module: Any, tensor_name: str, parametrization: Module, *, unsafe: bool = False) -> Any:
    """From now on the tensor is `parametrization(original)`."""
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        before = getattr(module, tensor_name)
        held = module.parametrizations[tensor_name]
        if not unsafe:
            ParametrizationList._check(parametrization(before), before._data.shape, before.dtype)
        held.append(parametrization)
        held.unsafe |= unsafe
    elif tensor_name in module._buffers or tensor_name in module._parameters:
        made = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe=unsafe)
        delattr(module, tensor_name)
        if not is_parametrized(module):
            _own_class(module)
            module.parametrizations = ModuleDict()
        setattr(type(module), tensor_name, _property(tensor_name))
        module.parametrizations[tensor_name] = made
    else:
        raise ValueError(f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name '{tensor_name}'")
    return module


def remove_parametrizations(module: Any, tensor_name: str, leave_parametrized: bool = True) -> Any:
    """An ordinary parameter again: with the value that it has, or with the original."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    held = module.parametrizations[tensor_name]
    if not held.is_tensor and not leave_parametrized:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a sequence of tensors."
        )
    with modes.no_grad():
        value = getattr(module, tensor_name)
    original: Any = held.original if held.is_tensor else held.original0
    if leave_parametrized:
        if held.is_tensor:
            _take(original, value)
        else:
            original = Parameter(value.detach(), original._requires_grad) if isinstance(original, Parameter) else value
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    if isinstance(original, Parameter):
        module.register_parameter(tensor_name, original)
    else:
        module.register_buffer(tensor_name, original)
    if not len(module.parametrizations):
        del module._modules["parametrizations"]
        module.__class__ = type(module).__bases__[0]
    return module
