"""The recorder: listens to the engine and notes what happens, for little more than a microsecond an event."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .chunk import Chunk, encode
from .event import Kind
from .location import FLAG, GIN, GOUT, GRAD, KIND_BITS, SAVE, VAL
from .program import Clock, Loop, Places, SiteKey, Sites
from .rows import EXTRAS, GRAD_MODE, IN_BACKWARD, PACK, REFS, SIZE, UPDATE, Wide, columns_of
from .values import Values

if TYPE_CHECKING:
    from engine.graph import Node
    from engine.op import Op
    from engine.tensor import Tensor

Array = np.ndarray[Any, Any]

_OP, _SAVE, _VJP, _DELIVER = int(Kind.OP), int(Kind.SAVE), int(Kind.VJP), int(Kind.DELIVER)
_SLOT = 1 << KIND_BITS
_NUMBER: list[int] = []  # stands for the mark of what is no tensor
_PLAIN = (int, float, bool, str, type(None))
# How the integers of an event become its detail: a name takes one, "*name" all that are left (-1 is None),
# "?name" one as a bool.
_DELIVER_FIELDS = ("target", "input_nr", "output_nr", "arrived", "expected")
_SEAL_ROWS = 100_000
_SEAL_BYTES = 64 << 20


class Recorder:
    """The engine's watcher (see engine/events.py for what is told, docs/architecture.md for what a row means).

    A tensor's mark is [number, value, version, foreign writes]; a node's is [call, site, refs of its
    saves, place].

    Args:
        script: the file name that the script's code was compiled with: only its frames count as places.
        source: the script's text.
        budget: bytes of numbers that may wait to be drained; beyond it only statistics are kept.
        meta: what else the recording's header should say (seed, engine version, dtype).
    """

    def __init__(self, script: str, source: str = "", budget: int = 512 << 20, meta: dict[str, Any] | None = None) -> None:
        self.places = Places(script)
        self.sites = Sites(self.places)
        self.clock = Clock(self.sites)
        self.meta: dict[str, Any] = {"path": script, "source": source, **(meta or {})}
        self.budget = budget
        self._values = Values()
        self._value = self._values.number
        self._rows = bytearray()
        self._write = self._rows.extend
        self._wide: dict[int, Wide] = {}
        self._lock = threading.RLock()  # rows and clock against a drain from another thread
        self._wide_count = 0
        self._state = GRAD_MODE
        self._calls = 0
        self._tensor_sites: list[int] = []
        self._templates: list[str] = []
        self._template_numbers: dict[str, int] = {}
        self._bucket_leaves: list[tuple[int, int]] = []  # (bucket's site, number of its leaf)
        self._buckets: set[int] = set()
        self._leaf_of_grad: dict[int, int] = {}  # number of a `.grad` tensor -> number of its leaf
        self._op_templates: dict[Any, int] = {}
        self._save_templates: dict[str, int] = {}
        self._last_outputs: tuple[Any, ...] = ()
        self._pass_places: list[int] = []
        self._sent_meta: dict[str, Any] = {}
        self._sent = [0, 0, 0, 0, 0, 0]  # rows, sites, tensors, templates, passes, leaves of buckets
        self._sealed: list[bytes] = []
        self._empty = self._template({})
        self._deliver = self._template({}, _DELIVER_FIELDS)
        self._vjp = self._template({}, ("*inputs",))
        self._accumulate = self._template({}, ("?first", "leaf"))

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
            loop = self.clock.iterate(loop_id, self._now())
        if loop is not None:
            self._boundary(loop, "epoch" if self.clock.is_epoch(loop) else "step")
        self._relieve()

    def loop_exit(self, loop_id: int) -> None:
        """A loop is over."""
        with self._lock:
            loop = self.clock.exit(loop_id, self._now())
        if loop is not None:
            self._boundary(loop, "end")

    def _boundary(self, loop: Loop, kind: str) -> None:
        template = self._template({"kind": kind}, ("line", "iteration"))
        self._note(Kind.BOUNDARY, template, (loop.line, loop.iteration), place=self._place_of_line(loop.line))
        self.clock.began(self._now())

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

    def op(self, op: Op, inputs: Sequence[Any], params: dict[str, Any], outputs: tuple[Tensor, ...]) -> None:
        """See Watcher."""
        self._op(op, inputs, params, outputs, _OP, "op", self._here())

    def view(self, op: Op, inputs: Sequence[Any], params: dict[str, Any], outputs: tuple[Tensor, ...]) -> None:
        """See Watcher."""
        self._op(op, inputs, params, outputs, int(Kind.VIEW), "view", self._here())
        for output in outputs:
            self._values.alias(output._data, inputs[0]._data)

    def _op(
        self, op: Op, inputs: Sequence[Any], params: dict[str, Any], outputs: tuple[Tensor, ...], kind: int, role: str, place: int
    ) -> None:
        """Hot path: once an op (benchmark rows `engine/W1 recorded` and `engine/W2 recorded`)."""
        site = self.sites.next(place, op.name, role)
        refs: list[int] = []
        signature: tuple[Any, ...] | None = None
        for item in inputs:
            mark = getattr(item, "_mark", _NUMBER)
            if mark is _NUMBER:
                signature = ()
            elif mark is not None and mark[2] == item._storage.version and mark[3] == self._values.foreign_writes:
                refs += (mark[0], VAL, mark[2], mark[1])
            else:
                refs += self._ref(item)
        reads = len(refs) >> 2
        node = outputs[0]._node
        if signature is not None or params:
            signature = _signature(inputs, params)
        key = (site, reads, signature, node is None)
        template = self._op_templates.get(key)
        if template is None:
            template = self._op_template(key, op, inputs, params, node)
        for output in outputs:
            number = len(self._tensor_sites)
            self._tensor_sites.append(site)
            version = output._storage.version
            value = self._value(output._data)
            output._mark = [number, value, version, self._values.foreign_writes]
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
        self._row(kind, site, call, place, template, following, refs, reads)

    def _op_template(self, key: tuple[Any, ...], op: Op, inputs: Sequence[Any], params: dict[str, Any], node: Node | None) -> int:
        ports = [i for i, item in enumerate(inputs) if hasattr(item, "_mark")]
        detail: dict[str, Any] = {
            "op": op.name,
            "ports": ports,
            "numbers": {str(i): _plain(item) for i, item in enumerate(inputs) if i not in ports},
            "params": {str(k): _plain(v) for k, v in params.items()},
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
        calls = [self._node(root._node)[0] if root._node is not None else -1 for root in roots]
        reads = [number for root in roots for number in self._ref(root)]
        template = self._template({"retain_graph": bool(retain_graph), "create_graph": bool(create_graph)}, ("*calls",))
        self._row(int(Kind.BACKWARD_BEGIN), -1, -1, place, template, calls, reads, len(roots))

    def seed(self, node: Node, cotangent: Array) -> None:
        """See Watcher."""
        call, site, _, _ = self._node(node)
        self._row(int(Kind.SEED), site, call, self._pass_place(), self._empty, (), (call, GIN, 0, self._value(cotangent)), 0)

    def vjp(self, node: Node, cotangents: Sequence[Array | None], grads: Sequence[Array | None]) -> None:
        """See Watcher."""
        mark = node._mark
        if mark is None:
            mark = self._node(node)
        call = mark[0]
        number = self._value
        refs: list[int] = []
        sub = GIN
        for array in cotangents:
            refs += (call, sub, 0, -1 if array is None else number(array))
            sub += _SLOT
        refs += mark[2]
        reads = len(refs) >> 2
        inputs = []
        for k, array in enumerate(grads):
            if array is not None:
                inputs.append(k)
                refs += (call, k * _SLOT | GOUT, 0, number(array))
        self._row(_VJP, mark[1], call, self._pass_place(), self._vjp, inputs, refs, reads)

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
        value = self._value(increment)
        self._write(
            PACK[5][2](
                _DELIVER | self._state, mark[1], call, self._pass_places[-1], 1, 1, self._deliver, 5,
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
        self._row(int(Kind.HOOK), site, call, self._pass_place(), template, (), refs, len(refs) >> 3)

    def accumulate(self, node: Node, leaf: Tensor, before: Array | None, increment: Array, after: Array) -> None:
        """See Watcher."""
        call, site, _, _ = self._node(node)
        number = self._ref(leaf)[0] if leaf._mark is None else leaf._mark[0]
        held = leaf._grad
        version = held._storage.version
        value = self._value(after)
        if held._mark is None:
            self._leaf_of_grad[len(self._tensor_sites)] = number
            held._mark = [len(self._tensor_sites), value, version, self._values.foreign_writes]
            self._tensor_sites.append(site)
        else:
            held._mark = [held._mark[0], value, version, self._values.foreign_writes]
        refs = (call, GIN, 0, self._value(increment), number, GRAD, version, value)
        self._row(int(Kind.ACCUMULATE), site, call, self._pass_place(), self._accumulate, (before is None, number), refs, 1)

    def free_saves(self, node: Node) -> None:
        """See Watcher."""
        mark = self._node(node)
        self._write(PACK[0][0](int(Kind.FREE_SAVES) | self._state, mark[1], mark[0], self._pass_place(), 0, 0, self._empty, 0))
        mark[2] = []

    def backward_end(self, error: BaseException | None) -> None:
        """See Watcher."""
        template = self._template({"error": None if error is None else str(error)})
        self._note(Kind.BACKWARD_END, template, place=self._pass_place())
        self._pass_places.pop()
        if not self._pass_places:
            self._state &= ~IN_BACKWARD
        self._relieve()

    # What the engine tells: update.

    def zero_grad(self, leaf: Tensor, before: Array | None, set_to_none: bool) -> None:
        """See Watcher."""
        number = self._ref(leaf)[0]
        held = leaf._grad
        none = set_to_none or held is None
        version = 0 if none else held._storage.version
        value = -1 if none else self._value(held._data)
        template = self._template({"set_to_none": bool(set_to_none)})
        self._note(Kind.ZERO_GRAD, template, writes=(number, GRAD, version, value), place=self._here())

    def optimizer_step(self, optimizer: Any, param: Tensor, grad: Array | None, before: Array, after: Array, skipped: bool) -> None:
        """See Watcher."""
        number = self._ref(param)[0]
        reads = (number, GRAD, 0, -1 if grad is None else self._value(grad))
        writes = self._ref(param)
        template = self._template({"skipped": bool(skipped), "optimizer": type(optimizer).__name__})
        self._row(int(Kind.OPTIMIZER_STEP), -1, -1, self._here(), template, (), (*reads, *writes), 1)

    # Numbering.

    def _number(self, tensor: Tensor, site: int) -> int:
        """The tensor's number; a tensor that was never told about gets one, and `site`."""
        mark = tensor._mark
        if mark is not None:
            return int(mark[0])
        self._tensor_sites.append(site)
        return len(self._tensor_sites) - 1

    def _ref(self, tensor: Tensor) -> tuple[int, int, int, int]:
        """A read of a tensor: its value at its version."""
        mark = tensor._mark
        version = tensor._storage.version
        writes = self._values.foreign_writes
        if mark is None:
            mark = tensor._mark = [self._number(tensor, -1), self._value(tensor._data), version, writes]
        elif mark[2] != version or mark[3] != writes:
            mark = tensor._mark = [mark[0], self._value(tensor._data), version, writes]
        return (mark[0], VAL, mark[2], mark[1])

    def _write_ref(self, tensor: Tensor, site: int) -> tuple[int, int, int, int]:
        """A write of a tensor that was just made at `site`."""
        number = len(self._tensor_sites)
        self._tensor_sites.append(site)
        version = tensor._storage.version
        value = self._value(tensor._data)
        tensor._mark = [number, value, version, self._values.foreign_writes]
        return (number, VAL, version, value)

    def _node(self, node: Node) -> list[Any]:
        """The mark of a node; an AccumulateGrad that is met for the first time gets a call and its bucket's site."""
        mark: list[Any] | None = node._mark
        if mark is None:
            site = -1
            leaf = getattr(node, "variable", None)
            if leaf is not None:
                number = self._ref(leaf)[0]
                site = self.sites.bucket(self._tensor_sites[number])
                if site not in self._buckets:
                    self._buckets.add(site)
                    self._bucket_leaves.append((site, number))
            mark = node._mark = [self._calls, site, [], 0]
            self._calls += 1
        return mark

    def _pass_place(self) -> int:
        return self._pass_places[-1] if self._pass_places else 0

    def _place_of_line(self, line: int) -> int:
        here = self.places.here(sys._getframe(2))
        return here if self.places.lines[here] == line else self.places.number(self.places.paths[here], line)

    def _save_template(self, name: str) -> int:
        found = self._save_templates.get(name)
        if found is None:
            found = self._save_templates[name] = self._template({"name": name}, ("version",))
        return found

    def _template(self, detail: dict[str, Any], fields: tuple[str, ...] = ()) -> int:
        """The number of a kind of detail: what is the same each time as JSON, and the names of what is not."""
        text = json.dumps([detail, fields], separators=(",", ":"))
        number = self._template_numbers.get(text)
        if number is None:
            number = self._template_numbers[text] = len(self._templates)
            self._templates.append(text)
        return number

    # Rows.

    def _now(self) -> int:
        """The index of the next event."""
        with self._lock:
            return self._sent[0] + len(self._rows) // SIZE

    def _note(
        self,
        kind: Kind,
        template: int,
        extras: Sequence[int] = (),
        *,
        reads: Sequence[int] = (),
        writes: Sequence[int] = (),
        site: int = -1,
        place: int = 0,
    ) -> None:
        self._row(int(kind), site, -1, place, template, extras, (*reads, *writes), len(reads) >> 2)

    def _row(self, kind: int, site: int, call: int, place: int, template: int, extras: Sequence[int], refs: Sequence[int], reads: int) -> None:
        many, width = len(extras), len(refs) >> 2
        if many <= EXTRAS and width <= REFS:
            self._write(PACK[many][width](kind | self._state, site, call, place, reads, width - reads, template, many, *extras, *refs))
        else:
            self._wide_count += 1
            self._wide[self._wide_count] = (list(extras), list(refs))
            self._write(PACK[1][0](kind | self._state, site, call, place, reads, width - reads, template, -1, self._wide_count))

    # Handing over.

    def _relieve(self) -> None:
        """Seal what waits, when it has become much."""
        if len(self._rows) > _SEAL_ROWS * SIZE or self._values.pending_bytes > _SEAL_BYTES:
            self._sealed.append(self._seal(len(self._rows) // SIZE))

    def drain(self, everything: bool = True) -> bytes:
        """What is new since the last call, for `Recording.append_chunk`; may be called from another thread.

        Events of the first iteration of a loop wait until it is known whether the loop trains, because
        that decides their epoch; with `everything` they do not wait.
        """
        stop = len(self._rows) // SIZE
        if not everything:
            loops = self.clock.loops
            waiting = next((loop.start for loop in loops[:1] if not loop.trained and loop.iteration == 0), None)
            if waiting is not None:
                stop = max(0, min(stop, waiting - self._sent[0]))
        self._sealed.append(self._seal(stop))
        sealed, self._sealed = self._sealed, []
        return b"".join(sealed)

    def _seal(self, rows: int) -> bytes:
        with self._lock:
            first, sites, tensors, templates, passes, leaves = self._sent
            data = bytes(self._rows[: rows * SIZE])
            del self._rows[: rows * SIZE]
            columns = columns_of(data, self._wide, self.places.lines, passes) | self._time(first, rows)
            ends = [len(self.sites.all), len(self._tensor_sites), len(self._templates)]
            changed, self.sites.changed = self.sites.changed, set()
            passes += int(np.count_nonzero(columns["kind"] == int(Kind.BACKWARD_BEGIN)))
            self._sent = [first + rows, *ends, passes, len(self._bucket_leaves)]
        sealed = self._values.seal(keep=sum(map(len, self._sealed)) < self.budget)
        columns["tensor_site"] = np.array(self._tensor_sites[tensors : ends[1]], np.int64)
        columns["form"] = np.array(sealed.form, np.int64)
        tables = {
            "sites": [_site_row(site) for site in self.sites.all[sites : ends[0]]],
            "changed": [_site_row(self.sites.all[i]) for i in sorted(changed) if i < sites],
            "templates": self._templates[templates : ends[2]],
            "forms": sealed.forms,
            "kept": bool(sealed.data),
            "meta": {k: v for k, v in self.meta.items() if self._sent_meta.get(k) != v},
            "leaves": self._bucket_leaves[leaves:],
        }
        self._sent_meta = dict(self.meta)
        return encode(Chunk(first, sealed.first, tables, columns, sealed.stats, sealed.data))

    def _time(self, first: int, rows: int) -> dict[str, Any]:
        marks = self.clock.marks
        starts = np.array([mark[0] for mark in marks], np.int64)
        number = np.searchsorted(starts, np.arange(first, first + rows), side="right") - 1
        table = np.array(marks, np.int64)
        done = max(0, int(np.searchsorted(starts, first + rows, side="right")) - 1)
        del marks[:done]
        return {"step": table[number, 1], "epoch": table[number, 2]}


def _site_row(site: Any) -> list[Any]:
    return [site.index, site.role, site.op, site.grad_fn, site.name, site.line, list(site.path), site.occurrence]


def _signature(inputs: Sequence[Any], params: dict[str, Any]) -> tuple[Any, ...]:
    """What of a call goes into the detail of its event, hashable."""
    return (
        tuple(None if hasattr(item, "_mark") else repr(_plain(item)) for item in inputs),
        tuple((name, repr(_plain(value))) for name, value in params.items()) if params else (),
    )


def _plain(value: Any) -> Any:
    """A parameter as JSON can hold it."""
    kind = type(value)
    if kind in _PLAIN:
        return value if kind is not str or len(value) <= 200 else value[:200]
    if isinstance(value, (tuple, list)) and len(value) <= 64:
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, np.ndarray):
        return f"array of shape {list(value.shape)}"
    if hasattr(value, "_mark"):
        return f"tensor of shape {list(value.shape)}"
    if isinstance(value, slice):
        return f"{'' if value.start is None else value.start}:{'' if value.stop is None else value.stop}"
    return kind.__name__ if len(repr(type(value))) > 100 or callable(value) else str(value)[:100]
