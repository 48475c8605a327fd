"""Plan: a step of training that ran once, replayed as numpy calls on memory that is taken once.

This is what plays thousands of epochs and what a slider drags. A plan gives the engine's own bits or is not
made: `Plan.of` traces one step, runs the next one beside a replay, and compares. The step's Python code does
not run in a replay: a step that looks at numbers, draws random ones, makes leaves or writes to tensors has no
plan, and what else it does (counting, printing plain text) must not matter.

    plan = Plan.of(step)            # three ordinary steps; None where the step cannot be replayed
    if plan is None or not plan.run(1000):
        ...                         # as ever: step()
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .. import events, modes, random
from ..environment import get_num_threads
from ..tensor import Tensor
from .merging import merged
from .tape import memory_of
from .tracer import Tracer, same_bits

Array = np.ndarray[Any, Any]


class Plan:
    """A step that can be replayed.

    Attributes:
        calls: how many numpy calls (and functions noted as one) a turn has.
    """

    def __init__(self, tracer: Tracer, returned: Any) -> None:
        self._tracer = tracer
        self._returned = returned
        self._results = [tracer.symbol_of(t).array for t in _tensors(returned)]
        self._options = _options(tracer)
        grown = (a for _, a in tracer.grown.values())
        kept = [*tracer.gradients(), *grown, *self._results, *(s.array for s in tracer.roots), *(a for _, a in tracer.guards.values())]
        tracer.tape.calls = merged(tracer.tape.calls, set(map(memory_of, kept)))
        self._run = tracer.tape.runner(kept, get_num_threads())
        self.calls = len(tracer.tape.calls)

    @staticmethod
    def of(step: Callable[[], Any]) -> Plan | None:
        """Run `step` three times, and make its plan; None where a replay would not give the same bits.

        The first time is for what only a first step does: gradients and optimizer states that are not there yet.

        Args:
            step: computes, goes backward, moves an optimizer; what it returns (a tensor, or a tuple of them) is what
                `run` returns.
        """
        step()
        if events.watcher is not None or events.intervention is not None or not modes.grad:
            step()
            step()
            return None
        first, returned = _traced(step)
        if first.problem:
            step()
            return None
        plan = Plan(first, returned)
        before = plan._snapshot()
        plan._run(1)
        replayed = [a.copy() for a in plan._outcome()]
        plan._restore(before)
        second, again = _traced(step)
        wanted = [*(t._data for t in _tensors(again)), *(p._data for p in first.moved.values()), *_gradients(second)]
        same = len(wanted) == len(replayed) and all(map(same_bits, wanted, replayed))
        return plan if same and not second.problem and first.signature == second.signature else None

    def run(self, turns: int = 1) -> Any:
        """Replay so many steps; returns what the step returns, or True. False (and nothing done): the world changed.

        Hot path: the playing of epochs and a dragged slider (benchmark rows `engine/W1 plan` to `engine/W7 plan`).
        """
        tracer = self._tracer
        for tensor, array in tracer.guards.values():
            if tensor._data is not array:
                return False
        for leaf, array in tracer.grown.values():
            if leaf._grad is None or leaf._grad._data is not array:
                return False
        if self._options != _options(tracer) or events.watcher is not None:
            return False
        self._run(turns)
        for leaf, symbol in tracer.grads.values():
            leaf._grad = None if symbol is None else Tensor._of(symbol.array.copy())
        for tensor in tracer.moved.values():
            tensor._storage.version += turns
        if not self._results:
            return True
        made = tuple(Tensor._of(a.copy()) for a in self._results)
        return made[0] if isinstance(self._returned, Tensor) else made

    def _outcome(self) -> list[Array]:
        tracer = self._tracer
        return [*self._results, *(p._data for p in tracer.moved.values()), *tracer.gradients(), *(a for _, a in tracer.grown.values())]

    def _snapshot(self) -> list[Any]:
        tracer = self._tracer
        arrays = [a for _, a in (*tracer.guards.values(), *tracer.grown.values())]
        leaves = [leaf for leaf, _ in tracer.grads.values()]
        return [
            [(a, a.copy()) for a in arrays],
            [(leaf, leaf._grad) for leaf in leaves],
            [(o, {p: copy.deepcopy(s) for p, s in o.state.items()}) for o in tracer.optimizers.values()],
            [(t, t._storage.version) for t in tracer.moved.values()],
        ]

    def _restore(self, before: list[Any]) -> None:
        arrays, grads, states, versions = before
        for array, values in arrays:
            np.copyto(array, values)
        for leaf, grad in grads:
            leaf._grad = grad
        for optimizer, state in states:
            optimizer.state.clear()
            optimizer.state.update(state)
        for tensor, version in versions:
            tensor._storage.version = version


_READS = ("item", "tolist", "numpy", "__bool__", "__float__", "__int__", "__index__", "__array__", "__repr__", "__format__")


@contextmanager
def _reads_told(tracer: Tracer) -> Iterator[None]:
    """A number that Python looks at may decide, or be kept: what the step does with it no replay would do."""

    def noting(read: Callable[..., Any]) -> Callable[..., Any]:
        def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
            tracer.problem = tracer.problem or "Python looked at numbers"
            return read(self, *args, **kwargs)

        return method

    own = {name: getattr(Tensor, name) for name in _READS}
    try:
        for name, read in own.items():
            setattr(Tensor, name, noting(read))
        yield
    finally:
        for name, read in own.items():
            setattr(Tensor, name, read)


def _traced(step: Callable[[], Any]) -> tuple[Tracer, Any]:
    tracer = Tracer()
    stream = random.get_rng_state()._data.tobytes()
    with events.watch(tracer), _reads_told(tracer):
        returned = step()
    if stream != random.get_rng_state()._data.tobytes():
        tracer.problem = tracer.problem or "random numbers were drawn"
    return tracer, returned


def _tensors(returned: Any) -> list[Tensor]:
    if isinstance(returned, Tensor):
        return [returned]
    return [t for t in returned if isinstance(t, Tensor)] if isinstance(returned, tuple) else []


def _gradients(tracer: Tracer) -> list[Array]:
    kept = [leaf._grad._data for leaf, s in tracer.grads.values() if s is not None and leaf._grad is not None]
    return [*kept, *(a for _, a in tracer.grown.values())]


def _options(tracer: Tracer) -> list[Any]:
    """The settings of the optimizers, which a scheduler or the user may change."""
    return [{k: v for k, v in g.items() if k != "params"} for o in tracer.optimizers.values() for g in o.param_groups]


__all__ = ["Plan"]
