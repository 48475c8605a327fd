"""What PyTorch's elementwise kernels refuse by dtype, in its words: checks that rows name and `apply` asks.

They see the arrays and numbers of a call before dtypes meet; float32 and float64 pass by without being asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes, errors

Check = Callable[..., None]
_MASK = "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."


def _is_bool(x: Any) -> bool:
    return x.dtype.kind == "b" if isinstance(x, np.ndarray) else isinstance(x, bool)


def no_bools(x: Any, y: Any) -> None:
    """sub and rsub (sub_check in ATen/native/BinaryOps.h)."""
    if _is_bool(x) and _is_bool(y):
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead."
        )
    if _is_bool(x) or _is_bool(y):
        raise RuntimeError(f"Subtraction, the `-` operator, with a bool tensor is not supported. {_MASK}")


def _must_broadcast(*operands: Any) -> None:
    shapes = [x.shape for x in operands if isinstance(x, np.ndarray)]
    if len(shapes) == 2:
        told = errors.cannot_broadcast(*shapes)
        if told is not None:
            raise told


def whole_only(kernel: str) -> Check:
    """Kernels of whole numbers and bools: the bitwise ops, shifts."""

    def check(*operands: Any) -> None:
        common = dtypes.result_type(operands)
        if common.category > 1:
            _must_broadcast(*operands)
            raise NotImplementedError(f"\"{kernel}\" not implemented for '{common.scalar_name}'")

    return check


def not_for_bool(kernel: str) -> Check:
    """Kernels of one operand that have no version for bool."""

    def check(x: Any) -> None:
        if _is_bool(x):
            raise NotImplementedError(f"\"{kernel}\" not implemented for 'Bool'")

    return check


def not_whole(kernel: str, complex_too: bool = False) -> Check:
    """Kernels without a version for whole numbers and bools, most of them also for complex numbers."""

    def check(*operands: Any) -> None:
        common = dtypes.result_type(operands)
        if common.category < 2 or (common.category > 2 and not complex_too):
            _must_broadcast(*operands)
            raise NotImplementedError(f"\"{kernel}\" not implemented for '{common.scalar_name}'")

    return check


def no_zero_divisor(x: Any, y: Any) -> None:
    """Division of whole numbers: C++ would stop at a zero."""
    if dtypes.result_type((x, y)).category < 2 and np.size(x) and not np.all(y):
        _must_broadcast(x, y)
        raise RuntimeError("ZeroDivisionError")


def relu_operand(x: Any) -> None:
    """relu has a check of its own."""
    if _is_bool(x):
        raise RuntimeError("Boolean inputs not supported for relu")
