"""torch.cuda on a computer without CUDA, so that scripts can ask and seed."""

from __future__ import annotations

from typing import Any


def is_available() -> bool:
    """Never."""
    return False


def is_initialized() -> bool:
    """Never."""
    return False


def device_count() -> int:
    """None."""
    return 0


def manual_seed(seed: int) -> None:
    """Nothing to seed."""


def manual_seed_all(seed: int) -> None:
    """Nothing to seed."""


def synchronize(device: Any = None) -> None:
    """Nothing to wait for."""


def empty_cache() -> None:
    """Nothing to empty."""


def memory_allocated(device: Any = None) -> int:
    """None."""
    return 0


max_memory_allocated = memory_reserved = max_memory_reserved = memory_allocated


def reset_peak_memory_stats(device: Any = None) -> None:
    """Nothing to reset."""


def current_device() -> int:
    """There is none: PyTorch's error."""
    raise AssertionError("Torch not compiled with CUDA enabled")


def get_device_name(device: Any = None) -> str:
    """There is none: PyTorch's error."""
    raise AssertionError("Torch not compiled with CUDA enabled")


def set_device(device: Any) -> None:
    """There is none: PyTorch's error."""
    raise AssertionError("Torch not compiled with CUDA enabled")
