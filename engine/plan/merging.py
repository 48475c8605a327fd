"""Merging: what a plan does to each of many small arrays, it does to all of them at once.

An optimizer moves each parameter by the same few calls. Where these are elementwise, what is between the first and the
last of them lies one behind the other in one array: a call for all instead of one each. No number changes by that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .tape import Call, memory_of

Array = np.ndarray[Any, Any]

_LONGEST = 8  # calls for one array
_MOST = 1 << 14  # elements: of what does not stay near the processor the calls are no longer what takes the time

Block = Sequence[Call]


def merged(calls: Sequence[Call], kept: set[int]) -> list[Call]:
    """The calls, with those of blocks that are alike merged.

    Args:
        kept: the identities of the memory that others read.
    """
    use = _Use(calls, kept)
    found: list[Call] = []
    at = 0
    while at < len(calls):
        blocks = _alike(calls, at)
        together = _together(blocks, use) if len(blocks) > 1 else None
        if together is None:
            found.append(calls[at])
            at += 1
        else:
            found += together
            use.replaced.update(id(call) for block in blocks for call in block)
            at += len(blocks) * len(blocks[0])
    return found


class _Use:
    """Which calls read and write what.

    Attributes:
        replaced: the identities of calls in whose place others are.
    """

    def __init__(self, calls: Sequence[Call], kept: set[int]) -> None:
        self.replaced: set[int] = set()
        self._kept = kept
        self._readers: dict[int, list[Call]] = {}
        self._writers: dict[int, list[Call]] = {}
        for call in calls:
            for memory in {memory_of(a) for a in call.reads()}:
                self._readers.setdefault(memory, []).append(call)
            for memory in {memory_of(a) for a in call.written()}:
                self._writers.setdefault(memory, []).append(call)

    def writer(self, array: Array, block: Block) -> Call | None:
        """The call that makes an array, where it may make it elsewhere: only the block reads it, nobody afterwards, and nobody a part of it."""
        memory = memory_of(array)
        writers = self._writers.get(memory, [])
        out = writers[0].out if len(writers) == 1 else None
        if memory in self._kept or out is None or id(writers[0]) in self.replaced or out.base is not None or out.size != array.size:
            return None
        if not (array.flags.c_contiguous and out.flags.c_contiguous):
            return None
        if out is not array and any(writers[0] is call for call in block):  # the block makes it, and looks at it in another shape
            return None
        readers = self._readers.get(memory, [])
        mine = all(
            any(reader is call for call in block) and all(a is array for a in reader.reads() if memory_of(a) == memory)
            for reader in readers
        )
        return writers[0] if mine else None


def _alike(calls: Sequence[Call], at: int) -> list[Block]:
    """The blocks of calls that come one after the other from `at` on, do the same, and have nothing to do with each other."""
    best: list[Block] = []
    for length in range(2, min(_LONGEST, (len(calls) - at) // 2) + 1):
        first = calls[at : at + length]
        if not all(call.elementwise() and _out(call).size == _out(first[0]).size for call in first):
            break
        blocks = [first]
        read, written = _memory(first)
        while _same(first, block := calls[at + len(blocks) * length : at + (len(blocks) + 1) * length]):
            reads, writes = _memory(block)
            if reads & written or writes & written or writes & read:
                break
            blocks.append(block)
            read |= reads
            written |= writes
        if len(blocks) > 1 and len(blocks) * length > sum(map(len, best)):
            best = blocks
    return best


def _memory(block: Block) -> tuple[set[int], set[int]]:
    """The identities of the memory that a block reads, and of what it writes."""
    return {memory_of(a) for call in block for a in call.reads()}, {memory_of(a) for call in block for a in call.written()}


def _same(first: Block, other: Block) -> bool:
    """Whether two blocks do the same with arrays of other shapes."""
    if len(first) != len(other) or not all(call.elementwise() and _out(call).size == _out(other[0]).size for call in other):
        return False
    inside, beside = _places(first), _places(other)

    def alike(a: Any, b: Any) -> bool:
        if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
            return type(a) is type(b) and bool(a == b)
        if not a.ndim or not b.ndim:
            return a is b or (_number(a) and _number(b) and a.dtype == b.dtype and a.tobytes() == b.tobytes())
        return inside.get(id(a)) == beside.get(id(b))

    return all(
        mine.function is theirs.function
        and len(mine.args) == len(theirs.args)
        and _out(mine).dtype == _out(theirs).dtype
        and all(map(alike, mine.args, theirs.args))
        and alike(mine.out, theirs.out)
        for mine, theirs in zip(first, other, strict=True)
    )


def _out(call: Call) -> Array:
    """The result of an elementwise call."""
    assert call.out is not None
    return call.out


def _places(block: Block) -> dict[int, int]:
    """The results of a block: which call gave each."""
    return {id(call.out): k for k, call in enumerate(block)}


def _number(value: Array) -> bool:
    """Whether it is a number that never changes."""
    return not value.ndim and value.base is None and not value.flags.writeable


def _together(blocks: Sequence[Block], use: _Use) -> list[Call] | None:
    """The calls of all blocks, those in between as one; None where nothing is won."""
    sizes = [_out(block[0]).size for block in blocks]
    if sum(sizes) > _MOST:
        return None
    ends = np.cumsum([0, *sizes]).tolist()
    homes: dict[int, Array] = {}  # id of an array -> where it lies now
    whole: dict[int, Array] = {}  # id of an array of the first block -> all those in its place
    made: list[tuple[Call, Array]] = []
    for k, first in enumerate(blocks[0]):
        for at, array in enumerate((*first.args, first.out)):
            if not isinstance(array, np.ndarray) or not array.ndim or id(array) in homes:
                continue
            arrays = [(*block[k].args, _out(block[k]))[at] for block in blocks]
            writers = [writer for a, block in zip(arrays, blocks, strict=True) if (writer := use.writer(a, block)) is not None]
            if len(writers) < len(blocks) or len({a.dtype for a in arrays}) > 1:
                continue
            whole[id(array)] = np.empty(ends[-1], array.dtype)
            for a, writer, start, stop in zip(arrays, writers, ends, ends[1:], strict=False):
                homes[id(a)] = whole[id(array)][start:stop].reshape(a.shape)
                made.append((writer, homes[id(a)]))
    found: list[Call] = []
    for k, first in enumerate(blocks[0]):
        arrays = [a for a in (*first.args, first.out) if isinstance(a, np.ndarray) and a.ndim]
        if all(id(a) in whole for a in arrays):
            found.append(Call(first.function, tuple(whole.get(id(a), a) for a in first.args), {}, whole[id(first.out)], first.takes_out))
            continue
        for block in blocks:
            call = block[k]
            args = tuple(homes.get(id(a), a) for a in call.args)
            found.append(Call(call.function, args, {}, homes.get(id(call.out), call.out), call.takes_out))
    if len(found) == sum(map(len, blocks)):
        return None
    for writer, home in made:
        writer.out = home.reshape(_out(writer).shape)
    return found


__all__ = ["merged"]
