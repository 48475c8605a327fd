"""Layers that move numbers without computing: Flatten, Unflatten, Fold, Unfold, shuffles, Upsample (torch.nn)."""

from __future__ import annotations

from typing import Any

from .. import functional
from .layer import REQUIRED, RowLayer, layer
from .module import Module


class Flatten(Module):
    """Dimensions start_dim to end_dim become one."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Any) -> Any:
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """One dimension becomes several."""

    def __init__(self, dim: int | str, unflattened_size: Any) -> None:
        super().__init__()
        if not isinstance(dim, (int, str)):
            raise TypeError("invalid argument type for dim parameter")
        if not isinstance(unflattened_size, (tuple, list)) or not all(isinstance(n, int) for n in unflattened_size):
            raise TypeError(f"unflattened_size must be a tuple of ints, but found type {type(unflattened_size).__name__}")
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, input: Any) -> Any:
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class _Upsample(RowLayer):
    def completed(self) -> None:
        factor = self.scale_factor
        self.scale_factor = tuple(float(f) for f in factor) if isinstance(factor, tuple) else float(factor) if factor else None

    def compute(self, *inputs: Any) -> Any:
        return functional.interpolate(inputs[0], self.size, self.scale_factor, self.mode, self.align_corners)

    def extra_repr(self) -> str:
        size = f"scale_factor={self.scale_factor!r}" if self.scale_factor is not None else f"size={self.size!r}"
        return f"{size}, mode={self.mode!r}"


class _Upsampling(_Upsample):
    def completed(self) -> None:
        super().completed()
        nearest = type(self).__name__ == "UpsamplingNearest2d"
        self.mode, self.align_corners = ("nearest", None) if nearest else ("bilinear", True)


_WINDOW: dict[str, Any] = {"kernel_size": REQUIRED, "dilation": 1, "padding": 0, "stride": 1}
_WINDOW_TEXT = "kernel_size={kernel_size}, dilation={dilation}, padding={padding}, stride={stride}"
_SIZE: dict[str, Any] = {"size": None, "scale_factor": None}

Unfold = layer(__name__, "Unfold", "unfold", "Sliding windows as columns (im2col).", _WINDOW, shows=_WINDOW_TEXT)
Fold = layer(
    __name__, "Fold", "fold", "Columns of windows added back into an image (col2im).", {"output_size": REQUIRED, **_WINDOW},
    shows="output_size={output_size}, " + _WINDOW_TEXT,
)  # fmt: skip
PixelShuffle = layer(
    __name__,
    "PixelShuffle",
    "pixel_shuffle",
    "Channels become finer pixels.",
    {"upscale_factor": REQUIRED},
    shows="upscale_factor={upscale_factor}",
)
PixelUnshuffle = layer(
    __name__,
    "PixelUnshuffle",
    "pixel_unshuffle",
    "Finer pixels become channels.",
    {"downscale_factor": REQUIRED},
    shows="downscale_factor={downscale_factor}",
)
ChannelShuffle = layer(
    __name__, "ChannelShuffle", "channel_shuffle", "Interleaves groups of channels.", {"groups": REQUIRED}, shows="groups={groups}"
)
Upsample = layer(
    __name__, "Upsample", "interpolate", "A finer or coarser grid.",
    {**_SIZE, "mode": "nearest", "align_corners": None, "recompute_scale_factor": None}, base=_Upsample,
)  # fmt: skip
UpsamplingNearest2d = layer(__name__, "UpsamplingNearest2d", "interpolate", "Upsample by repetition.", _SIZE, base=_Upsampling)
UpsamplingBilinear2d = layer(__name__, "UpsamplingBilinear2d", "interpolate", "Upsample along straight lines.", _SIZE, base=_Upsampling)

__all__ = [
    "ChannelShuffle", "Flatten", "Fold", "PixelShuffle", "PixelUnshuffle", "Unflatten", "Unfold", "Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d",
]  # fmt: skip
