"""A value of a recording as a little program: the ops that led to it, ready to run again with other numbers in its leaves.

Nothing of the script is run: the engine's rows are called with recorded arrays. What cannot be computed again (an op
without a row, a random one, numbers that were not kept) makes no program; `Program.of` finds that out by running it
once with the recorded numbers and comparing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..debugger.derivation.engine_rows import rows_named
from ..recording.event import Event, Kind

if TYPE_CHECKING:
    from engine.op import Op

    from ..debugger.session import Session

Array = np.ndarray[Any, Any]

MOST = 2000  # instructions: a picture asks for hundreds of runs
ARRAY = "array of shape "  # how a recording tells a param that is an array
LOOKED, CANDIDATES = 400, 16  # events that are searched for such an array, and arrays that are tried
RUNNABLE = (Kind.OP, Kind.VIEW, Kind.DETACH)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One op. Each input is a place in the program's values, or a constant."""

    event: int
    site: int
    row: Op
    inputs: tuple[tuple[int, Any], ...]  # (place, constant): place -1 means the constant
    params: dict[str, Any]
    output: int  # its first place; further outputs follow
    outputs: int = 1  # how many it has
    given: tuple[tuple[str, int], ...] = ()  # params that are values too: name and place


@dataclass(slots=True)
class Program:
    """Instructions in the order in which they ran.

    Attributes:
        leaves: place of each value that no instruction makes -> tensor number.
        trained: the leaves that require grad.
        values: what was recorded at each place.
        result: the place of the value that the program is for.
    """

    instructions: list[Instruction] = field(default_factory=list)
    leaves: dict[int, int] = field(default_factory=dict)
    trained: set[int] = field(default_factory=set)
    values: list[Array] = field(default_factory=list)
    result: int = -1

    @staticmethod
    def of(session: Session, event: int) -> Program | None:
        """The program of what an event wrote; None where it cannot be computed again."""
        made = _Reader(session).read(event)
        return made if made is not None and made.is_faithful() else None

    def is_faithful(self) -> bool:
        """Whether running it with the recorded numbers gives the recorded result."""
        found = self.run({place: self.values[place] for place in self.leaves})
        wanted = self.values[self.result]
        if found is None or found.shape != wanted.shape:
            return False
        loose = 1e-4 if wanted.dtype in (np.float32, np.float16) else 1e-8
        return bool(np.allclose(found, wanted, rtol=loose, atol=loose, equal_nan=True))

    def place_of(self, tensor: int) -> int:
        """Where a leaf stands, -1 for nowhere."""
        return next((place for place, owner in self.leaves.items() if owner == tensor), -1)

    def dependents(self, places: set[int]) -> list[Instruction]:
        """The instructions that must run again when values at these places change."""
        changed, found = set(places), []
        for instruction in self.instructions:
            if any(place in changed for place, _ in instruction.inputs) or any(place in changed for _, place in instruction.given):
                found.append(instruction)
                changed.update(range(instruction.output, instruction.output + instruction.outputs))
        return found

    def run(self, changed: dict[int, Array], plan: list[Instruction] | None = None, result: int | None = None) -> Array | None:
        """The result with other values at some places; None where an op refuses them.

        Hot path: a loss surface runs it for each of its points; `plan` is what `dependents` gave.
        """
        values = dict(changed)
        wanted = self.result if result is None else result
        for instruction in self.dependents(set(changed)) if plan is None else plan:
            if instruction.output > wanted:
                break  # what comes later reads the result
            arguments = [
                constant if place < 0 else values[place] if place in values else self.values[place]
                for place, constant in instruction.inputs
            ]
            params = instruction.params
            if instruction.given:
                params = params | {name: values.get(place, self.values[place]) for name, place in instruction.given}
            try:
                with np.errstate(all="ignore"):
                    made = instruction.row.forward(*_given(instruction.row, arguments), **params)
            except (ValueError, TypeError, IndexError, KeyError, AttributeError, RuntimeError, ArithmeticError):
                return None
            outputs = made if isinstance(made, (tuple, list)) else (made,)
            for k, output in enumerate(outputs):
                place = instruction.output + k
                if place < len(self.values):
                    values[place] = np.asarray(output).astype(self.values[place].dtype, copy=False)
        return values.get(wanted, self.values[wanted])


def _given(row: Op, arguments: list[Any]) -> list[Any]:
    return [arguments] if row.variadic else arguments


