"""Transforms of short pieces of a signal: stft and istft (torch.stft, aten/src/ATen/native/SpectralOps.cpp)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...dtypes import float32, float64
from ...errors import type_name
from ...modes import warn
from ...naming.namespace import FUNCTIONAL, TORCH, export
from ...op import apply
from ..indexing.collect import unfold_backward
from .fourier import c2c, c2r, r2c

_PLACE = "(Triggered internally at /__w/pytorch/pytorch/aten/src/ATen/native/SpectralOps.cpp"
_NO_WINDOW = (
    "A window was not provided. A rectangular window will be applied,which is known to cause spectral leakage. Other windows such as "
    "torch.hann_window or torch.hamming_window are recommended to reduce spectral leakage.To suppress this warning and use a rectangular "
    f"window, explicitly set `window=torch.ones(n_fft, device=<device>)`. {_PLACE}:835.)"
)
_NO_WINDOW_BACK = (
    "A window was not provided. A rectangular window will be applied.Please provide the same window used by stft to make the inversion "
    f"lossless.To suppress this warning and use a rectangular window, explicitly set `window=torch.ones(n_fft, device=<device>)`. {_PLACE}:1035.)"
)
_REAL_PAIRS = (
    "stft with return_complex=False is deprecated. In a future pytorch release, stft will return complex tensors for all inputs, and "
    "return_complex=False will raise an error.\nNote: you can still call torch.view_as_real on the complex output to recover the old return "
    f"format. {_PLACE}:874.)"
)
_TOO_SHORT = (
    "The length of signal is shorter than the length parameter. Result is being padded with zeros in the tail. Please check your center and "
    f"hop_length settings. {_PLACE}:1199.)"
)
_MIXED = "Cannot have onesided output if window or input is complex"


def _told(name: str, kind: str, x: Any, window: Any, **options: Any) -> str:
    """The call, as PyTorch's errors say it."""
    given = {k: int(v) if isinstance(v, bool) else v for k, v in options.items()}
    lengths = {k: given.pop(k) for k in ("n_fft", "hop_length", "win_length")}
    shown = None if window is None else f"{type_name(window._data)}{{{list(window._data.shape)}}}"
    parts = {**lengths, "window": shown, **given}
    return f"{name}({kind}{list(x._data.shape)}, {', '.join(f'{k}={v}' for k, v in parts.items())})"


def _kind(x: Any) -> str:
    return f"CPU{x.dtype.scalar_name}Type" if x._data.dtype.kind == "c" else type_name(x._data)


