"""torch.cpu.amp: the older name of torch.amp.autocast."""

from __future__ import annotations

import warnings
from typing import Any

from .. import amp, dtypes

__all__ = ["autocast"]


class autocast(amp.autocast):  # noqa: N801 - PyTorch's name
    """autocast for the CPU."""

    def __init__(self, enabled: bool = True, dtype: Any = dtypes.bfloat16, cache_enabled: bool = True) -> None:
        warnings.warn(
            "`torch.cpu.amp.autocast(args...)` is deprecated. Please use `torch.amp.autocast('cpu', args...)` instead.",
            FutureWarning,
            stacklevel=2,
        )
        super().__init__("cpu", dtype, enabled, cache_enabled)
