"""Learning: while a step is noted as any other, what makes it the same step again is noted beside it."""

from __future__ import annotations

import struct
import sys
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine import modes

from ...event import Kind
from ...location import KIND_BITS, SAVE
from ..plain import SIMPLE
from ..rows import EXTRAS, HEAD, MANY, READS, WIDTH, WRITES
from .calls import ALL, NUMBER, SAME, Call
from .pattern import Expected, Pattern

_getframe = sys._getframe
_unpack = struct.Struct(f"<{WIDTH}i").unpack_from
_REFS = HEAD + EXTRAS
_SITE, _CALL, _PLACE, _TEMPLATE = 1, 2, 3, 6
_SLOT_BITS = (1 << KIND_BITS) - 1

# What an expectation starts with: an op's own row, or one of these.
WHOLE, SEED, VJP, DELIVER, ACCUMULATE, FREE, BEGIN, END, SAVED, ZERO, STEP, TURN, BIND = range(1, 14)
LEARNED = (
    "op", "view", "save", "seed", "vjp", "deliver", "accumulate", "free_saves", "backward_begin", "backward_end", "zero_grad",
    "optimizer_step", "turn", "bind_name",
)  # fmt: skip
_IS_TENSOR: list[int] = []
# Where one of these comes whole, all events are told: what would follow from it does not follow.
_ROOTS = frozenset(map(int, (Kind.OP, Kind.VIEW, Kind.SAVE, Kind.VJP, Kind.DELIVER, Kind.FREE_SAVES)))
# Where one of these comes whole, each op has to count what stands at its place.
_SITED = frozenset(map(int, (Kind.OP, Kind.VIEW, Kind.CREATE_LEAF, Kind.DETACH, Kind.INPLACE_WRITE)))
_INPLACE = int(Kind.INPLACE_WRITE)
RECENT = 64  # so many tensors from before a step may belong to it


