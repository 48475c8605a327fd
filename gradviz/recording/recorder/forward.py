"""The forward half of the recorder: leaves, flags, modes, ops, saves, writes."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..event import Kind
from ..location import FLAG, GRAD, SAVE, VAL
from ..numbers.tiers import BUDGET
from .following.pattern import Turn
from .notebook import Notebook
from .plain import SIMPLE, plain, signature_of
from .rows import EXTRAS, GRAD_MODE, PACK, REFS, UPDATE

if TYPE_CHECKING:
    from engine.graph.node import Node
    from engine.op import Op
    from engine.tensor import Tensor

Array = np.ndarray[Any, Any]
_getframe = sys._getframe

_OP, _VIEW, _SAVE, _ZERO = int(Kind.OP), int(Kind.VIEW), int(Kind.SAVE), int(Kind.ZERO_GRAD)
_NUMBER: list[int] = []  # stands for the mark of what is no tensor


def constants_of(inputs: Sequence[Any], params: dict[str, Any]) -> tuple[Any, ...]:
    """What tells the template of an op from another: its inputs that are no tensors, and its params."""
    constants: tuple[Any, ...] = ()
    for item in inputs:
        if not hasattr(item, "_mark"):
            kind = item.__class__
            constants += (kind, item) if kind is int or kind is float else (signature_of(item),)
    for param, setting in params.items():
        kind = setting.__class__
        constants += (param, kind, setting) if kind in SIMPLE else (param, signature_of(setting))
    return constants


def saves_in(mark: list[Any]) -> list[int]:
    """The refs of a node's saves; of a step that was followed, the step knows them."""
    if mark[2].__class__ is Turn:
        mark[2] = mark[2].saves_of(mark[0])
    found: list[int] = mark[2]
    return found


def _called(inputs: Sequence[Any], params: dict[str, Any]) -> dict[str, Any]:
    """With what an op was called, as the detail of its event tells it."""
    ports = [i for i, item in enumerate(inputs) if hasattr(item, "_mark")]
    numbers = {str(i): plain(item) for i, item in enumerate(inputs) if i not in ports}
    return {"ports": ports, "numbers": numbers, "params": {str(k): plain(v) for k, v in params.items()}}


