"""The recorder: listens to the engine and notes what happens, for about a microsecond an event."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .event import Kind
from .location import FLAG, GIN, GOUT, GRAD, KIND_BITS, SAVE, VAL
from .notebook import Notebook
from .plain import SIMPLE, plain, signature_of
from .program import Loop, SiteKey
from .rows import EXTRAS, GRAD_MODE, IN_BACKWARD, PACK, REFS, SIZE, UPDATE

if TYPE_CHECKING:
    from engine.graph import Node
    from engine.op import Op
    from engine.tensor import Tensor

Array = np.ndarray[Any, Any]
_getframe = sys._getframe

_OP, _VIEW, _SAVE, _SEED, _VJP = int(Kind.OP), int(Kind.VIEW), int(Kind.SAVE), int(Kind.SEED), int(Kind.VJP)
_DELIVER, _ACCUMULATE, _FREE = int(Kind.DELIVER), int(Kind.ACCUMULATE), int(Kind.FREE_SAVES)
_BEGIN, _END, _ZERO, _BOUNDARY = int(Kind.BACKWARD_BEGIN), int(Kind.BACKWARD_END), int(Kind.ZERO_GRAD), int(Kind.BOUNDARY)
_SLOT = 1 << KIND_BITS
_NUMBER: list[int] = []  # stands for the mark of what is no tensor
# How the integers of an event become its detail: a name takes one, "*name" all that are left (-1 is None),
# "?name" one as a bool.
_DELIVER_FIELDS = ("target", "input_nr", "output_nr", "arrived", "expected")


class Recorder(Notebook):
    """The engine's watcher: engine/events.py says what is told, docs/architecture.md what a row means."""

    def __init__(self, script: str, source: str = "", budget: int = 512 << 20, meta: dict[str, Any] | None = None) -> None:
        """See `Notebook`."""
        super().__init__(script, source, budget, meta)
        self._deliver = self._template({}, _DELIVER_FIELDS)
        self._vjp = self._template({}, ("*inputs",))
        self._accumulate = self._template({}, ("?first", "leaf"))
        self._epoch, self._step, self._end = (self._template({"kind": k}, ("line", "iteration")) for k in ("epoch", "step", "end"))
        self._fine = self._template({"error": None})
        self._to_none, self._to_zero = self._template({"set_to_none": True}), self._template({"set_to_none": False})
        self._known: dict[Any, int] = {}
        self._op_templates: dict[Any, int] = {}
        self._save_templates: dict[str, int] = {}
        self._last_outputs: tuple[Any, ...] = ()
        self._pass_places: list[int] = []
        self._pass_place = 0
        self._leaf_of_grad: dict[int, int] = {}  # number of a `.grad` tensor -> number of its leaf

    # Places.

    def _here(self) -> int:
        """The place of the script that called."""
        return self.places.here(sys._getframe(2))

    def peek_site(self, op_name: str) -> SiteKey:
        """The key of the site that the next op of that name would get at this place of the program."""
        return self.sites.peek(self.places.here(sys._getframe(1)), op_name)

    # What the script's instrumentation tells.

    def bind_name(self, name: str, tensor: Tensor, line: int) -> None:
        """The script assigned `tensor` to a variable."""
        ref = self._ref(tensor)
        site = self._tensor_sites[ref[0]]
        if site >= 0:
            self.sites.set_name(site, name)
        self._note(Kind.BIND_NAME, self._template({"name": name}), reads=ref, place=self._place_of_line(line))

    def loop_enter(self, loop_id: int, line: int) -> None:
        """A loop of the script is about to start."""
        self.clock.enter(loop_id, line)

    def loop_iteration(self, loop_id: int) -> None:
        """An iteration of a loop starts."""
        with self._lock:
            now = self._sent[0] + len(self._rows) // SIZE
            loop = self.clock.iterate(loop_id, now)
            if loop is not None:
                self._boundary(loop, self._epoch if self.clock.is_epoch(loop) else self._step)
                self.clock.began(now + 1)
        self._relieve()

    def loop_exit(self, loop_id: int) -> None:
        """A loop is over."""
        with self._lock:
            loop = self.clock.leave(loop_id)
            if loop is not None:
                self._boundary(loop, self._end)
                self.clock.left(self._sent[0] + len(self._rows) // SIZE)

    def _boundary(self, loop: Loop, template: int) -> None:
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

    # What the engine tells: forward.

    def create_leaf(self, tensor: Tensor) -> None:
        """See Watcher."""
        place = self._here()
        site = self.sites.next(place, "tensor", "leaf")
        ref = self._write_ref(tensor, site)
        self._note(Kind.CREATE_LEAF, self._template({"requires_grad": bool(tensor._requires_grad)}), writes=ref, site=site, place=place)

    def set_requires_grad(self, tensor: Tensor, value: bool) -> None:
        """See Watcher."""
        number = self._ref(tensor)[0]
        self._note(Kind.SET_REQUIRES_GRAD, self._template({"value": value}), writes=(number, FLAG, 0, -1), place=self._here())

    def mode_enter(self, mode: str, enabled: bool) -> None:
        """See Watcher."""
        self._mode(Kind.MODE_ENTER, mode, enabled, self._here())

    def mode_exit(self, mode: str, enabled: bool) -> None:
        """See Watcher."""
        self._mode(Kind.MODE_EXIT, mode, enabled, self._here())

    def _mode(self, kind: Kind, mode: str, enabled: bool, place: int) -> None:
        self._state = self._state & ~GRAD_MODE | (GRAD_MODE if enabled else 0)
        self._note(kind, self._template({"mode": mode, "enabled": enabled}), place=place)

    def op(
        self,
        op: Op,
        inputs: Sequence[Any],
        params: dict[str, Any],
        outputs: tuple[Tensor, ...],
        kind: int = _OP,
        role: str = "op",
    ) -> None:
        """See Watcher.

        Hot path: once an op (benchmark rows `engine/W1 recorded` and `engine/W2 recorded`).
        """
        name = op.name
        places = self.places
        depth = places.depths.get(name)
        if depth is None:
            place = places.of_op(name)
        else:
            try:
                frame = _getframe(depth)
                place = places.direct[id(frame.f_code), frame.f_lasti]
                if place < 0:
                    place = places.here(frame)
            except (KeyError, ValueError):  # not at an operator that is known, or the stack is not that deep
                place = places.of_op(name)
        site = self.sites.next(place, name, role)
        writes = self._values.foreign_writes
        refs: list[int] = []
        constants: tuple[Any, ...] = ()
        for item in inputs:
            mark = getattr(item, "_mark", _NUMBER)
            if mark is _NUMBER:
                kind_of = item.__class__
                constants += (kind_of, item) if kind_of is int or kind_of is float else (signature_of(item),)
            elif mark is not None and mark[2] == item._storage.version and mark[3] == writes:
                refs += (mark[0], VAL, mark[2], mark[1])
            else:
                refs += self._ref(item)
        reads = len(refs) >> 2
        node = outputs[0]._node
        if params:
            for param, setting in params.items():
                kind_of = setting.__class__
                constants += (param, kind_of, setting) if kind_of in SIMPLE else (param, signature_of(setting))
        key = (site, reads, constants, node is None)
        template = self._op_templates.get(key)
        if template is None:
            template = self._op_template(key, op, inputs, params, node)
        tensors = self._tensor_sites
        for output in outputs:
            number = len(tensors)
            tensors.append(site)
            version = output._storage.version
            value = self._value(output._data)
            output._mark = [number, value, version, writes]
            refs += (number, VAL, version, value)
        call = self._calls
        self._calls = call + 1
        following: list[int] = []
        if node is not None:
            self._last_outputs = outputs
            node._mark = [call, site, [], place]
            for edge in node.edges:
                if edge is None:
                    following.append(-1)
                else:
                    mark = edge._mark
                    following.append(mark[0] if mark is not None else self._node(edge)[0])
        many, width = len(following), len(refs) >> 2
        if many <= EXTRAS and width <= REFS:
            self._write(PACK[many][width](kind | self._state, site, call, place, reads, width - reads, template, many, *following, *refs))
        else:
            self._row(kind, site, call, place, template, following, refs, reads)

    def view(self, op: Op, inputs: Sequence[Any], params: dict[str, Any], outputs: tuple[Tensor, ...]) -> None:
        """See Watcher."""
        self.op(op, inputs, params, outputs, _VIEW, "view")
        for output in outputs:
            self._values.alias(output._data, inputs[0]._data)

    def _op_template(self, key: tuple[Any, ...], op: Op, inputs: Sequence[Any], params: dict[str, Any], node: Node | None) -> int:
        ports = [i for i, item in enumerate(inputs) if hasattr(item, "_mark")]
        detail: dict[str, Any] = {
            "op": op.name,
            "ports": ports,
            "numbers": {str(i): plain(item) for i, item in enumerate(inputs) if i not in ports},
            "params": {str(k): plain(v) for k, v in params.items()},
            "grad_fn": "",
        }
        if node is None:
            detail["next"] = [None] * len(inputs)
            template = self._template(detail)
        else:
            detail["grad_fn"] = node.name()
            self.sites.set_grad_fn(key[0], node.name())
            template = self._template(detail, ("*next",))
        self._op_templates[key] = template
        return template

    def detach(self, source: Tensor, output: Tensor) -> None:
        """See Watcher."""
        place = self._here()
        site = self.sites.next(place, "detach", "detach")
        refs = (*self._ref(source), *self._write_ref(output, site))
        self._row(int(Kind.DETACH), site, -1, place, self._empty, (), refs, 1)
        self._values.alias(source._data, output._data)
        if output._storage is not source._storage:
            self._values.foreign(source._data)

    def save(self, node: Node, name: str, tensor: Tensor, version: int) -> None:
        """See Watcher."""
        mark = node._mark
        if mark is None:
            mark = self._node(node)
        have = tensor._mark
        if have is None:
            have = self._same_output(tensor)
        number = have[0] if have is not None else self._ref(tensor)[0]
        value = have[1] if have is not None and have[2] == version else self._value(tensor._data)
        sub = len(mark[2]) * 2 | SAVE  # four numbers a save, and a slot is worth eight
        mark[2] += (mark[0], sub, version, value)
        self._write(
            PACK[1][2](
                _SAVE | self._state, mark[1], mark[0], mark[3], 1, 1, self._save_template(name), 1, version,
                number, VAL, version, value, mark[0], sub, version, value,
            )
        )  # fmt: skip

    def _same_output(self, tensor: Tensor) -> list[int] | None:
        """The mark of the op's output that this fresh tensor stands for."""
        for output in self._last_outputs:
            if output._storage is tensor._storage and output._output_nr == tensor._output_nr:
                mark: list[int] | None = output._mark
                return mark
        return None

    def before_write(self, tensor: Tensor) -> None:
        """See Watcher."""
        self._values.before_write(tensor._data)

    def inplace_write(self, op: Op | None, tensor: Tensor, inputs: Sequence[Any], via: str) -> None:
        """See Watcher."""
        place = self._here()
        mark = tensor._mark
        old = mark[2] if mark is not None else 0
        reads: list[int] = []
        for item in inputs:
            if item is not tensor and hasattr(item, "_mark"):
                reads += self._ref(item)
        if mark is not None and any(item is tensor for item in inputs):
            reads = [mark[0], VAL, mark[2], mark[1], *reads]
        name = op.name if op is not None else via
        if via == "data":  # the storage is another one, with a version of its own
            self._values.foreign_writes += 1
        site = self.sites.next(place, name, "inplace")
        number = self._number(tensor, site)
        version = tensor._storage.version
        value = self._value(tensor._data)
        tensor._mark = [number, value, version, self._values.foreign_writes]
        writes = [number, VAL, version, value]
        leaf = self._leaf_of_grad.get(number)
        if leaf is not None:
            writes += (leaf, GRAD, version, value)
        call, following = -1, []
        node = tensor._node
        if node is not None and via == "op":
            call = self._calls
            node._mark = [call, site, [], place]
            self._calls += 1
            self.sites.set_grad_fn(site, node.name())
            following = [-1 if edge is None else self._node(edge)[0] for edge in node.edges]
        template = self._template({"via": via, "op": name}, ("old", "new", "*next") if following else ("old", "new"))
        state = self._state
        if via == "optimizer" or (node is None and tensor._requires_grad):
            self._state |= UPDATE
        self._row(int(Kind.INPLACE_WRITE), site, call, place, template, [old, version, *following], [*reads, *writes], len(reads) >> 2)
        self._state = state

    # What the engine tells: backward.

    def backward_begin(self, roots: Sequence[Tensor], grads: Sequence[Array], retain_graph: bool, create_graph: bool) -> None:
        """See Watcher."""
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
        value = self._value(cotangent)
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
        refs += mark[2]
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

    def accumulate(self, node: Node, leaf: Tensor, before: Array | None, increment: Array, after: Array) -> None:
        """See Watcher."""
        call, site, _, _ = self._node(node)
        number = leaf._mark[0] if leaf._mark is not None else self._ref(leaf)[0]
        held: Any = leaf._grad
        version = held._storage.version
        value = self._value(after)
        if held._mark is None:
            self._leaf_of_grad[len(self._tensor_sites)] = number
            held._mark = [len(self._tensor_sites), value, version, self._values.foreign_writes]
            self._tensor_sites.append(site)
        else:
            held._mark = [held._mark[0], value, version, self._values.foreign_writes]
        self._write(
            PACK[2][2](
                _ACCUMULATE | self._state, site, call, self._pass_place, 1, 1, self._accumulate, 2, before is None, number,
                call, GIN, 0, self._value(increment), number, GRAD, version, value,
            )
        )  # fmt: skip

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

    def zero_grad(self, leaf: Tensor, before: Array | None, set_to_none: bool) -> None:
        """See Watcher."""
        number = leaf._mark[0] if leaf._mark is not None else self._ref(leaf)[0]
        held: Any = leaf._grad
        none = set_to_none or held is None
        version = 0 if none else held._storage.version
        value = -1 if none else self._value(held._data)
        template = self._to_none if set_to_none else self._to_zero
        place = self.places.here(_getframe(2))
        self._write(PACK[0][1](_ZERO | self._state, -1, -1, place, 0, 1, template, 0, number, GRAD, version, value))

    def optimizer_step(self, optimizer: Any, param: Tensor, grad: Array | None, before: Array, after: Array, skipped: bool) -> None:
        """See Watcher."""
        number = self._ref(param)[0]
        reads = (number, GRAD, 0, -1 if grad is None else self._value(grad))
        writes = self._ref(param)
        template = self._template({"skipped": bool(skipped), "optimizer": type(optimizer).__name__})
        self._row(int(Kind.OPTIMIZER_STEP), -1, -1, self._here(), template, (), (*reads, *writes), 1)

    # The rest.

    def _place_of_line(self, line: int) -> int:
        here = self.places.here(sys._getframe(2))
        return here if self.places.lines[here] == line else self.places.number(self.places.paths[here], line)

    def _save_template(self, name: str) -> int:
        found = self._save_templates.get(name)
        if found is None:
            found = self._save_templates[name] = self._template({"name": name}, ("version",))
        return found
