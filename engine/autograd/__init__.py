"""torch.autograd: backward, grad, Function, and what scripts import from it."""

from __future__ import annotations

from .. import modes as _modes
from ..creation.legacy import Variable
from ..graph.requests import backward, grad
from ..modes import enable_grad, inference_mode, no_grad, set_grad_enabled
from . import anomaly as anomaly_mode
from . import forward_ad, function, functional, grad_mode, graph
from .anomaly import detect_anomaly, set_detect_anomaly
from .function import Function, NestedIOFunction
from .gradcheck import GradcheckError, gradcheck, gradgradcheck


def variable(*data: object) -> object:
    """torch.autograd.variable: what torch.tensor does today."""
    from ..creation.factories import tensor

    return tensor(*data)


def is_grad_enabled() -> bool:
    """Whether ops build a graph now."""
    return _modes.grad


__all__ = [
    "Function",
    "GradcheckError",
    "NestedIOFunction",
    "Variable",
    "anomaly_mode",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "forward_ad",
    "function",
    "functional",
    "grad",
    "grad_mode",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
    "variable",
]