class Learner:
    """Stands before the recorder's methods for one step.

    An event of which not everything can be foretold stays as it is: its row is written anew each time (`WHOLE`).
    """

    def __init__(self, recorder: Any, recent: int) -> None:
        """`recent`: tensors from this number on are made anew for each step, before it begins (a batch that a loop fetched)."""
        self._recorder = recorder
        self._kind = type(recorder)
        self._calls: int = recorder._calls
        self._tensors: int = len(recorder._tensor_sites) - RECENT
        self._recent = max(recent, self._tensors)
        self._rows: list[tuple[int, ...]] = []
        self._expected: list[Expected] = []
        self._before: list[tuple[int, int, int, int]] = [(0, 0, 0, 0)]
        self._gathered: list[int] = []  # what was gathered in this turn
        self._cells: list[tuple[int, int]] = []  # cell, which of the gathered
        self._call_cells: list[int] = []
        self._tensor_cells: list[int] = []
        self._whole: list[int] = []
        # Tensor, version, value -> where the latter two were gathered; -1: the version is 0.
        self._known: dict[tuple[int, int, int], tuple[int, int]] = {}
        self._own: dict[int, bool] = {}  # calls that were foretold
        self._saves: dict[tuple[int, int], tuple[int, int]] = {}  # call, sub -> as in `_known`
        self._saved: dict[int, tuple[int, int, int, int]] = {}  # event -> call, sub, and where version and value were gathered
        self._grads: dict[tuple[int, int], int] = {}  # call, input -> where its gradient was gathered
        self._totals: dict[tuple[int, int], int] = {}  # call, output -> where the sum of its cotangents was
        self._buckets: dict[int, bool] = {}  # calls of AccumulateGrads that an op is known to lead to
        self._found: list[tuple[dict[Any, Any], Any, Any]] = []  # for these tables, when the event turns out to be foretold
        self._written = False  # in place: a version may have changed
        self._inside = False
        self.loops = False  # other loops ran inside the step
        self.failed = False

    def write(self, row: bytes) -> None:
        """A row is noted."""
        self._recorder._rows.write(row)
        self._rows.append(_unpack(row))
        if not self._inside:
            self._stays()

    def pattern(self) -> Pattern | None:
        """What was learned, None where the step was not seen whole."""
        if self.failed or not self._rows:
            return None
        rows = np.array(self._rows, np.int32)
        flat = rows.reshape(-1)
        flat[self._call_cells] -= self._calls
        flat[self._tensor_cells] -= self._tensors
        cells, sources = [cell for cell, _ in self._cells], [source for _, source in self._cells]
        kinds = {self._rows[k][0] & 0xFF for k in self._whole}
        terse = not kinds & _ROOTS and not any(e[0] is DELIVER and e[3] for e in self._expected)
        for k, e in enumerate(self._expected):
            if e[0].__class__ is not int:
                call = e[3]._replace(counted=(e[3].cell, e[3].occurrence)) if self.loops or kinds & _SITED else e[3]
                self._expected[k] = (*e[:2], call.follow(e[0]), call)
        expected = [e for e in self._expected if not (terse and (e[0] is SAVED or e[0] is FREE or (e[0] is DELIVER and e[2] and not e[3])))]
        expected.append((None, len(rows)))
        saved: dict[int, list[tuple[int, ...]]] = {}
        for index, (call, *save) in self._saved.items():
            saved.setdefault(call, []).append((index, *save))
        return Pattern(expected, terse, rows, self._call_cells, self._tensor_cells, cells, sources, self._whole, self._before, saved)

    # Each event: noted by the recorder, then looked at.

    def method(self, name: str) -> Callable[..., None]:
        """What stands before the recorder's method of that name."""
        slow, look = getattr(self._kind, name), getattr(self, "_op" if name == "view" else f"_{name}")
        recorder = self._recorder

        def told(*args: Any, **named: Any) -> None:
            noted = len(self._rows)
            counts = recorder._calls, len(recorder._tensor_sites)
            if name in ("op", "view"):
                recorder.places.depths.pop(args[0].name, None)  # this frame stands between
            self._inside = True
            try:
                slow(recorder, *args, **named)
            finally:
                self._inside = False
            if name in ("op", "view"):
                recorder.places.depths.pop(args[0].name, None)
            if len(self._rows) != noted + 1:
                self.failed = True
                return
            row = self._rows[-1]
            marked = len(self._gathered), len(self._cells), len(self._call_cells), len(self._tensor_cells)
            self._found = []
            expected = look(row, counts, *args, **named) if row[MANY] >= 0 else None
            if expected is None:
                gathered, cells, calls, tensors = marked
                del self._gathered[gathered:], self._cells[cells:], self._call_cells[calls:], self._tensor_cells[tensors:]
                self._stays()
                return
            for table, key, place in self._found:
                table[key] = place
            self._add(expected)

        return told

    def _add(self, expected: Expected) -> None:
        self._expected.append(expected)
        recorder = self._recorder
        self._before.append(
            (len(self._gathered), len(self._whole), recorder._calls - self._calls, len(recorder._tensor_sites) - self._tensors)
        )

    def _stays(self) -> None:
        """The row comes whole each time; what stands in it of kind, state and numbers so far must fit."""
        index, recorder = len(self._expected), self._recorder
        self._whole.append(index)
        self._written |= self._rows[-1][0] & 0xFF == _INPLACE
        after = recorder._calls - self._calls, len(recorder._tensor_sites) - self._tensors
        self._add((WHOLE, index, self._rows[-1][0], *after))

    def _find(self, table: dict[Any, Any], key: Any, place: Any) -> None:
        self._found.append((table, key, place))

    # Cells.

    def _gather(self, value: int, *cells: int) -> int:
        """One more number is gathered, for these cells."""
        self._gathered.append(value)
        source = len(self._gathered) - 1
        self._cells += [(cell, source) for cell in cells]
        return source

    def _cell(self, column: int) -> int:
        return (len(self._rows) - 1) * WIDTH + column

    def _call_cell(self, column: int, call: int) -> int:
        """A cell with the number of a call; what is expected there: from 0 on in this step, below 0 the complement of an older one."""
        if call < self._calls:
            return ~call
        self._call_cells.append(self._cell(column))
        return call - self._calls

    def _tensor_cell(self, column: int, tensor: int, *, stays: bool = False) -> int:
        """As `_call_cell`, for a tensor; `stays`: it is from before this step, however near."""
        if stays or tensor < self._recent:
            return ~tensor
        self._tensor_cells.append(self._cell(column))
        return tensor - self._tensors

    def _from(self, place: tuple[int, int], version: int, value: int) -> None:
        """These two columns hold what was gathered there."""
        if place[0] >= 0:
            self._cells.append((self._cell(version), place[0]))
        self._cells.append((self._cell(value), place[1]))

    def _there(self) -> tuple[int, Any, int, tuple[tuple[int, Any, int], ...]] | None:
        """The frames of the script that led here, the innermost first: depth under the method that is told, code, instruction."""
        script = self._recorder.places.script
        frame, depth = _getframe(3), 1  # told, look, this
        chain = []
        while frame is not None:
            if frame.f_code.co_filename == script:
                chain.append((depth, frame.f_code, frame.f_lasti))
                if frame.f_code.co_name == "<module>":
                    break
            frame, depth = frame.f_back, depth + 1  # type: ignore[assignment]
        return (*chain[0], tuple(chain[1:])) if chain else None

    # The events. Each gives what is to be expected, or None where that cannot be said.

    def _turn(self, row: tuple[int, ...], counts: Any, loop: Any, template: int) -> Any:
        self._gather(loop.iteration, self._cell(HEAD + 1))
        return (TURN, len(self._expected), self._recorder._state, loop.line, loop.place, template)

    def _bind_name(
        self, row: tuple[int, ...], counts: tuple[int, int], name: str, tensor: Any, line: int, *, owner: str = "", rename: bool = True
    ) -> Any:
        there = self._there()
        if there is None or rename or len(self._recorder._tensor_sites) != counts[1]:
            return None
        known = self._read(tensor, _REFS)
        return None if known is None else (BIND, len(self._expected), *there, name, owner, line, known)

    def _op(
        self, row: tuple[int, ...], counts: tuple[int, int], op: Any, inputs: Sequence[Any], params: dict[str, Any], outputs: Any
    ) -> Any:
        recorder = self._recorder
        there = self._there()
        if there is None or recorder._calls != counts[0] + 1 or len(recorder._tensor_sites) != counts[1] + len(outputs):
            return None  # an AccumulateGrad is new
        site = recorder.sites.all[row[_SITE]]
        cell = recorder.sites._cells.get((row[_PLACE], op.name))
        if cell is None or site.occurrence + 1 != recorder.sites.counts[cell]:
            return None
        ins: list[Any] = []
        column = _REFS
        others: list[Any] = []
        for item in inputs:
            mark = getattr(item, "_mark", _IS_TENSOR)
            if mark is _IS_TENSOR:
                ins.append(None)
                others.append(item)
                continue
            known = self._read(item, column)
            if known is None:
                return None
            ins.append(known)
            column += 4
        self._call_cell(_CALL, row[_CALL])
        node = outputs[0]._node
        if node is not None:
            for k in range(row[MANY]):
                if row[HEAD + k] >= 0:
                    self._call_cell(HEAD + k, row[HEAD + k])
        template = None
        mode = SAME
        if others or params:
            template = row[_TEMPLATE]
            self._gather(template, self._cell(_TEMPLATE))
            mode = NUMBER if len(others) == 1 and not params and type(others[0]) in (int, float) else ALL
        constant = None
        if mode == NUMBER:
            place = ins.index(None)
            constant = place, type(inputs[place]), inputs[place], row[_TEMPLATE]
        versions = []
        for output in outputs:
            mark = output._mark
            self._tensor_cell(column, mark[0])
            version = -1
            if mark[2]:
                version = self._gather(mark[2], self._cell(column + 2))
            value = self._gather(mark[1], self._cell(column + 3))
            self._find(self._known, (mark[0], mark[2], mark[1]), (version, value))
            versions.append(version >= 0)
            column += 4
        if node is not None:
            self._find(self._own, row[_CALL], True)
        settings = dict(params) if all(setting.__class__ in SIMPLE for setting in params.values()) else None
        call = Call(
            *there, None, tuple(ins), constant, outputs[0]._mark[0] - self._tensors, row[_CALL] - self._calls, row[_SITE], row[_PLACE],
            node is not None, cell, site.occurrence, mode, row[READS], tuple(versions), bool(modes.saved_hooks), settings, template,
        )  # fmt: skip
        return (op, len(self._expected), None, call)

    def _read(self, item: Any, column: int) -> Any:
        """What is expected of an input: the number of a tensor of this step; of another that and its AccumulateGrad, and it is gathered."""
        number, value, version, _ = item._mark
        place = self._known.get((number, version, value))
        if place is not None and place[0] < 0 and not self._written:
            self._from(place, column + 2, column + 3)
            return self._tensor_cell(column, number)
        if item._node is not None and item._node._mark[0] < self._calls:
            return None  # a graph from before this step
        bucket = item._accumulator if item._requires_grad and item._node is None else None
        if bucket is not None:
            if bucket._mark is None:
                return None
            self._find(self._buckets, bucket._mark[0], True)
        gathered = self._gather(version, self._cell(column + 2)), self._gather(value, self._cell(column + 3))
        self._find(self._known, (number, version, value), gathered)
        return (self._tensor_cell(column, number), bucket)

    def _save(self, row: tuple[int, ...], counts: Any, node: Any, name: str, tensor: Any, version: int) -> Any:
        number, _, _, value, call, sub = row[_REFS : _REFS + 6]
        place = self._known.get((number, version, value))
        if call not in self._own or place is None:
            return None
        if place[0] >= 0:
            self._cells.append((self._cell(HEAD), place[0]))
        elif version:
            return None
        self._call_cell(_CALL, call)
        self._tensor_cell(_REFS, number)
        self._call_cell(_REFS + 4, call)
        self._from(place, _REFS + 2, _REFS + 3)
        self._from(place, _REFS + 6, _REFS + 7)
        self._find(self._saves, (call, sub), place)
        self._find(self._saved, len(self._expected), (call - self._calls, sub, *place))
        return (SAVED, len(self._expected))

    def _backward_begin(self, row: tuple[int, ...], counts: Any, roots: Any, grads: Any, retain: Any, create: Any) -> Any:
        there = self._there()
        if there is None or len(roots) != 1 or self._recorder._pass_places[1:]:
            return None
        number, _, version, value = row[_REFS : _REFS + 4]
        if row[HEAD] >= 0:
            self._call_cell(HEAD, row[HEAD])
        root = self._tensor_cell(_REFS, number)
        self._gather(version, self._cell(_REFS + 2))
        self._gather(value, self._cell(_REFS + 3))
        node = roots[0]._node
        if node is None or self._call(node) not in self._own:
            return None
        return (BEGIN, len(self._expected), *there, row[_PLACE], root, bool(retain), bool(create))

    @staticmethod
    def _call(node: Any) -> int:
        return int(node._mark[0])

    def _seed(self, row: tuple[int, ...], counts: Any, node: Any, cotangent: Any) -> Any:
        call = row[_CALL]
        if call not in self._own:
            return None
        self._call_cell(_CALL, call)
        self._call_cell(_REFS, call)
        self._find(self._totals, (call, 0), self._gather(row[_REFS + 3], self._cell(_REFS + 3)))
        return (SEED, len(self._expected))

    def _vjp(self, row: tuple[int, ...], counts: Any, node: Any, cotangents: Sequence[Any], grads: Sequence[Any]) -> Any:
        call = row[_CALL]
        if call not in self._own or node.attached is not None:
            return None
        self._call_cell(_CALL, call)
        column = _REFS
        asked = []
        for _ in range(row[READS]):
            owner, sub, _, value = row[column : column + 4]
            self._call_cell(column, owner)
            if sub & _SLOT_BITS == SAVE:
                place = self._saves.get((call, sub))
                if place is None:
                    return None
                self._from(place, column + 2, column + 3)
            elif value >= 0:
                nr = sub >> KIND_BITS
                source = self._totals.get((call, nr))
                if source is None or self._gathered[source] != value:
                    source = self._gather(value)
                    asked.append(nr)
                self._cells.append((self._cell(column + 3), source))
            column += 4
        given = [array is not None for array in cotangents]
        if asked and max(asked) >= len(given):
            return None
        wanted = []
        for k, array in enumerate(grads):
            wanted.append(array is not None)
            if array is not None:
                self._call_cell(column, call)
                self._find(self._grads, (call, k), self._gather(row[column + 3], self._cell(column + 3)))
                column += 4
        some = tuple(k for k, want in enumerate(wanted) if want)
        none = tuple(k for k, want in enumerate(wanted) if not want)
        return (
            VJP,
            len(self._expected),
            call - self._calls,
            len(wanted),
            some,
            none,
            tuple(given) if asked or given != [True] else None,
            asked,
        )

    def _deliver(
        self, row: tuple[int, ...], counts: Any, source: Any, input_nr: int, target: Any, output_nr: int, increment: Any, total: Any,
        arrived: int, expected: int,
    ) -> Any:  # fmt: skip
        call, to = row[_CALL], row[HEAD]
        place = self._grads.get((call, input_nr))
        if call not in self._own or (to < self._calls and to not in self._buckets):
            return None
        asked = place is None or self._gathered[place] != row[_REFS + 3]
        if place is None or asked:
            place = self._gather(row[_REFS + 3])
        self._call_cell(_CALL, call)
        self._call_cell(HEAD, to)
        self._call_cell(_REFS, call)
        self._cells.append((self._cell(_REFS + 3), place))
        self._call_cell(_REFS + 4, to)
        if total is increment:
            self._cells.append((self._cell(_REFS + 7), place))
        else:
            place = self._gather(row[_REFS + 7], self._cell(_REFS + 7))
        self._find(self._totals, (to, output_nr), place)
        return (DELIVER, len(self._expected), total is increment, asked, (arrived, expected))

    def _accumulate(
        self, row: tuple[int, ...], counts: tuple[int, int], node: Any, leaf: Any, first: bool, increment: Any, after: Any
    ) -> Any:
        call = row[_CALL]
        place = self._totals.get((call, 0))
        if node.attached is not None or call not in self._buckets:
            return None
        if self._recorder._calls != counts[0]:
            return None
        asked = place is None or self._gathered[place] != row[_REFS + 3]
        if place is None or asked:
            place = self._gather(row[_REFS + 3])
        new = len(self._recorder._tensor_sites) - counts[1]
        held = leaf._grad._mark
        expected = self._call_cell(_CALL, call)
        self._tensor_cell(HEAD + 1, row[HEAD + 1])
        self._call_cell(_REFS, call)
        number = self._tensor_cell(_REFS + 4, row[_REFS + 4])
        self._cells.append((self._cell(_REFS + 3), place))
        version = self._gather(row[_REFS + 6], self._cell(_REFS + 6))
        value = self._gather(row[_REFS + 7], self._cell(_REFS + 7))
        if held[2] == 0 and new:
            self._find(self._known, (held[0], 0, held[1]), (-1, value))
        else:
            self._find(self._known, (held[0], held[2], held[1]), (version, value))
        return (ACCUMULATE, len(self._expected), expected, number, bool(first), bool(new), row[_SITE], asked)

    def _free_saves(self, row: tuple[int, ...], counts: Any, node: Any) -> Any:
        call = row[_CALL]
        if call not in self._own:
            return None
        self._call_cell(_CALL, call)
        return (FREE, len(self._expected))

    def _backward_end(self, row: tuple[int, ...], counts: Any, error: BaseException | None) -> Any:
        return (END, len(self._expected)) if error is None else None

    def _zero_grad(self, row: tuple[int, ...], counts: tuple[int, int], leaf: Any, set_to_none: bool) -> Any:
        there = self._there()
        if there is None or not set_to_none:
            return None
        return (ZERO, len(self._expected), *there, row[_PLACE], self._tensor_cell(_REFS, row[_REFS], stays=True))

    def _optimizer_step(
        self, row: tuple[int, ...], counts: tuple[int, int], optimizer: Any, param: Any, grad: Any, after: Any, skipped: bool
    ) -> Any:
        there = self._there()
        reads, writes = row[READS], row[WRITES]
        if there is None or skipped or grad is None or reads != writes:
            return None
        if len(self._recorder._tensor_sites) != counts[1]:
            return None  # its state was not there before
        numbers = []
        for k in range(reads + writes):
            column = _REFS + 4 * k
            numbers.append(self._tensor_cell(column, row[column], stays=True))
        kept = optimizer.state.get(param) if optimizer.keeps_of_each else None
        keys = tuple(key for key, held in kept.items() if hasattr(held, "_mark")) if kept else ()
        if len(keys) + 1 != reads:
            return None
        self._gather(row[_REFS + 3], self._cell(_REFS + 3))
        for k in (*range(1, reads), *range(reads, reads + writes)):
            self._gather(row[_REFS + 4 * k + 2], self._cell(_REFS + 4 * k + 2))
            self._gather(row[_REFS + 4 * k + 3], self._cell(_REFS + 4 * k + 3))
        number, value, version, _ = param._mark
        last = len(self._gathered)
        at = last - 2 * writes
        self._find(self._known, (number, version, value), (at, at + 1))
        return (
            STEP,
            len(self._expected),
            *there,
            row[_PLACE],
            numbers[0],
            weakref.ref(optimizer),
            self._recorder.states.renamed,
            tuple(numbers[1:reads]),
            keys,
        )
