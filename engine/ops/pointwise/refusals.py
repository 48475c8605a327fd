"""What PyTorch's elementwise kernels refuse by dtype, in its words: checks that rows name and `apply` asks.

They see the arrays and numbers of a call before dtypes meet; float32 and float64 pass by without being asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import dtypes, errors

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


def alpha(number: Any, x: Any, y: Any) -> None:
    """What add and sub refuse to scale by (alpha_check in ATen/native/BinaryOps.h); x and y are tensors or numbers."""
    common = dtypes.result_type(tuple(getattr(operand, "_data", operand) for operand in (x, y)))
    if isinstance(number, (bool, np.bool_)) and common.category > 0:
        raise RuntimeError("Boolean alpha only supported for Boolean results.")
    if isinstance(number, complex) and common.category < 3:
        raise RuntimeError("For non-complex input tensors, argument alpha must not be a complex number.")
    if isinstance(number, (float, np.floating)) and common.category < 2:
        raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")


def whole_quotient(x: Any, a: Any, b: Any) -> None:
    """addcdiv, which once rounded the quotient of whole numbers."""
    if a.dtype.kind in "biu" and b.dtype.kind in "biu":
        raise RuntimeError(
            "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of tensor1 and "
            "tensor2. The historic addcdiv behavior can be implemented as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for "
            "integer inputs and as (input + value * tensor1 / tensor2) for float inputs. The future addcdiv behavior is just the latter "
            "implementation: (input + value * tensor1 / tensor2), for all dtypes."
        )


def _must_broadcast(*operands: Any) -> None:
    shapes = [x.shape for x in operands if isinstance(x, np.ndarray)]
    if len(shapes) == 2:
        told = errors.cannot_broadcast(*shapes)
        if told is not None:
            raise told


def whole_only(kernel: str, bools: bool = True) -> Check:
    """Kernels of whole numbers, and of bools: the bitwise ops; shifts, which have none for bools."""

    def check(*operands: Any) -> None:
        common = dtypes.result_type(operands)
        if common.category > 1 or (common.category == 0 and not bools):
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