class _Reader:
    """Walks from a value back to its leaves."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._recording, self._trace = session.recording, session.trace
        self._places: dict[tuple[int, int], int] = {}  # (event, number of the write) -> place
        self._leaf_places: dict[tuple[int, int], int] = {}  # (location, value) -> place
        self._tracked: set[int] = set()  # places that depend on a tensor that requires grad

    def read(self, result: int) -> Program | None:
        """The program, None where something in it cannot be run."""
        rows = self._needed(result)
        if rows is None:
            return None
        program = Program()
        for index in rows:
            if not self._add(program, self._trace.event(index)):
                return None
        program.result = self._places.get((result, 0), -1)
        return program if program.result >= 0 else None

    def _needed(self, result: int) -> list[int] | None:
        """The events that lead to the result, ascending; None where there are too many, or where one wrote in place."""
        waiting, seen = [result], set()
        while waiting:
            index = waiting.pop()
            if index in seen:
                continue
            seen.add(index)
            if len(seen) > MOST:
                return None
            event = self._trace.event(index)
            if event.kind not in RUNNABLE:
                return None
            for ref in event.reads:
                maker = self._maker(ref.location, index)
                if maker is None:
                    continue
                if maker.kind == Kind.INPLACE_WRITE and any(before is not None for before in maker.detail.get("next") or ()):
                    return None  # a value that was overwritten with history: not a plain chain of ops
                if maker.kind in RUNNABLE:
                    waiting.append(maker.index)
        return sorted(seen)

    def _maker(self, location: int, before: int) -> Event | None:
        row = self._trace.last_write(location, before - 1)
        return self._trace.event(row) if row is not None else None

    def _add(self, program: Program, event: Event) -> bool:
        """Add what an event did; what depends on no parameter (data, targets) stands as it was recorded."""
        places = [self._place(program, ref.location, ref.value, event.index) for ref in event.reads]
        if not any(place in self._tracked for place in places):
            return True  # who reads its outputs finds them as leaves
        if -1 in places:
            return False
        detail = event.detail
        row = next(iter(rows_named(str(detail.get("op") or ""), str(detail.get("grad_fn") or ""))), None)
        if row is None:
            return False
        given: dict[int, tuple[int, Any]] = {int(k): (-1, v) for k, v in (detail.get("numbers") or {}).items()}
        ports = detail.get("ports") or range(len(event.reads))
        for port, place in zip(ports, places, strict=False):
            given[int(port)] = (place, None)
        count = max(given, default=-1) + 1
        params = {name: tuple(v) if isinstance(v, list) else v for name, v in (detail.get("params") or {}).items()}
        inputs = tuple(given.get(k, (-1, None)) for k in range(count))
        by_name = self._array_params(program, event, row, [program.values[p] if p >= 0 else c for p, c in inputs], params)
        if by_name is None:
            return False
        output = len(program.values)
        for k, ref in enumerate(event.writes):
            picture = self._trace.picture(ref.value)
            if picture is None or picture.array is None:
                return False
            self._places[event.index, k] = len(program.values)
            self._tracked.add(len(program.values))
            program.values.append(picture.array)
        program.instructions.append(Instruction(event.index, event.site, row, inputs, params, output, len(event.writes), by_name))
        return True

    def _array_params(
        self, program: Program, event: Event, row: Op, inputs: list[Any], params: dict[str, Any]
    ) -> tuple[tuple[str, int], ...] | None:
        """Params that are arrays (the labels of nll_loss) are recorded by their shape: finds the tensor that gives what was recorded."""
        names = [name for name, value in params.items() if isinstance(value, str) and value.startswith(ARRAY)]
        if not names:
            return ()
        wanted = self._trace.picture(event.writes[0].value) if len(names) == 1 and event.writes else None
        if wanted is None or wanted.array is None:
            return None
        shape = tuple(int(n) for n in params[names[0]][len(ARRAY) :].strip("[]").split(",") if n.strip())
        for location, value in self._candidates(event.index, shape):
            array = self._recording.array(value)
            try:
                with np.errstate(all="ignore"):
                    made = row.forward(*_given(row, inputs), **(params | {names[0]: array}))
            except (ValueError, TypeError, IndexError, KeyError, AttributeError, RuntimeError, ArithmeticError):
                continue
            first = np.asarray(made[0] if isinstance(made, (tuple, list)) else made)
            if array is not None and first.shape == wanted.array.shape and np.allclose(first, wanted.array, rtol=1e-5, equal_nan=True):
                place = len(program.values)
                program.values.append(array)
                program.leaves[place] = self._trace.tensor_of(location)
                return ((names[0], place),)
        return None

    def _candidates(self, before: int, shape: tuple[int, ...]) -> list[tuple[int, int]]:
        """Locations and values of whole numbers of a shape, the latest first."""
        found: list[tuple[int, int]] = []
        kinds = self._session.columns.kind[:before]
        making = np.flatnonzero(np.isin(kinds, [int(Kind.CREATE_LEAF), *map(int, RUNNABLE)]))
        for row in making[::-1][:LOOKED].tolist():
            for ref in self._trace.event(row).writes:
                if ref.value >= 0:
                    form, dtype = self._recording.form(ref.value)
                    if form == shape and dtype in ("int64", "int32", "bool", "uint8") and len(found) < CANDIDATES:
                        found.append((ref.location, ref.value))
        return found

    def _place(self, program: Program, location: int, value: int, before: int) -> int:
        """Where an input stands; a value that no instruction makes becomes a leaf."""
        maker = self._maker(location, before)
        if maker is not None:
            for k, ref in enumerate(maker.writes):
                if ref.location == location and (maker.index, k) in self._places:
                    return self._places[maker.index, k]
        key = (location, value)
        if key not in self._leaf_places:
            picture = self._trace.picture(value)
            if picture is None or picture.array is None:
                return -1
            place = self._leaf_places[key] = len(program.values)
            program.values.append(picture.array)
            program.leaves[place] = self._trace.tensor_of(location)
            if self._trace.requires_grad(location, before - 1):
                self._tracked.add(place)
                program.trained.add(place)
        return self._leaf_places[key]
