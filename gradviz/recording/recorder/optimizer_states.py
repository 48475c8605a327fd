"""What an optimizer keeps for a parameter, momentum buffers and averages: tensors with a number and writes, as all others."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from ..location import VAL

if TYPE_CHECKING:
    from engine.tensor import Tensor

    from .notebook import Notebook

_NOTHING: tuple[int, ...] = ()


class OptimizerStates:
    """The state that steps read and write, and what the script calls the optimizers."""

    def __init__(self) -> None:
        self._names: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
        self.renamed = 0  # how often an optimizer got another name

    def name(self, optimizer: Any, name: str) -> None:
        """The script assigned an optimizer to a variable."""
        if self._names.get(optimizer) != name:
            self._names[optimizer] = name
            self.renamed += 1

    def of_step(
        self, notebook: Notebook, optimizer: Any, param: Tensor, skipped: bool
    ) -> tuple[dict[str, Any], tuple[int, ...], tuple[int, ...]]:
        """The detail of a step, and the refs of the state as it was read and as it is written, in the order of `detail["state"]`."""
        detail: dict[str, Any] = {"skipped": bool(skipped), "optimizer": type(optimizer).__name__}
        kept = None if skipped or not optimizer.keeps_of_each else optimizer.state.get(param)
        if not kept:
            return detail, _NOTHING, _NOTHING
        keys: tuple[str, ...] = ()
        before: list[int] = []
        after: list[int] = []
        for key, held in kept.items():
            if not hasattr(held, "_mark"):
                continue
            mark = held._mark
            if mark is not None:
                before += (mark[0], VAL, mark[2], mark[1])
            after += notebook._ref(held)
            keys += (str(key),)
        if keys:
            detail |= {"name": self._names.get(optimizer, ""), "state": keys}
        return detail, tuple(before), tuple(after)
