"""torch.compile and torch.compiler: nothing is compiled, and what is given back looks as PyTorch's does.

A module comes back inside an `OptimizedModule`, so that its state_dict has the prefix that surprises people: `_orig_mod.`.
"""

from __future__ import annotations

import functools
from typing import Any

from .environment import BACKENDS, check_compile
from .naming.namespace import export
from .nn.modules.module import Module


class OptimizedModule(Module):
    """A module behind the name `_orig_mod`; what is asked of it or set on it goes to that one."""

    def __init__(self, module: Module) -> None:
        super().__init__()
        self._modules["_orig_mod"] = module

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self._orig_mod(*args, **kwargs)

    @property
    def training(self) -> bool:
        """The module's own."""
        return bool(self._orig_mod.training)

    @training.setter
    def training(self, value: bool) -> None:
        if "_modules" in self.__dict__ and self._modules:  # not while Module.__init__ makes the tables
            self._orig_mod.training = value

    def __getattr__(self, name: str) -> Any:
        inside = self.__dict__.get("_modules", {}).get("_orig_mod")
        if name == "_orig_mod" and inside is not None:
            return inside
        if inside is None:
            raise AttributeError(f"'OptimizedModule' object has no attribute '{name}'")
        return getattr(inside, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "training" or not self.__dict__.get("_modules"):
            object.__setattr__(self, name, value)
        else:
            setattr(self._orig_mod, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._orig_mod, name)

    def __len__(self) -> int:
        if not hasattr(self._orig_mod, "__len__"):
            raise TypeError(f"{type(self._orig_mod)} does not support len()")
        return len(self._orig_mod)

    def __bool__(self) -> bool:
        return True


OptimizedModule.__module__ = "torch._dynamo.eval_frame"


@export("torch")
def compile(
    model: Any = None, *, fullgraph: bool = False, dynamic: bool | None = None, backend: Any = "inductor", mode: Any = None, options: Any = None,
    disable: bool = False,
) -> Any:  # fmt: skip
    """The function itself, or the module as an OptimizedModule: the engine has nothing to compile."""
    if model is None:
        return lambda given: compile(
            given, fullgraph=fullgraph, dynamic=dynamic, backend=backend, mode=mode, options=options, disable=disable
        )
    check_compile(mode, options, backend)
    if not callable(model):
        raise AssertionError(f"A callable function is expected, but {type(model)} is provided.")
    if isinstance(model, OptimizedModule) or not isinstance(model, Module):
        return model
    return OptimizedModule(model)


def _disable(fn: Any = None, recursive: bool = True, **_: Any) -> Any:
    if fn is None:
        return functools.partial(_disable, recursive=recursive)
    return OptimizedModule(fn) if isinstance(fn, Module) else fn


def _itself(fn: Any) -> Any:
    return fn


COMPILER: dict[str, Any] = {
    "allow_in_graph": _itself, "assume_constant_result": _itself, "compile": compile, "cudagraph_mark_step_begin": lambda: None, "disable": _disable,
    "is_compiling": lambda: False, "is_dynamo_compiling": lambda: False, "is_exporting": lambda: False, "list_backends": lambda: list(BACKENDS),
    "reset": lambda: None,
}  # fmt: skip

__all__ = ["COMPILER", "OptimizedModule", "compile"]
