"""Anomaly mode: a nan in backward is an error, and errors of backward name the forward line."""

from __future__ import annotations

import warnings

from .. import modes
from ..errors import class_name


class detect_anomaly:  # noqa: N801 - PyTorch's name
    """Anomaly mode inside a block (torch.autograd.detect_anomaly)."""

    def __init__(self, check_nan: bool = True) -> None:
        self.prev = modes.anomaly
        self.prev_check_nan = modes.check_nan
        self.check_nan = check_nan
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging.",
            stacklevel=2,
        )

    def __enter__(self) -> None:
        self.prev, self.prev_check_nan = modes.anomaly, modes.check_nan
        modes.set_anomaly(True, self.check_nan)

    def __exit__(self, *_: object) -> None:
        modes.set_anomaly(self.prev, self.prev_check_nan)


class set_detect_anomaly:  # noqa: N801 - PyTorch's name
    """Anomaly mode on or off at once; restored when used in a `with` (torch.autograd.set_detect_anomaly)."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        if not isinstance(mode, bool):
            raise TypeError(f"set_anomaly_enabled(): argument 'enabled' (position 1) must be bool, not {class_name(mode)}")
        self.prev, self.prev_check_nan = modes.anomaly, modes.check_nan
        modes.set_anomaly(mode, check_nan)

    def __enter__(self) -> None:
        """The call has set it already."""

    def __exit__(self, *_: object) -> None:
        modes.set_anomaly(self.prev, self.prev_check_nan)


def is_anomaly_enabled() -> bool:
    """Whether anomaly mode is on."""
    return modes.anomaly


def is_anomaly_check_nan_enabled() -> bool:
    """Whether anomaly mode looks for nan."""
    return modes.check_nan


__all__ = ["detect_anomaly", "is_anomaly_check_nan_enabled", "is_anomaly_enabled", "set_detect_anomaly"]