@export("torch method")
def stft(
    input: Any, n_fft: int, hop_length: int | None = None, win_length: int | None = None, window: Any = None, center: bool = True,
    pad_mode: str = "reflect", normalized: bool = False, onesided: bool | None = None, return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Any:  # fmt: skip
    """The frequencies of pieces of a signal: (batch, frequency, piece), complex."""
    if center and align_to_window is not None:
        raise RuntimeError("stft align_to_window should only be set when center = false")
    if center:
        dims = input.dim()
        pad = n_fft // 2
        input = FUNCTIONAL["pad"](input.view(*(1,) * (3 - dims), *input.shape), [pad, pad], pad_mode)
        input = input.view(input.shape[-dims:])
    hop = n_fft // 4 if hop_length is None else hop_length
    width = n_fft if win_length is None else win_length
    if window is None:
        warn(_NO_WINDOW)
    complex_in = input._data.dtype.kind == "c" or (window is not None and window._data.dtype.kind == "c")
    if return_complex is None and not complex_in:
        raise RuntimeError(
            "stft requires the return_complex parameter be given for real inputs, and will further require that return_complex=True in a "
            "future PyTorch release."
        )
    if return_complex is False:
        warn(_REAL_PAIRS)
    call = _told(
        "stft", _kind(input), input, window, n_fft=n_fft, hop_length=hop, win_length=width, normalized=normalized, onesided=onesided,
        return_complex=bool(return_complex), align_to_window=align_to_window,
    )  # fmt: skip
    if input._data.dtype.kind not in "fcV":
        raise RuntimeError(f"{call} : expected a tensor of floating point or complex values")
    if input.dim() not in (1, 2):
        raise RuntimeError(f"{call} : expected a 1D or 2D tensor")
    x = input.unsqueeze(0) if input.dim() == 1 else input
    length = x._data.shape[1]
    if not 0 < n_fft <= length:
        raise RuntimeError(f"{call} : expected 0 < n_fft < {length}, but got n_fft={n_fft}")
    if hop <= 0:
        raise RuntimeError(f"{call} : expected hop_length > 0, but got hop_length={hop}")
    if not 0 < width <= n_fft:
        raise RuntimeError(f"{call} : expected 0 < win_length <= n_fft, but got win_length={width}")
    if window is not None and window._data.shape != (width,):
        raise RuntimeError(
            f"{call} : expected a 1D window tensor of size equal to win_length={width}, but got window with size {list(window._data.shape)}"
        )
    if onesided and complex_in:
        raise RuntimeError(_MIXED)
    pieces = _cut(x, n_fft, hop, width, not center and bool(align_to_window))
    weights = _weights(window, n_fft, width, x)
    if weights is not None:
        pieces = pieces.mul(weights)
    if pieces.dtype.name == "float16":
        raise RuntimeError("MKL FFT doesn't support tensors of type: Half")
    scale = 1 / math.sqrt(n_fft) if normalized else 1.0
    if complex_in:
        out = apply(c2c, (pieces,), {"dims": (2,), "scale": scale, "forward": True})
    else:
        out = apply(r2c, (pieces,), {"dims": (2,), "scale": scale, "onesided": onesided is not False, "n": n_fft})
    out = out.transpose_(1, 2)
    if input.dim() == 1:
        out = out.squeeze_(0)
    return out if return_complex or return_complex is None else TORCH["view_as_real"](out)


def _cut(x: Any, n_fft: int, hop: int, width: int, to_window: bool) -> Any:
    """(batch, piece, place): windows that lie in one memory."""
    batch, length = x._data.shape
    strides = [step // x._data.itemsize for step in x._data.strides]
    if to_window:  # only the window has to fit
        left = (n_fft - width) // 2
        x = FUNCTIONAL["pad"](x, [left, n_fft - width - left])
        length += n_fft - width
        strides = [step // x._data.itemsize for step in x._data.strides]
    return x.as_strided((batch, 1 + (length - n_fft) // hop, n_fft), (strides[0], hop * strides[1], strides[1]))


def _weights(window: Any, n_fft: int, width: int, like: Any) -> Any:
    """The window in the middle of zeros, None where it is ones all through."""
    if width == n_fft:
        return window
    left = (n_fft - width) // 2
    whole = TORCH["zeros"](n_fft, dtype=like.dtype if window is None else window.dtype)
    middle = whole.narrow(0, left, width)
    if window is None:
        middle.fill_(1)
    else:
        middle.copy_(window)
    return whole


@export("torch method")
def istft(
    input: Any, n_fft: int, hop_length: int | None = None, win_length: int | None = None, window: Any = None, center: bool = True,
    normalized: bool = False, onesided: bool | None = None, length: int | None = None, return_complex: bool = False,
) -> Any:  # fmt: skip
    """The signal again: pieces are transformed back, added where they overlap, and divided by what the windows add up to."""
    hop = n_fft // 4 if hop_length is None else hop_length
    width = n_fft if win_length is None else win_length
    if window is None:
        warn(_NO_WINDOW_BACK)
    if input._data.dtype.kind != "c":
        raise RuntimeError("istft requires a complex-valued input tensor matching the output from stft with return_complex=True.")
    call = _told(
        "istft", _kind(input), input, window, n_fft=n_fft, hop_length=hop, win_length=width, center=center, normalized=normalized,
        onesided=onesided, length=length, return_complex=return_complex,
    )  # fmt: skip
    if not input._data.size:
        raise RuntimeError(f"{call} : input tensor cannot be empty.")
    dims = input.dim() + 1  # PyTorch counts the pairs of real numbers
    if dims not in (3, 4):
        raise RuntimeError(f"{call} : expected a tensor with 3 or 4 dimensions, but got {dims}")
    count = input._data.shape[-2]
    half = count != n_fft if onesided is None else onesided
    if half and count != n_fft // 2 + 1:
        raise RuntimeError(
            f"{call} : expected the frequency dimension (3rd to the last) of the input tensor to match n_fft / 2 + 1 when onesided=True, but "
            f"got {count}"
        )
    if not half and count != n_fft:
        raise RuntimeError(
            f"{call} : expected the frequency dimension (3rd to the last) of the input tensor to match n_fft when onesided=False, but got {count}"
        )
    if not 0 < hop <= width:
        raise RuntimeError(f"{call} : expected 0 < hop_length <= win_length")
    if not 0 < width <= n_fft:
        raise RuntimeError(f"{call} : expected 0 < win_length <= n_fft")
    if window is not None and window._data.shape != (width,):
        raise RuntimeError(f"{call} : Invalid window shape. window has to be 1D and length of `win_length`")
    if return_complex and half:
        raise RuntimeError(_MIXED)
    if not return_complex and window is not None and window._data.dtype.kind == "c":
        raise RuntimeError("Complex windows are incompatible with return_complex=False")
    weights = TORCH["ones"](width, dtype=_real_part(input)) if window is None else window
    if width != n_fft:
        left = (n_fft - width) // 2
        weights = FUNCTIONAL["pad"](weights, [left, n_fft - width - left])
    pieces = _pieces(input, n_fft, half, normalized, return_complex)
    return _put_together(call, pieces, weights, n_fft, hop, center, length, dims == 3)


def _real_part(x: Any) -> Any:
    return float64 if x._data.dtype == np.complex128 else float32


def _pieces(x: Any, n_fft: int, half: bool, normalized: bool, stay_complex: bool) -> Any:
    """(batch, piece, place): each piece transformed back."""
    pairs = TORCH["view_as_real"](x)
    if pairs.dim() == 3:
        pairs = pairs.unsqueeze(0)
    parts = TORCH["view_as_complex"](pairs.transpose(1, 2))
    scale = 1 / math.sqrt(n_fft) if normalized else 1 / n_fft
    if stay_complex:
        return apply(c2c, (parts,), {"dims": (2,), "scale": scale, "forward": False})
    if not half:
        parts = parts.narrow(2, 0, n_fft // 2 + 1)
    return apply(c2r, (parts,), {"dims": (2,), "scale": scale, "n": n_fft})


def _put_together(call: str, pieces: Any, weights: Any, n_fft: int, hop: int, center: bool, length: int | None, alone: bool) -> Any:
    frames = pieces._data.shape[1]
    expected = n_fft + hop * (frames - 1)
    laid = {"dim": 1, "size": n_fft, "step": hop}
    weighted = pieces * weights.view(1, 1, n_fft)
    signal = apply(unfold_backward, (weighted,), {"shape": (weighted._data.shape[0], expected), **laid})
    squares = weights.pow(2).expand(1, frames, n_fft)
    envelope = apply(unfold_backward, (squares,), {"shape": (1, expected), **laid})
    start = n_fft // 2 if center else 0
    end = start + length if length is not None else expected - n_fft // 2 if center else expected
    signal, envelope = signal[:, start:end], envelope[:, start:end]
    if not np.abs(envelope._data).min() > 1e-11:
        raise RuntimeError(f"{call} window overlap add min: 1\n[ CPUBoolType{{}} ]")
    signal = signal / envelope
    if alone:
        signal = signal.squeeze(0)
    if end > expected:
        warn(_TOO_SHORT)
        signal = FUNCTIONAL["pad"](signal, [0, end - expected])
    return signal


__all__ = ["istft", "stft"]
