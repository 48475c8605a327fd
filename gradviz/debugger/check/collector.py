"""Between the engine and the recorder while a script runs: notes one call of each node, to be checked when the run is over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.autograd.function import Function
from engine.op import Op, apply
from engine.tensor import Tensor

from .case import Case
from .verdict import SKIPPED, NodeCheck, to_plain

if TYPE_CHECKING:
    from ...recording.recorder.recorder import Recorder

MOST_NUMBERS = 1 << 16  # of one call; a larger one is not checked
MOST_KEPT = 1 << 23  # numbers kept in all
SECONDS = 20.0  # for all checks


def _symmetric(x: Any, _params: dict[str, Any]) -> Any:
    return (x + x.mT) / 2


def _triangular(x: Any, params: dict[str, Any]) -> Any:
    return x.triu() if params.get("upper") else x.tril()


# Ops that look at one half of a matrix, and whose backward speaks of matrices that stay symmetric or triangular: these are moved so.
_HALVES = {
    "linalg_eigh": (0, _symmetric),
    "linalg_cholesky_ex": (0, _symmetric),
    "cholesky_solve": (1, _triangular),
    "cholesky_inverse": (0, _triangular),
}


class Collector:
    """A watcher that passes everything on, and keeps the first call of each differentiable node."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        recorder.follows = False  # each event is looked at
        self._cases: dict[int, Case | NodeCheck] = {}
        self._kept = 0
        self._calls: list[tuple[type[Function], tuple[Any, ...], dict[str, Any]]] = []  # of custom Functions that run now
        self._before: dict[int, np.ndarray[Any, Any]] = {}  # what is about to be overwritten

    def __getattr__(self, name: str) -> Any:
        return getattr(self._recorder, name)

    def op(self, op: Op, inputs: Sequence[Any], params: dict[str, Any], outputs: tuple[Tensor, ...]) -> None:
        """See Watcher."""
        self._recorder.op(op, inputs, params, outputs)
        if outputs[0]._node is not None:
            self._note(op, inputs, params, outputs[0])

    def view(self, op: Op, inputs: Sequence[Any], params: dict[str, Any], outputs: tuple[Tensor, ...]) -> None:
        """See Watcher."""
        self._recorder.view(op, inputs, params, outputs)
        if outputs[0]._node is not None:
            self._note(op, inputs, params, outputs[0])

    def before_write(self, tensor: Tensor) -> None:
        """See Watcher."""
        self._recorder.before_write(tensor)
        if tensor._data.size <= MOST_NUMBERS:
            self._before = {id(tensor): tensor._data.copy()}

    def inplace_write(self, op: Op | None, tensor: Tensor, inputs: Sequence[Any], via: str, params: dict[str, Any] | None = None) -> None:
        """See Watcher."""
        self._recorder.inplace_write(op, tensor, inputs, via, params)
        before = self._before.pop(id(tensor), None)
        node = tensor._node
        if via == "op" and op is not None and node is not None and before is not None and tensor._base is None:
            old = Tensor._of(before)
            old._requires_grad = node.edges[0] is not None if node.edges else False
            self._note(op, (old, *inputs[1:]), node.params, tensor)

    def _note(self, op: Op, inputs: Sequence[Any], params: dict[str, Any], output: Tensor) -> None:
        site = self._recorder.site_of(output)
        if site < 0 or site in self._cases:
            return
        place = self._recorder.sites.all[site]
        tensors = [x for x in inputs if isinstance(x, Tensor)]
        size = sum(x._data.size for x in tensors)
        if size > MOST_NUMBERS or self._kept + size > MOST_KEPT:
            self._cases[site] = NodeCheck(site, op.name, place.line, SKIPPED, f"not checked: {size:,} numbers go in")
            return
        self._kept += size
        self._cases[site] = Case(
            site,
            op.name,
            place.line,
            self._calling(op, inputs, params),
            tuple(x._data.copy() for x in tensors),
            tuple(x._requires_grad and x._data.dtype.kind == "f" for x in tensors),
            output._data.copy(),
            op.elementwise,
            (params["padding_idx"],) if "padding_idx" in params else (),
        )

    def _calling(self, op: Op, inputs: Sequence[Any], params: dict[str, Any]) -> Any:
        """What runs the call again on other tensors; arguments that are no tensors stay."""
        if self._calls and op.joint is not None and op is self._calls[-1][0].__dict__.get("_row"):
            function, arguments, named = self._calls[-1]
            takes = [isinstance(x, Tensor) for x in arguments]
            constants = tuple(None if taken else x for x, taken in zip(arguments, takes, strict=True))

            def again(*tensors: Tensor) -> Any:
                given = iter(tensors)
                return function.apply(*(next(given) if taken else x for x, taken in zip(constants, takes, strict=True)), **named)

            return again
        places = [isinstance(x, Tensor) for x in inputs]
        numbers = tuple(None if is_tensor else x for x, is_tensor in zip(inputs, places, strict=True))
        kept = dict(params)

        def call(*tensors: Tensor) -> Any:
            given = iter(tensors)
            arguments = [next(given) if t else x for x, t in zip(numbers, places, strict=True)]
            if op.name in _HALVES:
                at, whole = _HALVES[op.name]
                arguments[at] = whole(arguments[at], kept)
            return apply(op, tuple(arguments), dict(kept))

        return call

    @contextmanager
    def functions(self) -> Iterator[None]:
        """Hear with which arguments custom Functions are applied: a watcher is only told their tensors."""
        plain: Any = Function.__dict__["apply"]
        calls = self._calls

        def noted(cls: type[Function], *args: Any, **kwargs: Any) -> Any:
            calls.append((cls, args, kwargs))
            try:
                return plain.__func__(cls, *args, **kwargs)
            finally:
                calls.pop()

        owner: Any = Function
        owner.apply = classmethod(noted)
        try:
            yield
        finally:
            owner.apply = plain

    def results(self) -> tuple[NodeCheck, ...]:
        """Check what was noted, in the order of the program; what comes after the time is up is left out."""
        until = perf_counter() + SECONDS
        found = []
        for case in self._cases.values():
            if isinstance(case, NodeCheck):
                found.append(case)
            elif perf_counter() > until:
                found.append(NodeCheck(case.site, case.name, case.line, SKIPPED, f"not checked: {SECONDS:g} seconds were over"))
            else:
                found.append(case.check())
        return tuple(sorted(found, key=lambda check: check.site))

    def tell(self) -> None:
        """Put the results into the recording's header."""
        self._recorder.meta["check"] = to_plain(self.results())