class ForwardRecorder(Notebook):
    """What the engine tells while it computes forward."""

    def __init__(self, script: str, source: str = "", budget: int = BUDGET, meta: dict[str, Any] | None = None) -> None:
        """See `Notebook`."""
        super().__init__(script, source, budget, meta)
        self._to_none, self._to_zero = self._template({"set_to_none": True}), self._template({"set_to_none": False})
        self._op_templates: dict[Any, int] = {}
        self._save_templates: dict[str, int] = {}
        self._last_outputs: tuple[Any, ...] = ()
        self._tracked = -1  # the latest call with history
        self._leaf_of_grad: dict[int, tuple[int, weakref.ref[Tensor]]] = {}  # number of a `.grad` tensor -> its leaf
        self._grad_of_leaf: dict[int, int] = {}

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
        self._modes_before.append(self._state & GRAD_MODE)
        self._mode(Kind.MODE_ENTER, mode, enabled, self._here())

    def mode_exit(self, mode: str, enabled: bool) -> None:
        """See Watcher."""
        self._mode(Kind.MODE_EXIT, mode, enabled, self._here())
        if self._modes_before:
            # backward passes and the forward of a Function have a grad mode of their own, which nobody is told of: a block in them
            # (a checkpoint's) ends in that, and here in what the script has
            self._state |= self._modes_before.pop()

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
        others = bool(params)
        for item in inputs:
            mark = getattr(item, "_mark", _NUMBER)
            if mark is _NUMBER:
                others = True
            elif mark is not None and mark[2] == item._storage.version and mark[3] == writes:
                refs += (mark[0], VAL, mark[2], mark[1])
            else:
                refs += self._ref(item)
        reads = len(refs) >> 2
        node = outputs[0]._node
        key = (site, reads, constants_of(inputs, params) if others else (), node is None)
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
            self._tracked = call
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
        ForwardRecorder.op(self, op, inputs, params, outputs, _VIEW, "view")

    def _op_template(self, key: tuple[Any, ...], op: Op, inputs: Sequence[Any], params: dict[str, Any], node: Node | None) -> int:
        detail: dict[str, Any] = {"op": op.name, **_called(inputs, params), "grad_fn": ""}
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
        saves = saves_in(mark)
        sub = len(saves) * 2 | SAVE  # four numbers a save, and a slot is worth eight
        saves += (mark[0], sub, version, value)
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
        mark = tensor._mark
        if mark is not None and (mark[2] != tensor._storage.version or mark[3] != self._values.foreign_writes):
            self._ref(tensor)  # written through another view since: what the write reads is what is there now
        self._values.before_write(tensor._data)

    def inplace_write(self, op: Op | None, tensor: Tensor, inputs: Sequence[Any], via: str, params: dict[str, Any] | None = None) -> None:
        """See Watcher."""
        place = self._here()
        leaf = self._leaf_of(tensor)
        name = op.name if op is not None else via
        if leaf is not None and name.rstrip("_") == "zero":
            self._zero(leaf, tensor, self._to_zero, place)
            return
        mark = tensor._mark
        old = mark[2] if mark is not None else 0
        reads: list[int] = []
        for item in inputs:
            if item is tensor:
                reads += (mark[0], VAL, mark[2], mark[1]) if mark is not None else ()
            elif hasattr(item, "_mark"):
                reads += self._ref(item)
        if via in ("data", "what_if"):  # the storage is another one, with a version of its own
            self._values.foreign_writes += 1
        site = self.sites.next(place, name, "inplace")
        number = self._number(tensor, site)
        version = tensor._storage.version
        value = self._value(tensor._data)
        tensor._mark = [number, value, version, self._values.foreign_writes]
        writes = [number, VAL, version, value]
        if leaf is not None:
            writes += (leaf, GRAD, version, value)
        call = -1
        following: list[int] = []
        node = tensor._node
        if node is not None and via == "op":
            call = self._calls
            self._calls += 1
            node._mark = [call, site, [], place]
            self._tracked = call
            self.sites.set_grad_fn(site, node.name())
            following = [-1 if edge is None else self._node(edge)[0] for edge in node.edges]
        detail = {"via": via, "op": name} | _called(inputs, params or {})
        template = self._template(detail, ("old", "new", "*next") if following else ("old", "new"))
        state = self._state
        if via == "optimizer" or leaf is not None or (node is None and tensor.requires_grad):
            self._state |= UPDATE
        self._row(int(Kind.INPLACE_WRITE), site, call, place, template, [old, version, *following], [*reads, *writes], len(reads) >> 2)
        self._state = state

    def _leaf_of(self, tensor: Tensor) -> int | None:
        """The number of the leaf whose `.grad` the tensor is."""
        mark = tensor._mark
        held = self._leaf_of_grad.get(mark[0]) if mark is not None else None
        leaf = held[1]() if held is not None else None
        return held[0] if held is not None and leaf is not None and leaf._grad is tensor else None

    def _zero(self, leaf: int, held: Tensor | None, template: int, place: int) -> None:
        version, value = (0, -1) if held is None else (held._storage.version, self._value(held._data))
        if held is not None and held._mark is not None:
            held._mark = [held._mark[0], value, version, self._values.foreign_writes]
        self._write(PACK[0][1](_ZERO | self._state, -1, -1, place, 0, 1, template, 0, leaf, GRAD, version, value))

    # The rest.

    def _here(self) -> int:
        """The place of the script that called."""
        return self.places.here(sys._getframe(2))

    def _place_of_line(self, line: int) -> int:
        here = self.places.here(sys._getframe(2))
        return here if self.places.lines[here] == line else self.places.number(self.places.paths[here], line)

    def _save_template(self, name: str) -> int:
        found = self._save_templates.get(name)
        if found is None:
            found = self._save_templates[name] = self._template({"name": name}, ("version",))
        return found
