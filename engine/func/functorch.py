"""`import functorch`: torch.func under the name that it had before PyTorch 2, with PyTorch's warnings that it goes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from .. import modes
from ..nn.modules.module import Module
from ..ops.views.join import stack
from . import transforms as func


def _warn(name: str, today: str) -> None:
    modes.warn(
        f"We've integrated functorch into PyTorch. As the final step of the integration, `functorch.{name}` is deprecated as of PyTorch 2.0 "
        f"and will be deleted in a future version of PyTorch >= 2.3. Please use `{today}` instead; see the PyTorch 2.0 release notes and/or "
        "the `torch.func` migration guide for more details https://pytorch.org/docs/main/func.migrating.html",
        FutureWarning,
    )


def _older(name: str, today: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        _warn(name, today)
        return function(*args, **kwargs)

    return call


class _Stateless(Module):
    """A module that is called with its parameters (and buffers) first."""

    def __init__(self, model: Any, names: list[tuple[str, ...]]) -> None:
        super().__init__()
        self.stateless_model = model
        self.names = names

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        given: dict[str, Any] = {}
        for names, values in zip(self.names, args, strict=False):
            given.update(zip(names, values, strict=True))
        return func.functional_call(self.stateless_model, given, args[len(self.names) :], kwargs)


class FunctionalModule(_Stateless):
    """func(params, *inputs)."""


class FunctionalModuleWithBuffers(_Stateless):
    """func(params, buffers, *inputs)."""


def _taken_apart(model: Any, disable_autograd_tracking: bool) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    of_its_own = copy.deepcopy(model)
    params = dict(of_its_own.named_parameters())
    if disable_autograd_tracking:
        for param in params.values():
            param.requires_grad_(False)
    return of_its_own, params, dict(of_its_own.named_buffers())


def make_functional(model: Any, disable_autograd_tracking: bool = False) -> Any:
    """(a function of parameters and inputs, the parameters) of a module without buffers."""
    if list(model.buffers()):
        raise RuntimeError("make_functional(model): `model` has buffers. Please use make_functional_with_buffers(model) instead.")
    made, params, _ = _taken_apart(model, disable_autograd_tracking)
    return FunctionalModule(made, [tuple(params)]), tuple(params.values())


def make_functional_with_buffers(model: Any, disable_autograd_tracking: bool = False) -> Any:
    """(a function of parameters, buffers and inputs, the parameters, the buffers) of a module."""
    made, params, buffers = _taken_apart(model, disable_autograd_tracking)
    return FunctionalModuleWithBuffers(made, [tuple(params), tuple(buffers)]), tuple(params.values()), tuple(buffers.values())


def combine_state_for_ensemble(models: Any) -> Any:
    """(a function of parameters, buffers and inputs, the parameters of all models stacked, the buffers) of several alike."""
    if len(models) == 0:
        raise RuntimeError("combine_state_for_ensemble: Expected at least one model, got 0.")
    if not (all(m.training for m in models) or all(not m.training for m in models)):
        raise RuntimeError("combine_state_for_ensemble: Expected all models to have the same training/eval mode.")
    kind = type(models[0])
    if not all(type(m) is kind for m in models):
        raise RuntimeError("combine_state_for_ensemble: Expected all models to be of the same class.")
    functions, params, buffers = zip(*(make_functional_with_buffers(m) for m in models), strict=True)
    stacked = [tuple(stack(list(alike)).detach() for alike in zip(*each, strict=True)) for each in (params, buffers)]
    return functions[0], *stacked


def module() -> ModuleType:
    """What `import functorch` gives."""
    made = ModuleType("functorch", "torch.func under the name that it had before PyTorch 2.")
    for name in ("grad", "grad_and_value", "vjp", "jvp", "jacrev", "jacfwd", "hessian", "functionalize"):
        setattr(made, name, _older(name, f"torch.func.{name}", getattr(func, name)))
    made.vmap = _older("vmap", "torch.vmap", func.vmap)  # type: ignore[attr-defined]
    for function, today in (
        (make_functional, "functional_call"), (make_functional_with_buffers, "functional_call"), (combine_state_for_ensemble, "stack_module_state"),
    ):  # fmt: skip
        setattr(made, function.__name__, _older(function.__name__, f"torch.func.{today}", function))
    for kind in (FunctionalModule, FunctionalModuleWithBuffers):
        setattr(made, kind.__name__, kind)
    return made


__all__ = ["module"]
