"""float_power: the power in the widest dtype, whatever the operands are."""

from __future__ import annotations

from typing import Any

from ...dtypes import complex128, float64
from ...naming.namespace import export
from ...naming.rows import into
from ...tensor import Tensor


def _wide(*operands: Any) -> Any:
    """The dtype of the power of operands: numbers and tensors."""
    return complex128 if any(v.is_complex() if isinstance(v, Tensor) else isinstance(v, complex) for v in operands) else float64


@export("torch method")
def float_power(input: Any, exponent: Any, *, out: Any = None) -> Any:
    """The power in float64, or in complex128."""
    wide = _wide(input, exponent)
    base, power = (v.to(wide) if isinstance(v, Tensor) else wide.numpy.type(v).item() for v in (input, exponent))
    return into(out, base**power, "float_power")


@export("method", "float_power_")
def float_power_write(self: Any, exponent: Any) -> Any:
    """In place; only a tensor of the wide type can take the result."""
    wide = _wide(self, exponent)
    if self.dtype is not wide:
        raise RuntimeError(
            f"the base given to float_power_ has dtype {self.dtype.scalar_name} but the operation's result requires dtype {wide.scalar_name}"
        )
    return self.pow_(exponent.to(wide) if isinstance(exponent, Tensor) else wide.numpy.type(exponent).item())
