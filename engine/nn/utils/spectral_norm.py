"""Spectral normalisation (Miyato et al. 2018): a weight divided by its largest singular value (torch.nn.utils.spectral_norm)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import modes, random
from ...memory.inplace import overwrite
from ...random import draws
from ...tensor import Tensor
from .. import functional
from ..modules.conv import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from ..parameter import Parameter


def as_matrix(weight: Any, dim: int) -> Any:
    """A weight with one dimension as rows and all others as columns."""
    if dim != 0:
        weight = weight.permute(dim, *(k for k in range(weight._data.ndim) if k != dim))
    return weight.reshape(weight._data.shape[0], -1)


def unit_vector(size: int, like: Any, eps: float) -> Any:
    """A random direction."""
    drawn: Any = Tensor._of(draws.randn(random.default_generator, (size,), like._data.dtype))
    return functional.normalize(drawn, dim=0, eps=eps)


def is_transposed(module: Any) -> bool:
    """Whether the outputs of a layer are the second dimension of its weight."""
    return isinstance(module, (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d))


class SpectralNorm:
    """The hook that makes the weight before each forward; in training it first improves its singular vectors."""

    def __init__(self, name: str, n_power_iterations: int, dim: int, eps: float) -> None:
        if n_power_iterations <= 0:
            raise ValueError(f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}")
        self.name, self.n_power_iterations, self.dim, self.eps = name, n_power_iterations, dim, eps

    def compute_weight(self, module: Any, do_power_iteration: bool) -> Any:
        """The weight over its largest singular value."""
        weight, u, v = (getattr(module, f"{self.name}_{part}") for part in ("orig", "u", "v"))
        matrix = as_matrix(weight, self.dim)
        if do_power_iteration:
            with modes.no_grad():
                for _ in range(self.n_power_iterations):
                    overwrite(v, functional.normalize(matrix.t().mv(u), dim=0, eps=self.eps)._data)
                    overwrite(u, functional.normalize(matrix.mv(v), dim=0, eps=self.eps)._data)
                # a second forward must not change what the first one saved
                u, v = u.clone(), v.clone()
        return weight / u.dot(matrix.mv(v))

    def __call__(self, module: Any, inputs: Any) -> None:
        object.__setattr__(module, self.name, self.compute_weight(module, module.training))

    def remove(self, module: Any) -> None:
        """Make it an ordinary parameter again."""
        with modes.no_grad():
            weight = self.compute_weight(module, False)
        module.__dict__.pop(self.name)
        del module._buffers[f"{self.name}_u"], module._buffers[f"{self.name}_v"], module._parameters[f"{self.name}_orig"]
        module.register_parameter(self.name, Parameter(weight.detach()))


def spectral_norm(module: Any, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None) -> Any:
    """Replace a parameter by `name_orig` and the buffers `name_u`, `name_v`."""
    if any(isinstance(h, SpectralNorm) and h.name == name for h in module._forward_pre_hooks.values()):
        raise RuntimeError(f"Cannot register two spectral_norm hooks on the same parameter {name}")
    hook = SpectralNorm(name, n_power_iterations, (1 if is_transposed(module) else 0) if dim is None else dim, eps)
    weight = module._parameters[name]
    if weight is None:
        raise ValueError(f"`SpectralNorm` cannot be applied as parameter `{name}` is None")
    with modes.no_grad():
        rows, columns = as_matrix(weight, hook.dim)._data.shape
        u, v = unit_vector(rows, weight, eps), unit_vector(columns, weight, eps)
    del module._parameters[name]
    module.register_parameter(f"{name}_orig", weight)
    object.__setattr__(module, name, Tensor._of(np.array(weight._data)))
    module.register_buffer(f"{name}_u", u)
    module.register_buffer(f"{name}_v", v)
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module: Any, name: str = "weight") -> Any:
    """Undo `spectral_norm`."""
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook, SpectralNorm) and hook.name == name:
            hook.remove(module)
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(f"spectral_norm of '{name}' not found in {module}")


__all__ = ["SpectralNorm", "as_matrix", "is_transposed", "remove_spectral_norm", "spectral_norm", "unit_vector"]
