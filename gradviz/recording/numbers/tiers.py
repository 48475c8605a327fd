"""Which numbers of a recording stay in memory: those near what is looked at and at keyframes; of the rest the statistics.

A group is what came in one chunk: a run of steps with all their values. When the numbers take more than the budget, only every
second group stays as a keyframe, then every fourth and so on; besides them stay the latest groups and the ones looked at last,
a quarter of the budget each. Numbers that were computed again take another quarter, the ones not looked at for longest go first.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
BUDGET = 512 << 20  # bytes that a recording may take, where nobody says otherwise
_SHARE = 4  # the latest, the ones looked at, and the ones computed again may each take this part of the budget
_MISSED = 4096  # values remembered that somebody asked for in vain


@dataclass(slots=True)
class Block:
    """The numbers of some values of one group. `data` is None once they are thrown away."""

    data: bytes | None
    group: int


class Tiers:
    """The blocks of numbers, and what was computed again.

    Attributes:
        budget: bytes that the numbers may take.
        nbytes: bytes that they take.
        stride: every so many groups one is a keyframe.
        missed: values that were asked for and are not there, the latest last.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.nbytes = 0
        self.stride = 1
        self.blocks: list[Block] = []
        self.missed: OrderedDict[int, None] = OrderedDict()
        self._chunks = 0
        self._groups: dict[int, list[int]] = {}  # the blocks of each group; it has the number of its chunk
        self._sizes: dict[int, int] = {}  # bytes of each group that are kept
        self._kept: OrderedDict[int, None] = OrderedDict()  # the groups with numbers, in order
        self._looked: OrderedDict[int, None] = OrderedDict()  # groups looked at, the latest last
        self._latest = -1
        self._again: OrderedDict[int, Array] = OrderedDict()  # values computed again, the latest looked at last
        self._again_bytes = 0

    def begin_group(self, kept: bool = True) -> None:
        """A chunk comes, maybe without numbers: what is added from now on belongs together."""
        if kept:
            self._groups[self._chunks] = []
            self._sizes[self._chunks] = 0
            self._kept[self._chunks] = None
        self._chunks += 1

    def add(self, data: bytes) -> int:
        """Keep a block; its number."""
        group = self._chunks - 1
        self.blocks.append(Block(data, group))
        self._groups[group].append(len(self.blocks) - 1)
        self._sizes[group] += len(data)
        self.nbytes += len(data)
        return len(self.blocks) - 1

    def look(self, block: int) -> bytes | None:
        """The bytes of a block, None where they were thrown away.

        Hot path: for each picture of a moment.
        """
        found = self.blocks[block]
        if found.group != self._latest and found.data is not None:
            self._latest = found.group
            self._looked[found.group] = None
            self._looked.move_to_end(found.group)
        return found.data

    def miss(self, value: int) -> None:
        """Somebody asked for a value whose numbers are not there."""
        self.missed[value] = None
        self.missed.move_to_end(value)
        if len(self.missed) > _MISSED:
            self.missed.popitem(last=False)

    def again(self, value: int) -> Array | None:
        """The numbers of a value that was computed again."""
        found = self._again.get(value)
        if found is not None:
            self._again.move_to_end(value)
        return found

    def add_again(self, value: int, array: Array) -> None:
        """Keep what was computed again, for a while."""
        if value not in self._again:
            self._again_bytes += array.nbytes
            self.nbytes += array.nbytes
        self._again[value] = array
        self.missed.pop(value, None)

    def keyframes(self) -> list[int]:
        """The groups whose numbers are there, ascending."""
        return list(self._kept)

    def trim(self) -> None:
        """Throw away until the budget is kept."""
        while self._again and self._again_bytes > self.budget // _SHARE:
            _, array = self._again.popitem(last=False)
            self._again_bytes -= array.nbytes
            self.nbytes -= array.nbytes
        while self.nbytes > self.budget and self._kept:
            near = self._near(reversed(self._kept)) | self._near(reversed(self._looked))
            spare = [group for group in self._kept if group not in near and group % (2 * self.stride)]
            if not spare:
                spare = [group for group in self._kept if group not in near]
                spare = spare or [next(iter(self._kept))]
                self._drop(spare[0])
                continue
            self.stride *= 2
            for group in spare:
                self._drop(group)

    def _near(self, groups: Any) -> set[int]:
        """The first of some groups that together take no more than their share of the budget."""
        found: set[int] = set()
        size = 0
        for group in groups:
            size += self._sizes[group]
            if size > self.budget // _SHARE:
                break
            found.add(group)
        return found

    def _drop(self, group: int) -> None:
        for number in self._groups[group]:
            self.blocks[number].data = None
        self.nbytes -= self._sizes.pop(group)
        del self._kept[group], self._groups[group]
        self._looked.pop(group, None)
