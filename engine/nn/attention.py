"""torch.nn.attention: which kernels scaled_dot_product_attention may use, and causal masks that know where they are aligned.

It has a name of its own here, because `attention.py` is about the layer.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum, auto
from typing import Any, Self

import numpy as np

from ..ops.layers import attention
from ..tensor import Tensor


class SDPBackend(IntEnum):
    """The kernels of PyTorch: on the CPU there are MATH and FLASH_ATTENTION."""

    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4

    def __str__(self) -> str:
        return f"SDPBackend.{self.name}"


@contextmanager
def sdpa_kernel(backends: Any, set_priority: bool = False) -> Iterator[dict[str, Any]]:
    """A block in which attention is computed by these kernels alone."""
    if not isinstance(backends, (list, SDPBackend)):
        raise AssertionError(f"Backend must be an instance of SDPBackend or a list of SDPBackend instances, got {type(backends).__name__}")
    before = set(attention.kernels)
    attention.kernels.clear()
    attention.kernels.update(b.name for b in ([backends] if isinstance(backends, SDPBackend) else backends))
    try:
        yield {}
    finally:
        attention.kernels.clear()
        attention.kernels.update(before)


class CausalVariant(IntEnum):
    """Which corner of the scores a causal mask is aligned with."""

    UPPER_LEFT = auto()
    LOWER_RIGHT = auto()


class CausalBias(Tensor):
    """A causal mask for more keys than queries."""

    variant: CausalVariant

    def __new__(cls, variant: CausalVariant, seq_len_q: int, seq_len_kv: int) -> Self:
        if not isinstance(variant, CausalVariant):
            raise AssertionError(f"variant must be a CausalVariant, got {type(variant).__name__}")
        made = object.__new__(cls)
        offset = seq_len_kv - seq_len_q if variant is CausalVariant.LOWER_RIGHT else 0
        made._hold(np.tri(seq_len_q, seq_len_kv, offset, dtype=bool))
        made.variant, made.seq_len_q, made.seq_len_kv = variant, seq_len_q, seq_len_kv  # type: ignore[attr-defined]
        if offset < 0:
            warnings.warn("Lower right causal bias will produce NaNs in the output when seq_len_q > seq_len_kv!", stacklevel=3)
        return made

    def __repr__(self) -> str:
        return repr(Tensor._of(self._data))


def causal_upper_left(*size: int) -> CausalBias:
    """The mask that `is_causal` means."""
    if len(size) != 2:
        raise AssertionError("causal_upper_left only supports 2D tensors")
    return CausalBias(CausalVariant.UPPER_LEFT, *size)


def causal_lower_right(*size: int) -> CausalBias:
    """The mask whose last query sees all keys."""
    if len(size) != 2:
        raise AssertionError("causal_lower_right only supports 2D tensors")
    return CausalBias(CausalVariant.LOWER_RIGHT, *size)


ATTENTION = {"SDPBackend": SDPBackend, "sdpa_kernel": sdpa_kernel, "WARN_FOR_UNFUSED_KERNELS": False}
BIAS = {
    "CausalBias": CausalBias, "CausalVariant": CausalVariant, "causal_lower_right": causal_lower_right, "causal_upper_left": causal_upper_left,
}  # fmt: skip
SDPBackend.__module__ = "torch.nn.attention"
CausalBias.__module__ = CausalVariant.__module__ = "torch.nn.attention.bias"

__all__ = ["ATTENTION", "BIAS", "CausalBias", "CausalVariant", "SDPBackend", "causal_lower_right", "causal_upper_left", "sdpa_kernel"]
