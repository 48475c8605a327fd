"""Pooling layers (torch.nn): each a row with the function it calls."""

from __future__ import annotations

from typing import Any

from ...errors import own_method
from .layer import REQUIRED, RowLayer, layer
from .module import Module


def _tuple_of(value: Any, n: int) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * n


class _Pool(RowLayer):
    def completed(self) -> None:
        if self.stride is None:
            self.stride = self.kernel_size


class _MaxPool(_Pool):
    constructor = "_MaxPoolNd"


class _AvgPool1d(_Pool):
    def completed(self) -> None:
        super().completed()
        self.kernel_size, self.stride, self.padding = (_tuple_of(v, 1) for v in (self.kernel_size, self.stride, self.padding))


class _PowerPool(RowLayer):
    constructor = "_LPPoolNd"


class _AdaptiveAvgPool(RowLayer):
    constructor = "_AdaptiveAvgPoolNd"


class _AdaptiveMaxPool(RowLayer):
    constructor = "_AdaptiveMaxPoolNd"


class _Unpool(RowLayer):
    def completed(self) -> None:
        n = int(type(self).__name__[-2])
        self.stride = self.kernel_size if self.stride is None else self.stride
        self.kernel_size, self.stride, self.padding = (_tuple_of(v, n) for v in (self.kernel_size, self.stride, self.padding))

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Any:
        from .. import functional

        return getattr(functional, self.function)(input, indices, self.kernel_size, self.stride, self.padding, output_size)


_KERNEL = "kernel_size={kernel_size}, stride={stride}, padding={padding}"
_AVG: dict[str, Any] = {"kernel_size": REQUIRED, "stride": None, "padding": 0, "ceil_mode": False, "count_include_pad": True}


def _max(n: int) -> type[RowLayer]:
    options = {"kernel_size": REQUIRED, "stride": None, "padding": 0, "dilation": 1, "return_indices": False, "ceil_mode": False}
    shows = _KERNEL + ", dilation={dilation}, ceil_mode={ceil_mode}"
    return layer(__name__, f"MaxPool{n}d", f"max_pool{n}d", "The maximum of each window.", options, shows=shows, base=_MaxPool)


def _average(n: int) -> type[RowLayer]:
    options = _AVG if n == 1 else {**_AVG, "divisor_override": None}
    doc = "The mean of each window."
    return layer(__name__, f"AvgPool{n}d", f"avg_pool{n}d", doc, options, shows=_KERNEL, base=_AvgPool1d if n == 1 else _Pool)


def _unpool(n: int) -> type[RowLayer]:
    options = {"kernel_size": REQUIRED, "stride": None, "padding": 0}
    doc = "Puts maxima back where MaxPool found them."
    return layer(__name__, f"MaxUnpool{n}d", f"max_unpool{n}d", doc, options, shows=_KERNEL, base=_Unpool)


def _power(n: int) -> type[RowLayer]:
    options = {"norm_type": REQUIRED, "kernel_size": REQUIRED, "stride": None, "ceil_mode": False}
    shows = "norm_type={norm_type}, kernel_size={kernel_size}, stride={stride}, ceil_mode={ceil_mode}"
    return layer(__name__, f"LPPool{n}d", f"lp_pool{n}d", "The p-norm of each window.", options, shows=shows, base=_PowerPool)


def _checked(name: str, n: int, kernel_size: Any, output_size: Any, output_ratio: Any) -> tuple[Any, ...]:
    """The options of a fractional pool, each as often as there are dimensions."""
    kernel, size, ratio = (None if v is None else _tuple_of(v, n) for v in (kernel_size, output_size, output_ratio))
    if size is None and ratio is None:
        raise ValueError(f"{name} requires specifying either an output size, or a pooling ratio")
    if size is not None and ratio is not None:
        raise ValueError("only one of output_size and output_ratio may be specified")
    if ratio is not None and not all(0 < r < 1 for r in ratio):
        raise ValueError(f"output_ratio must be between 0 and 1 (got {output_ratio})")
    return kernel, size, ratio


class _Fractional(Module):
    def __init_subclass__(cls) -> None:
        own_method(cls, "__init__")
        own_method(cls, "forward")

    def __init__(
        self, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, return_indices: bool = False, _random_samples: Any = None
    ) -> None:  # fmt: skip
        super().__init__()
        name = type(self).__name__
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.kernel_size, self.output_size, self.output_ratio = _checked(name, int(name[-2]), kernel_size, output_size, output_ratio)

    def forward(self, input: Any) -> Any:
        from .. import functional

        function = getattr(functional, f"fractional_max_pool{type(self).__name__[-2]}d")
        return function(input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, self._random_samples)


class FractionalMaxPool2d(_Fractional):
    """The maximum of windows at random steps: (N, C, H, W)."""


class FractionalMaxPool3d(_Fractional):
    """The maximum of windows at random steps: (N, C, D, H, W)."""


def _adaptive(kind: str, n: int) -> type[RowLayer]:
    options: dict[str, Any] = {"output_size": REQUIRED}
    if kind == "Max":
        options["return_indices"] = False
    doc = "Windows chosen so that the output has a given size."
    name, function = f"Adaptive{kind}Pool{n}d", f"adaptive_{kind.lower()}_pool{n}d"
    base = _AdaptiveMaxPool if kind == "Max" else _AdaptiveAvgPool
    return layer(__name__, name, function, doc, options, shows="output_size={output_size}", base=base)


MaxPool1d, MaxPool2d, MaxPool3d = (_max(n) for n in (1, 2, 3))
AvgPool1d, AvgPool2d, AvgPool3d = (_average(n) for n in (1, 2, 3))
MaxUnpool1d, MaxUnpool2d, MaxUnpool3d = (_unpool(n) for n in (1, 2, 3))
LPPool1d, LPPool2d, LPPool3d = (_power(n) for n in (1, 2, 3))
AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d = (_adaptive("Avg", n) for n in (1, 2, 3))
AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d = (_adaptive("Max", n) for n in (1, 2, 3))

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d", "AvgPool1d", "AvgPool2d",
    "AvgPool3d", "FractionalMaxPool2d", "FractionalMaxPool3d", "LPPool1d", "LPPool2d", "LPPool3d", "MaxPool1d", "MaxPool2d", "MaxPool3d", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d",
]  # fmt: skip
