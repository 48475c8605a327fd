"""Convolution layers (torch.nn.Conv1d, Conv2d, Conv3d and their transposes)."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ...errors import class_name, own_method
from .. import functional
from .initial import bias_bound, fan_in_bound, here, kaiming, refill, uniform
from .module import Module

_MODES = ("zeros", "reflect", "replicate", "circular")


def _tuple_of(value: Any, n: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * n


class _Conv(Module):
    """Base: a subclass says its number of dimensions, and whether it is the transpose."""

    dimensions: ClassVar[int]
    transposed: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        own_method(cls, "forward")
        own_method(cls, "__init__")

    def _options(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any, padding: Any, output_padding: Any, dilation: Any, groups: int,
        bias: bool, padding_mode: str, dtype: Any,
    ) -> None:  # fmt: skip
        n = self.dimensions
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups:
            raise ValueError("out_channels must be divisible by groups")
        self.in_channels, self.out_channels, self.groups, self.padding_mode = in_channels, out_channels, groups, padding_mode
        self.kernel_size, self.stride, self.dilation = (_tuple_of(v, n) for v in (kernel_size, stride, dilation))
        self.output_padding = _tuple_of(output_padding, n)
        if isinstance(padding, str) and not self.transposed:
            if padding not in ("same", "valid"):
                raise ValueError(f"Invalid padding string {padding!r}, should be one of {{'same', 'valid'}}")
            if padding == "same" and any(s != 1 for s in self.stride):
                raise ValueError("padding='same' is not supported for strided convolutions")
        if padding_mode not in _MODES:
            listed = ", ".join(repr(m) for m in _MODES)
            raise ValueError(f"padding_mode must be one of {{{listed}}}, but got padding_mode='{padding_mode}'")
        letters = tuple(padding) if isinstance(padding, str) and self.transposed else padding  # PyTorch takes a word for a list there
        self.padding = letters if isinstance(letters, str) else _tuple_of(letters, n)
        for k, size in enumerate(self.kernel_size):
            if not hasattr(size, "__index__"):
                raise TypeError(
                    f"empty(): argument 'size' failed to unpack the object at pos {k + 3} with error \"type must be tuple of ints,but got "
                    f'{class_name(size)}"'
                )
        channels = (in_channels, out_channels // groups) if self.transposed else (out_channels, in_channels // groups)
        shape = (*channels, *self.kernel_size)
        fan_in = math.prod(shape[1:])
        self.weight = kaiming(self, shape, fan_in, dtype)
        if bias:
            self.bias = uniform((out_channels,), bias_bound(fan_in), dtype)
        else:
            self.register_parameter("bias", None)

    def reset_parameters(self) -> None:
        """Draw weight and bias again."""
        fan_in = math.prod(self.weight.shape[1:])
        refill(self.weight, fan_in_bound(fan_in))
        if self.bias is not None:
            refill(self.bias, bias_bound(fan_in))

    def extra_repr(self) -> str:
        n = self.dimensions
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        for name, usual in (("padding", (0,) * n), ("dilation", (1,) * n), ("output_padding", (0,) * n), ("groups", 1)):
            if getattr(self, name) != usual:
                text += f", {name}={getattr(self, name)}"
        if self.bias is None:
            text += ", bias=False"
        return text if self.padding_mode == "zeros" else f"{text}, padding_mode={self.padding_mode}"


class _Forward(_Conv):
    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1,
        bias: bool = True, padding_mode: str = "zeros", device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        here(device)
        self._options(in_channels, out_channels, kernel_size, stride, padding, 0, dilation, groups, bias, padding_mode, dtype)

    def _around(self) -> tuple[int, ...]:
        """How much padding on each side, last dimension first, as F.pad wants it."""
        if not isinstance(self.padding, str):
            return tuple(p for p in reversed(self.padding) for _ in range(2))
        if self.padding == "valid":
            return (0,) * (2 * self.dimensions)
        totals = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
        return tuple(p for t in reversed(totals) for p in (t // 2, t - t // 2))

    def forward(self, input: Any) -> Any:
        convolve = getattr(functional, f"conv{self.dimensions}d")
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            input, padding = functional.pad(input, self._around(), self.padding_mode), 0
        return convolve(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv1d(_Forward):
    """Convolution over (N, C, L)."""

    dimensions = 1


class Conv2d(_Forward):
    """Convolution over (N, C, H, W)."""

    dimensions = 2


class Conv3d(_Forward):
    """Convolution over (N, C, D, H, W)."""

    dimensions = 3


class _Transposed(_Conv):
    transposed = True

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1,
        bias: bool = True, dilation: Any = 1, padding_mode: str = "zeros", device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        here(device)
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        self._options(in_channels, out_channels, kernel_size, stride, padding, output_padding, dilation, groups, bias, padding_mode, dtype)

    def forward(self, input: Any, output_size: Any = None) -> Any:
        convolve = getattr(functional, f"conv_transpose{self.dimensions}d")
        extra = self.output_padding if output_size is None else self._to_reach(input, output_size)
        return convolve(input, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation)

    def _to_reach(self, input: Any, output_size: Any) -> tuple[int, ...]:
        """The output_padding that gives an output of that size."""
        n = self.dimensions
        before = input.dim() - n
        if len(output_size) == before + n:
            output_size = output_size[before:]
        if len(output_size) != n:
            raise ValueError(
                f"ConvTranspose{n}D: for {input.dim()}D input, output_size must have {n} or {before + n} elements (got {len(output_size)})"
            )
        smallest = [
            (input.shape[before + k] - 1) * self.stride[k] - 2 * int(self.padding[k]) + self.dilation[k] * (self.kernel_size[k] - 1) + 1
            for k in range(n)
        ]
        largest = [low + s - 1 for low, s in zip(smallest, self.stride, strict=True)]
        if any(not low <= size <= high for low, size, high in zip(smallest, output_size, largest, strict=True)):
            raise ValueError(
                f"requested an output size of {output_size}, but valid sizes range from {smallest} to {largest} "
                f"(for an input of {input.shape[2:]})"
            )
        return tuple(size - low for size, low in zip(output_size, smallest, strict=True))


class ConvTranspose1d(_Transposed):
    """The gradient of Conv1d, as a layer."""

    dimensions = 1


class ConvTranspose2d(_Transposed):
    """The gradient of Conv2d, as a layer."""

    dimensions = 2


class ConvTranspose3d(_Transposed):
    """The gradient of Conv3d, as a layer."""

    dimensions = 3


__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]
