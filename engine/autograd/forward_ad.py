"""torch.autograd.forward_ad: derivatives along a direction, by dual tensors.

A dual tensor is a place to differentiate by that knows its direction. The engine has one mode: the tangent of a result is asked for
when the script unpacks it, and comes from two backward passes, as `torch.func.jvp` has it. The numbers are PyTorch's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from .. import modes
from ..tensor import Tensor


class Level:
    """The dual tensors that were made since a dual level was entered, each with its tangent."""

    def __init__(self) -> None:
        self.duals: list[Tensor] = []
        self.tangents: list[Any] = []
        self._pushed: list[Any] = []  # tangents of results, as they were asked for

    def dual(self, primal: Any, tangent: Any) -> Tensor:
        """The numbers of `primal` as a place to differentiate by."""
        with modes.enable_grad():
            made: Tensor = primal.view_as(primal) if primal.requires_grad else primal.detach().requires_grad_()
        self.duals.append(made)
        self.tangents.append(tangent)
        return made

    def tangent(self, tensor: Tensor) -> Any:
        """The tangent of a tensor; None where no dual tensor leads to it."""
        from ..func.transforms import depends, push

        for dual, tangent in zip(self.duals, self.tangents, strict=True):
            if dual is tensor:
                return tangent
        if any(given is tensor for given in (*self.tangents, *self._pushed)):
            return None  # a tangent has none, also where it was computed from a dual tensor that requires grad
        mine = [k for k, dual in enumerate(self.duals) if depends(tensor, dual)]
        if not mine:
            return None
        pushed = push(tensor, [self.duals[k] for k in mine], [self.tangents[k] for k in mine])
        self._pushed.append(pushed)
        return pushed

    def primal(self, tensor: Tensor) -> Tensor:
        """The tensor without what the level has put below it."""
        from ..func.transforms import settled

        return tensor.detach() if tensor._node is None else settled(tensor, self.duals)  # type: ignore[attr-defined]


class UnpackedDualTensor(NamedTuple):
    """What a dual tensor holds; the tangent is None for any other tensor."""

    primal: Any
    tangent: Any


def _check(level: int | None) -> None:
    if (level is not None and level < 0) or not modes.dual_levels:
        raise RuntimeError("Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first.")


def enter_dual_level() -> int:
    """From now on tensors can have tangents."""
    if modes.dual_levels:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    modes.dual_levels.append(Level())
    return len(modes.dual_levels) - 1


def exit_dual_level(*, level: int | None = None) -> None:
    """Forget the tangents of the last level."""
    if level is not None and level != len(modes.dual_levels) - 1:
        raise RuntimeError("Trying to exit a forward AD level that was not the last one that was created. This is not supported.")
    for dual in modes.dual_levels.pop().duals:
        if dual._node is None:
            dual._requires_grad = False


def make_dual(tensor: Any, tangent: Any, *, level: int | None = None) -> Tensor:
    """A tensor with a tangent: derivatives of what is computed from it are along that direction."""
    _check(level)
    if not (tensor.is_floating_point() or tensor.is_complex()):
        raise ValueError(f"Expected primal to be floating point or complex, but got: {tensor.dtype}")
    if not (tangent.is_floating_point() or tangent.is_complex()):
        raise ValueError(f"Expected tangent to be floating point or complex, but got: {tangent.dtype}")
    if tensor.shape != tangent.shape:
        raise RuntimeError(
            f"Trying to set a forward gradient that has a different size than that of the original Tensor, this is not supported. Tensor "
            f"is of size {list(tensor.shape)} while the given forward gradient is of size {list(tangent.shape)}."
        )
    return modes.dual_levels[-1].dual(tensor, tangent)  # type: ignore[no-any-return]


def unpack_dual(tensor: Any, *, level: int | None = None) -> UnpackedDualTensor:
    """The tensor and its tangent apart."""
    if not modes.dual_levels:
        return UnpackedDualTensor(tensor, None)
    held: Level = modes.dual_levels[-1]
    tangent = held.tangent(tensor)
    return UnpackedDualTensor(tensor if tangent is None else held.primal(tensor), tangent)


class dual_level:  # noqa: N801 - PyTorch's name
    """A dual level as a block."""

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *_: object) -> None:
        exit_dual_level()


def own_rule(function: Any, args: Iterable[Any], results: Any) -> Any:
    """The results of a custom Function with the tangents that its `jvp` gives; as they are where no input has one."""
    held: Level = modes.dual_levels[-1]
    tangents = [held.tangent(a) if isinstance(a, Tensor) else None for a in args]
    if all(t is None for t in tangents):
        return results
    many = isinstance(results, tuple)
    outputs = results if many else (results,)
    node = next(o._node for o in outputs if isinstance(o, Tensor) and o._node is not None)
    from ..func.transforms import settled

    given = function.jvp(node.ctx, *tangents)
    pushed = [settled(t, held.duals) for t in (given if isinstance(given, tuple) else (given,))]
    made = tuple(o if t is None else held.dual(o.detach(), t) for o, t in zip(outputs, pushed, strict=True))
    return made if many else made[0]


__all__ = ["UnpackedDualTensor", "dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"]
