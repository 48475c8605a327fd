"""torch.autograd: backward, grad, and what scripts import from it."""

from __future__ import annotations

from . import backward as _engine
from .backward import backward, grad
from .modes import enable_grad, inference_mode, no_grad, set_grad_enabled
from .tensor import Tensor as Variable

__all__ = [
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "grad",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]


class detect_anomaly:  # noqa: N801 - PyTorch's name
    """Inside the block a nan in backward raises, and in-place errors point back to the forward line."""

    def __init__(self, check_nan: bool = True) -> None:
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(_engine.set_anomaly(True))

    def __exit__(self, *_: object) -> None:
        _engine.set_anomaly(self._before.pop())


class set_detect_anomaly:  # noqa: N801 - PyTorch's name
    """Turns anomaly detection on or off at once; restores it when used in a `with`."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._before = _engine.set_anomaly(mode)

    def __enter__(self) -> None:
        """Nothing more to do: the call has set it."""

    def __exit__(self, *_: object) -> None:
        _engine.set_anomaly(self._before)
