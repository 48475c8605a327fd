"""torch.utils."""

from typing import Any

from . import checkpoint, data


def swap_tensors(t1: Any, t2: Any) -> None:
    """What two tensors are, exchanged: whoever holds one of them holds the other's numbers, class and attributes from now on."""
    for tensor in (t1, t2):  # gradients come to the tensor that is asked for them from now on
        tensor.__dict__.pop("_accumulator", None)
    t1.__class__, t2.__class__ = t2.__class__, t1.__class__
    t1.__dict__, t2.__dict__ = t2.__dict__, t1.__dict__


__all__ = ["checkpoint", "data", "swap_tensors"]
