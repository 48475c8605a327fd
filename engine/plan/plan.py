"""Plan: a step of training that ran once, replayed as numpy calls on memory that is taken once.

This is what plays thousands of epochs and what a slider drags. A plan gives the engine's own bits or is not
made: `Plan.of` traces one step, runs the next one beside a replay, and compares. The step's Python code does
not run in a replay: a step that looks at numbers or makes leaves that require grad has no plan, and what else
it does (counting, printing plain text) must not matter.

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
from .proof import same_bits
from .tape import memory_of
from .tracer import Tracer

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
    def of(step: Callable[[], Any], changing: bool = False) -> Plan | None:
        """Run `step` three times, and make its plan; None where a replay would not give the same bits.

        The first time is for what only a first step does: gradients and optimizer states that are not there yet.

        Args:
            step: computes, goes backward, moves an optimizer; what it returns (a tensor, or a tuple of them) is what
                `run` returns.
            changing: whether the settings of its optimizers differ from turn to turn (a scheduler moves the rate).
        """
        step()
        if events.watcher is not None or events.intervention is not None or not modes.grad:
            step()
            step()
            return None
        first, returned = _traced(step, changing)
        if first.problem:
            step()
            return None
        plan = Plan(first, returned)
        before = plan._snapshot()
        plan._run(1)
        replayed, streams = [a.copy() for a in plan._outcome()], _streams(first)
        plan._restore(before)
        second, again = _traced(step, changing)
        wanted = [*(t._data for t in _tensors(again)), *(p._data for p in first.moved.values()), *_gradients(second)]
        same = len(wanted) == len(replayed) and all(map(same_bits, wanted, replayed)) and streams == _streams(second)
        # tensors that the step makes anew without telling are no older ones, as which the tape reads them
        same = same and first.guards.keys() == second.guards.keys() and not second.problem
        return plan if same and first.signature == second.signature else None

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
        for storage, writes in tracer.versions.values():
            storage.version += turns * writes
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
            [(a, a.copy()) for a in arrays if a.flags.writeable],
            [(leaf, leaf._grad) for leaf in leaves],
            [(o, {p: copy.deepcopy(s) for p, s in o.state.items()}) for o in tracer.optimizers.values()],
            [(t._storage, t._storage.version) for t in (*tracer.moved.values(), *(t for t, _ in tracer.guards.values()))],
            [(g, g.get_state()) for g in tracer.generators.values()],
        ]

    def _restore(self, before: list[Any]) -> None:
        arrays, grads, states, versions, streams = before
        for array, values in arrays:
            np.copyto(array, values)
        for leaf, grad in grads:
            leaf._grad = grad
        for optimizer, state in states:
            optimizer.state.clear()
            optimizer.state.update(state)
        for storage, version in versions:
            storage.version = version
        for generator, state in streams:
            generator.set_state(state)


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


def _traced(step: Callable[[], Any], changing: bool) -> tuple[Tracer, Any]:
    tracer = Tracer(changing)
    stream = random.get_rng_state()._data.tobytes()
    with events.watch(tracer), _reads_told(tracer):
        events.computes = tracer.computes
        try:
            returned = step()
        finally:
            events.computes = None
    if stream != random.get_rng_state()._data.tobytes() and id(random.default_generator) not in tracer.generators:
        tracer.problem = tracer.problem or "random numbers were drawn"
    return tracer, returned


def _streams(tracer: Tracer) -> dict[int, bytes]:
    """Where the streams of random numbers stand."""
    return {key: g.get_state()._data.tobytes() for key, g in tracer.generators.items()}


def _tensors(returned: Any) -> list[Tensor]:
    if isinstance(returned, Tensor):
        return [returned]
    return [t for t in returned if isinstance(t, Tensor)] if isinstance(returned, tuple) else []


def _gradients(tracer: Tracer) -> list[Array]:
    kept = [leaf._grad._data for leaf, s in tracer.grads.values() if s is not None and leaf._grad is not None]
    return [*kept, *(a for _, a in tracer.grown.values())]


def _options(tracer: Tracer) -> list[Any]:
    """The settings of the optimizers, which a scheduler or the user may change: of steps that look at them each time how many there are."""
    if tracer.changing:
        return [len(o.param_groups) for o in tracer.optimizers.values()]
    return [{k: v for k, v in g.items() if k != "params"} for o in tracer.optimizers.values() for g in o.param_groups]


__all__ = ["Plan"]
