"""Activation layers (torch.nn): each a row with the function it calls."""

from __future__ import annotations

from typing import Any

from ...naming.namespace import TORCH
from .. import functional
from .initial import full, here
from .layer import REQUIRED, RowLayer, layer
from .module import Module

_IN = {"inplace": False}
_HERE = __name__


def _row(
    name: str, function: str, doc: str, options: dict[str, Any] | None = None, shows: str = "", base: type[RowLayer] = RowLayer
) -> type[RowLayer]:
    return layer(_HERE, name, function, doc, options, shows=shows, base=base)


class _Drawing(RowLayer):
    """RReLU draws its slopes in training only."""

    def compute(self, *inputs: Any) -> Any:
        return functional.rrelu(*inputs, self.lower, self.upper, self.training, self.inplace)


class _ChannelSoftmax(RowLayer):
    """Softmax over the channels of images."""

    def compute(self, *inputs: Any) -> Any:
        if inputs[0].dim() not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {inputs[0].dim()}D instead")
        return functional.softmax(inputs[0], -3)


class _OfTorch(RowLayer):
    """Those that PyTorch calls in torch itself, which takes nothing but tensors."""

    def compute(self, *inputs: Any) -> Any:
        return TORCH[self.function](*inputs)


class _Bounded(RowLayer):
    """Hardtanh asks whether its bounds are two."""

    def completed(self) -> None:
        if self.max_val <= self.min_val:
            raise AssertionError(f"max_val ({self.max_val}) must be greater than min_val ({self.min_val})")


ReLU = _row("ReLU", "relu", "max(x, 0).", _IN, "{inplace}")
RReLU = _row(
    "RReLU", "rrelu", "x where positive, else x times a slope drawn from U(lower, upper).",
    {"lower": 1.0 / 8, "upper": 1.0 / 3, **_IN}, "lower={lower}, upper={upper}, {inplace}", _Drawing,
)  # fmt: skip
LeakyReLU = _row(
    "LeakyReLU",
    "leaky_relu",
    "x where positive, else slope * x.",
    {"negative_slope": 1e-2, **_IN},
    "negative_slope={negative_slope}, {inplace}",
)
ELU = _row("ELU", "elu", "x where positive, else alpha (e^x - 1).", {"alpha": 1.0, **_IN}, "alpha={alpha}, {inplace}")
CELU = _row("CELU", "celu", "x where positive, else alpha (e^(x/alpha) - 1).", {"alpha": 1.0, **_IN}, "alpha={alpha}, {inplace}")
SELU = _row("SELU", "selu", "ELU with constants that keep mean 0 and variance 1.", _IN, "{inplace}")
GELU = _row("GELU", "gelu", "x times the normal distribution function.", {"approximate": "none"}, "approximate={approximate!r}")
SiLU = _row("SiLU", "silu", "x sigmoid(x).", _IN, "{inplace}")
Mish = _row("Mish", "mish", "x tanh(softplus(x)).", _IN, "{inplace}")
Sigmoid = _row("Sigmoid", "sigmoid", "1 / (1 + e^-x).", base=_OfTorch)
Tanh = _row("Tanh", "tanh", "Hyperbolic tangent.", base=_OfTorch)
LogSigmoid = _row("LogSigmoid", "logsigmoid", "log sigmoid(x).")
Softsign = _row("Softsign", "softsign", "x / (1 + |x|).")
Tanhshrink = _row("Tanhshrink", "tanhshrink", "x - tanh(x).")
Hardsigmoid = _row("Hardsigmoid", "hardsigmoid", "Piecewise linear sigmoid.", _IN)
Hardswish = _row("Hardswish", "hardswish", "x hardsigmoid(x).", _IN)
Hardtanh = _row(
    "Hardtanh",
    "hardtanh",
    "x kept between two bounds.",
    {"min_val": -1.0, "max_val": 1.0, **_IN},
    "min_val={min_val}, max_val={max_val}, {inplace}",
    _Bounded,
)


class _UpToSix(Hardtanh):  # type: ignore[misc, valid-type]
    """A Hardtanh whose bounds are not options."""

    def completed(self) -> None:
        self.min_val, self.max_val = 0.0, 6.0

    def compute(self, *inputs: Any) -> Any:
        return functional.hardtanh(*inputs, self.min_val, self.max_val, self.inplace)


ReLU6 = _row("ReLU6", "relu6", "min(max(x, 0), 6).", _IN, "{inplace}", _UpToSix)
Hardshrink = _row("Hardshrink", "hardshrink", "0 where |x| <= lambd.", {"lambd": 0.5}, "{lambd}")
Softshrink = _row("Softshrink", "softshrink", "x moved towards 0 by lambd.", {"lambd": 0.5}, "{lambd}")
Softplus = _row(
    "Softplus", "softplus", "log(1 + e^(beta x)) / beta.", {"beta": 1.0, "threshold": 20.0}, "beta={beta}, threshold={threshold}"
)
Threshold = _row(
    "Threshold", "threshold", "x where above the threshold, else a value.", {"threshold": REQUIRED, "value": REQUIRED, **_IN},
    "threshold={threshold}, value={value}, {inplace}",
)  # fmt: skip
GLU = _row("GLU", "glu", "First half times sigmoid of the second half.", {"dim": -1}, "dim={dim}")
Softmin = _row("Softmin", "softmin", "Softmax of -x.", {"dim": None}, "dim={dim}")
Softmax = _row("Softmax", "softmax", "e^x over its sum.", {"dim": None}, "dim={dim}")
LogSoftmax = _row("LogSoftmax", "log_softmax", "Logarithm of softmax.", {"dim": None}, "dim={dim}")
Softmax2d = _row("Softmax2d", "softmax", "Softmax over the channels of images.", base=_ChannelSoftmax)


class PReLU(Module):
    """x where positive, else a learned slope times x."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        here(device)
        self.num_parameters = num_parameters
        self.init = init
        self.weight = full(num_parameters, init, dtype)

    def reset_parameters(self) -> None:
        """Back to the first slope."""
        self.weight.data.fill_(self.init)

    def forward(self, input: Any) -> Any:
        return functional.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


__all__ = [
    "CELU", "ELU", "GELU", "GLU", "SELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "LogSigmoid", "LogSoftmax", "Mish", "PReLU",
    "RReLU", "ReLU", "ReLU6", "SiLU", "Sigmoid", "Softmax", "Softmax2d", "Softmin", "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Threshold",
]  # fmt: skip
