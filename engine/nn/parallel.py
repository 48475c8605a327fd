"""torch.nn.DataParallel, which without a GPU calls the module that it was given."""

from __future__ import annotations

from typing import Any

from ..environment import NO_GROUP
from .modules.module import Module


class DataParallel(Module):
    """The module itself, under the name `module`."""

    def __init__(self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0) -> None:
        super().__init__()
        self.module = module
        self.device_ids: list[Any] = []

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)


class DistributedDataParallel(Module):
    """A module that several processes train; here, as in PyTorch without a process group, there is one."""

    def __init__(self, module: Module, *_: Any, **__: Any) -> None:
        super().__init__()
        raise ValueError(NO_GROUP)


__all__ = ["DataParallel", "DistributedDataParallel"]
