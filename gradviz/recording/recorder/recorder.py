"""The recorder: listens to the engine and notes what happens.

What is called for each event of a run packs one row and keeps references, no more: columns, statistics and
copies are made when the rows are handed over (benchmark rows `engine/W1 recorded`, `engine/W2 recorded`).
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..event import Kind, SiteKey
from ..location import GIN, GOUT, GRAD, KIND_BITS
from ..numbers.tiers import BUDGET
from .following.follower import Follower
from .forward import ForwardRecorder, saves_in
from .notebook import SEAL_ROWS
from .optimizer_states import OptimizerStates
from .program import Loop
from .rows import EXTRAS, IN_BACKWARD, PACK, REFS

if TYPE_CHECKING:
    from engine.graph.node import Node
    from engine.tensor import Tensor

Array = np.ndarray[Any, Any]
_getframe = sys._getframe

_SEED, _VJP, _DELIVER, _ACCUMULATE = int(Kind.SEED), int(Kind.VJP), int(Kind.DELIVER), int(Kind.ACCUMULATE)
_BEGIN, _END, _FREE, _BOUNDARY = int(Kind.BACKWARD_BEGIN), int(Kind.BACKWARD_END), int(Kind.FREE_SAVES), int(Kind.BOUNDARY)
_SLOT = 1 << KIND_BITS
# How the integers of an event become its detail: a name takes one, "*name" all that are left (-1 is None),
# "?name" one as a bool.
_DELIVER_FIELDS = ("target", "input_nr", "output_nr", "arrived", "expected")


class Recorder(ForwardRecorder):
    """The engine's watcher: engine/events.py says what is told, docs/architecture.md what a row means.

    Attributes:
        follows: steps that repeat themselves are compared with their pattern (following/follower.py), not noted anew.
    """

    follows = True

    def __init__(self, script: str, source: str = "", budget: int = BUDGET, meta: dict[str, Any] | None = None) -> None:
        """See `Notebook`."""
        super().__init__(script, source, budget, meta)
        self._deliver = self._template({}, _DELIVER_FIELDS)
        self._vjp = self._template({}, ("*inputs",))
        self._accumulate = self._template({}, ("?first", "leaf"))
        self._epoch, self._step, self._end = (self._template({"kind": k}, ("line", "iteration")) for k in ("epoch", "step", "end"))
        self._fine = self._template({"error": None})
        self._known: dict[Any, int] = {}
        self._pass_places: list[int] = []
        self._pass_place = 0
        self.states = OptimizerStates()
        self._follower = Follower(self)

    # Rows of steps that were followed.

    def _owed(self) -> int:
        return self._follower.owed

    def _pay(self, everything: bool = False) -> None:
        self._follower.pay(everything)

    # What the script's instrumentation tells.

    @property
    def count(self) -> int:
        """How many events have been handed over so far."""
        return self._sent[0]

    @property
    def noted(self) -> int:
        """How many events there are so far, handed over or not."""
        with self._lock:
            return self._so_far()

    def _so_far(self) -> int:
        return self._sent[0] + len(self._rows) + self._follower.noted

    def site_of(self, tensor: Tensor) -> int:
        """The site of the op that wrote what a tensor holds (in place, too), of a leaf where it was made; -1 where that was not told."""
        node = tensor._node
        if node is not None and node._mark is not None:
            return int(node._mark[1])
        mark = tensor._mark
        return self._tensor_sites[mark[0]] if mark is not None else -1

    def bind_name(self, name: str, tensor: Tensor, line: int, *, owner: str = "", rename: bool = True) -> None:
        """The script assigned `tensor` to a variable; `owner` is what it calls the module that has it under that name."""
        ref = self._ref(tensor)
        site = self._tensor_sites[ref[0]]
        if site >= 0 and rename:
            self.sites.set_name(site, name)
        detail = {"name": name, "owner": owner} if owner else {"name": name}
        self._note(Kind.BIND_NAME, self._template(detail), reads=ref, place=self._place_of_line(line))

    def loop_enter(self, loop_id: int, line: int) -> None:
        """A loop of the script is about to start."""
        self._follower.inner()
        self.clock.enter(loop_id, line)

    def loop_iteration(self, loop_id: int) -> None:
        """An iteration of a loop starts."""
        with self._lock:
            if not self.clock.trains(loop_id):
                self._follower.inner()
            now = self._so_far()
            loop = self.clock.iterate(loop_id, now, self._tracked)
            if loop is not None:
                if self.follows:
                    self._follower.boundary(loop_id)
                self.turn(loop, self._epoch if self.clock.is_epoch(loop) else self._step)
                self.clock.began(now + 1)
            self._follower.starts(loop_id)
        if now - self._sent[0] > SEAL_ROWS or self._values.pending_bytes > self._seal_bytes or self._asked:  # mostly without a call
            self._relieve(at_boundary=loop is not None)

    def loop_exit(self, loop_id: int) -> None:
        """A loop is over."""
        with self._lock:
            if not self.clock.trains(loop_id):
                self._follower.inner()
            loop = self.clock.leave(loop_id)
            if loop is not None:
                if self.follows and self.clock.loops:
                    self._follower.boundary(~loop_id, again=False)
                else:
                    self._follower.end()
                self.turn(loop, self._end)
                self.clock.left(self._so_far())

    def turn(self, loop: Loop, template: int) -> None:
        """A turn of a loop that trains begins, or its last one is over."""
        if not loop.place:
            loop.place = self._place_of_line(loop.line)
        self._write(PACK[2][0](_BOUNDARY | self._state, -1, -1, loop.place, 0, 0, template, 2, loop.line, loop.iteration))

    def print_(self, text: str, stream: str) -> None:
        """The script wrote to stdout or stderr."""
        self._note(Kind.PRINT, self._template({"text": text, "stream": stream}), place=self._here())

    def error(self, exc_type: str, text: str, line: int, explanation: str = "") -> None:
        """The script ended with an error."""
        detail = {"type": exc_type, "text": text, "line": line, "explanation": explanation}
        self.meta["error"] = {"type": exc_type, "text": text, "line": line}
        self._note(Kind.ERROR, self._template(detail), place=self._place_of_line(line))

    def peek_site(self, op_name: str) -> SiteKey:
        """The key of the site that the next op of that name would get at this place of the program."""
        return self.sites.peek(self.places.here(sys._getframe(1)), op_name)

    def without_grad(self) -> None:
        """The op that comes next runs without grad mode, because a what-if says so: noted as a no_grad block around it."""
        place = self._here()
        self.mode_enter("no_grad", False)
        self._lent = place

    # What the engine tells: backward.

    def backward_begin(self, roots: Sequence[Tensor], grads: Sequence[Array], retain_graph: bool, create_graph: bool) -> None:
        """See Watcher."""
        self.grad_again()
        place = self._here()
        with self._lock:
            self.clock.backward(self._sent[0])
        self._state |= IN_BACKWARD
        self._pass_places.append(place)
        self._pass_place = place
        calls: list[int] = []
        reads: list[int] = []
        for root in roots:
            node = root._node
            calls.append(self._node(node)[0] if node is not None else -1)
            reads += self._ref(root)
        template = self._known.get((retain_graph, create_graph))
        if template is None:
            static = {"retain_graph": bool(retain_graph), "create_graph": bool(create_graph)}
            template = self._known[retain_graph, create_graph] = self._template(static, ("*calls",))
        self._row(_BEGIN, -1, -1, place, template, calls, reads, len(roots))

    def seed(self, node: Node, cotangent: Array) -> None:
        """See Watcher."""
        mark = node._mark
        if mark is None:
            mark = self._node(node)
        call = mark[0]
        value = self._value(cotangent) if cotangent.ndim else self._values.lasting(cotangent)
        self._write(PACK[0][1](_SEED | self._state, mark[1], call, self._pass_place, 0, 1, self._empty, 0, call, GIN, 0, value))

    def vjp(self, node: Node, cotangents: Sequence[Array | None], grads: Sequence[Array | None]) -> None:
        """See Watcher."""
        mark = node._mark
        if mark is None:
            mark = self._node(node)
        call = mark[0]
        number = self._value
        known = self._values.numbers
        refs: list[int] = []
        sub = GIN
        for array in cotangents:
            value = known.get(id(array))
            if value is None:
                value = -1 if array is None else number(array)
            refs += (call, sub, 0, value)
            sub += _SLOT
        refs += saves_in(mark)
        reads = len(refs) >> 2
        inputs = []
        for k, array in enumerate(grads):
            if array is not None:
                inputs.append(k)
                refs += (call, k * _SLOT | GOUT, 0, number(array))
        many, width = len(inputs), len(refs) >> 2
        if many <= EXTRAS and width <= REFS:
            self._write(
                PACK[many][width](
                    _VJP | self._state, mark[1], call, self._pass_place, reads, width - reads, self._vjp, many, *inputs, *refs
                )
            )
        else:
            self._row(_VJP, mark[1], call, self._pass_place, self._vjp, inputs, refs, reads)

    def deliver(
        self, source: Node, input_nr: int, target: Node, output_nr: int, increment: Array, total: Array, arrived: int, expected: int
    ) -> None:
        """See Watcher."""
        mark, goal = source._mark, target._mark
        if mark is None:
            mark = self._node(source)
        if goal is None:
            goal = self._node(target)
        call, to = mark[0], goal[0]
        value = self._values.numbers.get(id(increment))
        if value is None:
            value = self._value(increment)
        self._write(
            PACK[5][2](
                _DELIVER | self._state, mark[1], call, self._pass_place, 1, 1, self._deliver, 5,
                to, input_nr, output_nr, arrived, expected,
                call, input_nr * _SLOT | GOUT, 0, value,
                to, output_nr * _SLOT | GIN, 0, value if total is increment else self._value(total),
            )
        )  # fmt: skip

    def hook(self, owner: Any, kind: str, before: Array | None, after: Array | None) -> None:
        """See Watcher."""
        template = self._template({"kind": kind})
        values = (-1 if before is None else self._value(before), -1 if after is None else self._value(after))
        if hasattr(owner, "edges"):
            call, site, _, _ = self._node(owner)
            refs: tuple[int, ...] = (call, GIN, 0, values[0], call, GIN, 0, values[1])
        else:
            number = self._ref(owner)[0]
            call, site = -1, self._tensor_sites[number]
            refs = (number, GRAD, 0, values[0], number, GRAD, 0, values[1])
        if before is None and after is None:
            refs = ()
        self._row(int(Kind.HOOK), site, call, self._pass_place, template, (), refs, len(refs) >> 3)

    def accumulate(self, node: Node, leaf: Tensor, first: bool, increment: Array, after: Array) -> None:
        """See Watcher."""
        call, site, _, _ = self._node(node)
        number = leaf._mark[0] if leaf._mark is not None else self._ref(leaf)[0]
        held: Any = leaf._grad
        version = held._storage.version
        same = first and after.shape == increment.shape and after.dtype is increment.dtype
        value = self._values.copied(after, increment) if same else self._value(after)
        if held._mark is None:
            self._is_grad_of(len(self._tensor_sites), number, leaf)
            held._mark = [len(self._tensor_sites), value, version, self._values.foreign_writes]
            self._tensor_sites.append(site)
        else:
            held._mark = [held._mark[0], value, version, self._values.foreign_writes]
        self._write(
            PACK[2][2](
                _ACCUMULATE | self._state, site, call, self._pass_place, 1, 1, self._accumulate, 2, first, number,
                call, GIN, 0, self._value(increment), number, GRAD, version, value,
            )
        )  # fmt: skip

    def _is_grad_of(self, grad: int, number: int, leaf: Tensor) -> None:
        """The tensor with the number `grad` is the `.grad` of the leaf from now on."""
        self._leaf_of_grad.pop(self._grad_of_leaf.get(number, -1), None)
        self._grad_of_leaf[number] = grad
        self._leaf_of_grad[grad] = (number, weakref.ref(leaf))

    def free_saves(self, node: Node) -> None:
        """See Watcher."""
        mark = node._mark
        if mark is None:
            mark = self._node(node)
        self._write(PACK[0][0](_FREE | self._state, mark[1], mark[0], self._pass_place, 0, 0, self._empty, 0))
        mark[2] = []

    def backward_end(self, error: BaseException | None) -> None:
        """See Watcher."""
        template = self._fine if error is None else self._template({"error": str(error)})
        self._write(PACK[0][0](_END | self._state, -1, -1, self._pass_place, 0, 0, template, 0))
        self._pass_places.pop()
        self._pass_place = self._pass_places[-1] if self._pass_places else 0
        if not self._pass_places:
            self._state &= ~IN_BACKWARD
        self._relieve()

    # What the engine tells: update.

    def zero_grad(self, leaf: Tensor, set_to_none: bool) -> None:
        """See Watcher."""
        number = leaf._mark[0] if leaf._mark is not None else self._ref(leaf)[0]
        held = None if set_to_none else leaf._grad
        self._zero(number, held, self._to_none if set_to_none else self._to_zero, self.places.here(_getframe(2)))

    def assign_grad(self, leaf: Tensor, value: Tensor) -> None:
        """See Watcher."""
        number, read = self._ref(leaf)[0], self._ref(value)
        self._is_grad_of(read[0], number, leaf)
        self._row(int(Kind.ASSIGN_GRAD), -1, -1, self._here(), self._empty, (), (*read, number, GRAD, read[2], read[3]), 1)

    def optimizer_step(self, optimizer: Any, param: Tensor, grad: Array | None, after: Array, skipped: bool) -> None:
        """See Watcher."""
        number = self._ref(param)[0]
        reads = (number, GRAD, 0, -1 if grad is None else self._value(grad))
        writes = self._ref(param)
        detail, before_, after_ = self.states.of_step(self, optimizer, param, skipped)
        refs = (*reads, *before_, *writes, *after_)
        self._row(int(Kind.OPTIMIZER_STEP), -1, -1, self._here(), self._template(detail), (), refs, 1 + (len(before_) >> 2))
