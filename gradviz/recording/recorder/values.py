"""The values of a run while it goes on: kept by reference, copied when they are about to be overwritten.

Where their numbers will not be kept anyway (numbers/thinning.py), large ones are measured at once and let go of.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..numbers.store import LARGEST
from .measured import LARGE, Living, Measured, where
from .sealed import Sealed, sealed

Array = np.ndarray[Any, Any]

LONG = 1024  # elements: of longer arrays it is asked whether another one has the same bytes


class Values:
    """Numbers the arrays of a run: one array at one version is one value.

    Nothing is copied while the program runs: `before_write` copies what is about to change, and sealing
    copies the rest in one go.
    """

    def __init__(self) -> None:
        self.count = 0
        self.pending_bytes = 0  # of long arrays only
        self.numbers: dict[int, int] = {}  # id of a pending array -> its value
        self.foreign_writes = 0  # writes that no version counter shows (through `.data`)
        self.lock = threading.Lock()
        self._pending: list[Any] = []  # from value `_sealed` on: arrays, or what was measured of them
        self._long: list[int] = []  # the pending values that are long
        self._measured: list[int] = []  # the pending values that were let go of
        self._sealed = 0
        self._foreign: weakref.WeakValueDictionary[int, Array] = weakref.WeakValueDictionary()
        self._any_foreign = False  # quicker than to ask such a dictionary
        self._lasting: dict[int, tuple[int, Array]] = {}  # id -> value and array: these stay the same value after a seal, too
        self._copies: list[Array] = []  # kept alive while their ids stand in `numbers`
        self._views: dict[int, list[Array]] = {}  # id of the array that owns the memory -> pending views of it
        self.lean = False  # whether only the statistics of what comes now are wanted
        self._living: dict[int, Living] = {}  # id -> what was let go of, as long as it lives
        self._living_views: dict[int, list[Living]] = {}  # as `_views`

    def number(self, array: Array) -> int:
        """The value of an array.

        Hot path: several times an event. The order of the writes lets `seal` run in another thread: once it is counted
        `seal` sees it, and it is never put into a table that does not keep it alive.
        """
        numbers = self.numbers
        value = numbers.get(id(array))
        if value is None:
            value = self.count
            self._pending.append(array)
            self.count = value + 1
            numbers[id(array)] = value
            if numbers is not self.numbers:
                self.late(array, value)
            if array.size > LONG or array.base is not None:
                self.note(array, value)
        return value

    def many(self, arrays: tuple[Array, ...]) -> list[int]:
        """The values of arrays, as `number` gives them one after the other."""
        numbers, pend = self.numbers, self._pending.append
        found = []
        for array in arrays:
            value = numbers.get(id(array))
            if value is None:  # as in `number`
                value = self.count
                pend(array)
                self.count = value + 1
                numbers[id(array)] = value
                if numbers is not self.numbers:
                    self.late(array, value)
                    numbers = self.numbers
                if array.size > LONG or array.base is not None:
                    self.note(array, value)
            found.append(value)
        return found

    def late(self, array: Array, value: int) -> None:
        """A value was put into a table that is not the one any more: into the new one, if it still waits to be sealed."""
        with self.lock:
            if value >= self._sealed:
                self.numbers.setdefault(id(array), value)

    def note(self, array: Array, value: int) -> None:
        """A new value is long, or a view."""
        if (self.lean and array.size >= LARGE) or array.nbytes > LARGEST:
            self._let_go(array, value)
            return
        if array.size > LONG:
            self._long.append(value)
            self.pending_bytes += array.nbytes
        if array.base is not None:
            self._remember_view(array)

    def holds(self, array: Array, value: int) -> bool:
        """Whether an array waits as this value to be sealed, so that there is a reference more to it."""
        with self.lock:
            return value >= self._sealed and self._pending[value - self._sealed] is array

    def copied(self, array: Array, source: Array) -> int:
        """The value of an array and of what it was just copied from: one, with its bytes and statistics once."""
        value = self.number(source)
        have = self.numbers.setdefault(id(array), value)  # one look: `seal` may put another table there meanwhile
        if have == value:
            of_source = self._living.get(id(source))
            if of_source is not None:
                owner = _owner(array)
                self._follow(array, of_source.measured, owner, where(array, owner))
            else:
                self._copies.append(array)
                self._remember_view(array)
        return have

    def _let_go(self, array: Array, value: int) -> None:
        """Measure a new value, and keep nothing else of it."""
        owner = array if array.base is None else _owner(array)
        place = where(array, owner)
        measured = self._like(array, owner, place) or Measured(array)
        with self.lock:
            if value >= self._sealed:
                self._pending[value - self._sealed] = measured
                self._measured.append(value)
                self._follow(array, measured, owner, place)

    def _like(self, array: Array, owner: Array, place: int | None) -> Measured | None:
        """What was measured of an array with the same elements: of views of the whole of one there are many."""
        if array is owner or place is None:
            return None
        first = self._living.get(id(owner))
        for living in (*([first] if first else ()), *self._living_views.get(id(owner), ())):
            measured: Measured = living.measured
            if living.where == place and measured.size == array.size and measured.dtype == array.dtype and living() is not None:
                return measured.seen_as(array)
        return None

    def _follow(self, array: Array, measured: Measured, owner: Array, place: int | None) -> None:
        """What was let go of is known by its id until it dies, or until it is written to."""
        living = self._living[id(array)] = Living(array, self._died)
        living.key, living.measured, living.where = id(array), measured, place
        if array is not owner:
            self._living_views.setdefault(id(owner), []).append(living)

    def _died(self, living: Living) -> None:
        self.numbers.pop(living.key, None)
        self._living.pop(living.key, None)

    def _remember_view(self, array: Array) -> None:
        if array.base is not None:
            self._views.setdefault(id(_owner(array)), []).append(array)

    def lasting(self, array: Array) -> int:
        """The value of an array that comes again each step, such as the 1 that a backward pass starts from."""
        value = self.number(array)
        if id(array) not in self._lasting:
            with self.lock:
                self._lasting[id(array)] = (value, array)
        return value

    def foreign(self, array: Array) -> None:
        """The memory of the array has two version counters from now on (`.data`)."""
        owner = _owner(array)
        self._foreign[id(owner)] = owner
        self._any_foreign = True

    def before_write(self, array: Array) -> None:
        """The memory of `array` is about to change."""
        owner = _owner(array)
        if self._any_foreign and id(owner) in self._foreign:
            self.foreign_writes += 1
        with self.lock:
            twin = self._rescue(owner)
            if owner is not array:
                self._rescue(array, owner, twin)
            for view in self._views.pop(id(owner), ()) if self._views else ():
                if view is not array:
                    self._rescue(view, owner, twin)
            if self._living:
                self._living.pop(id(owner), None)
                for living in self._living_views.pop(id(owner), ()):
                    if living() is not None:
                        self._died(living)

    def _rescue(self, array: Array, owner: Array | None = None, twin: Any = None) -> Any:
        """A copy takes the place of a pending array; of a view it is a view of the copy `twin` of its `owner`, where there is one."""
        value = self.numbers.pop(id(array), None)
        if self._lasting:
            self._lasting.pop(id(array), None)
        if value is None or value < self._sealed:
            return None
        kept: Any = self._pending[value - self._sealed]
        if kept is not array:  # it is a copy of what is kept
            return None
        if twin is not None and array.base is owner and twin.strides == owner.strides:
            offset = array.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
            copy = np.ndarray(array.shape, array.dtype, twin, offset, array.strides)
        else:
            copy = array.copy(order="K")
        self._pending[value - self._sealed] = copy
        return copy

    def forget(self) -> None:
        """Let go of all values so far; what is met again later is a new value."""
        with self.lock:
            self.numbers = {}
            self._lasting = {}
            self._views = {}
            self._copies = []
            self.pending_bytes = 0
            self._pending.clear()
            self._long = []
            self._measured = []
            self._living = {}
            self._living_views = {}
            self._sealed = self.count

    def ends(self, most: int) -> list[int]:
        """Where to cut the values so far, so that a piece has at most `most` bytes of numbers, or one value; the last end is behind all."""
        first, stop = self._sealed, self.count
        found, size = [], 0
        for value in range(first, stop if self.pending_bytes > most else first):
            nbytes = self._pending[value - first].nbytes
            if nbytes <= LARGEST:
                if size and size + nbytes > most:
                    found.append(value)
                    size = 0
                size += nbytes
        return [*found, stop]

    def seal(self, stop: int, *, keep: bool) -> Sealed:
        """Take out the values before `stop`, with their statistics; without their numbers where `keep` is false."""
        with self.lock:
            first = self._sealed
            if any(self._pending[value - first].nbytes <= LARGEST for value in self._measured):
                stop, keep = self.count, False  # what was let go of cannot come later, in a chunk with numbers
            stop = max(stop, first)
            copies, self._copies = self._copies, []  # alive until the table is gone in which their ids stand
            # A fresh table, and only then the values go: an id in it always belongs to a living array.
            self.numbers = {key: value for key, (value, _) in self._lasting.items()}
            self._views = {}
            living, self._living, self._living_views = self._living, {}, {}
            del copies
            self._remain(stop, living.values())
            arrays = self._pending[: stop - first]
            del self._pending[: stop - first]
            self._sealed = stop
            long, self._long = self._long, []
            self._long += [value for value in long if value >= stop]  # the program goes on meanwhile
            measured, self._measured = self._measured, []
            self._measured += [value for value in measured if value >= stop]
            here, gone = ([value - first for value in some if first <= value < stop] for some in (long, measured))
            return sealed(first, arrays, here, gone, keep=keep)

    def _remain(self, stop: int, living: Iterable[Living]) -> None:
        """The values from `stop` on wait for the next seal: the program may have noted them a moment ago."""
        late = [(value, self._pending[value - self._sealed]) for value in range(stop, self.count)]
        let_go = {id(measured): value for value, measured in late if measured.__class__ is Measured}
        for one in living if let_go else ():
            array, number = one(), let_go.get(id(one.measured))
            if array is not None and number is not None:
                self.numbers.setdefault(one.key, number)
                self._follow(array, one.measured, _owner(array), one.where)
        held = [(value, array) for value, array in late if array.__class__ is not Measured]
        for value, array in held:
            self.numbers.setdefault(id(array), value)
            self._remember_view(array)
        self.pending_bytes = sum(array.nbytes for _, array in held if array.size > LONG)


def _owner(array: Array) -> Array:
    """The array whose memory another one shows: the same for all views of it, whatever numpy has put in between."""
    base: Any = array.base
    while base is not None:
        if isinstance(base, np.ndarray):
            array = base
        base = getattr(base, "base", None)
    return array
