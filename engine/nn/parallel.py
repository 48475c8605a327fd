"""torch.nn.DataParallel, which without a GPU calls the module that it was given."""

from __future__ import annotations

from typing import Any

from .module import Module


class DataParallel(Module):
    """The module itself, under the name `module`."""

    def __init__(self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0) -> None:
        super().__init__()
        self.module = module
        self.device_ids: list[Any] = []

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)


__all__ = ["DataParallel"]
