"""Weight normalisation (Salimans and Kingma 2016): a weight as its length times its direction (torch.nn.utils.weight_norm)."""

from __future__ import annotations

import warnings
from typing import Any

from ...naming.namespace import TORCH
from ...ops.layers.weight_norm import length_of
from ...tensor import Tensor
from ..modules.module import Module
from ..parameter import Parameter


def weight_of(v: Any, g: Any, dim: int) -> Any:
    """g times the direction of v."""
    return TORCH["_weight_norm"](v, g, dim)


class WeightNorm:
    """The hook that makes the weight before each forward."""

    def __init__(self, name: str, dim: int | None) -> None:
        self.name = name
        self.dim = -1 if dim is None else dim

    def compute_weight(self, module: Module) -> Any:
        """The weight of the length and direction that the module has now."""
        return weight_of(getattr(module, f"{self.name}_v"), getattr(module, f"{self.name}_g"), self.dim)

    def __call__(self, module: Module, inputs: Any) -> None:
        object.__setattr__(module, self.name, self.compute_weight(module))

    def remove(self, module: Module) -> None:
        """Make it an ordinary parameter again."""
        weight = self.compute_weight(module)
        module.__dict__.pop(self.name)
        del module._parameters[f"{self.name}_g"], module._parameters[f"{self.name}_v"]
        setattr(module, self.name, Parameter(weight.detach()))


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Replace a parameter by `name_g` (length) and `name_v` (direction)."""
    warnings.warn(
        "`torch.nn.utils.weight_norm` is deprecated in favor of `torch.nn.utils.parametrizations.weight_norm`.", FutureWarning, stacklevel=2
    )
    if any(isinstance(h, WeightNorm) and h.name == name for h in module._forward_pre_hooks.values()):
        raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
    hook = WeightNorm(name, dim)
    weight = getattr(module, name)
    del module._parameters[name]
    module.register_parameter(f"{name}_g", Parameter(length_of(weight.detach(), hook.dim).detach()))
    module.register_parameter(f"{name}_v", Parameter(Tensor._of(weight._data)))
    hook(module, None)
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: Any, name: str = "weight") -> Any:
    """Undo `weight_norm`."""
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook, WeightNorm) and hook.name == name:
            hook.remove(module)
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(f"weight_norm of '{name}' not found in {module}")
