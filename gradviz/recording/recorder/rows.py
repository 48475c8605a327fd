"""How an event is noted while the program runs: one packed row of integers, turned into columns later.

    kind and state | site | call | place | reads | writes | template | extras | 5 extras | 8 refs of 4

`state`: 1 grad mode, 2 inside a backward pass, 4 update. An extra is an integer of the detail, a ref is
(owner, slot and kind, version, value). What does not fit stands beside, and `extras` is then -1.
"""

from __future__ import annotations

import struct
from typing import Any, Protocol

import numpy as np

from ..event import Kind, Phase

EXTRAS, REFS = 5, 8
HEAD = 8
READS, WRITES, MANY = 4, 5, 7  # where these stand
WIDTH = HEAD + EXTRAS + 4 * REFS
SIZE = 4 * WIDTH
GRAD_MODE, IN_BACKWARD, UPDATE = 1 << 8, 2 << 8, 4 << 8

PACK = [
    [struct.Struct(f"<{HEAD + extras}i{4 * (EXTRAS - extras)}x{4 * refs}i{16 * (REFS - refs)}x").pack for refs in range(REFS + 1)]
    for extras in range(EXTRAS + 1)
]

Wide = tuple[list[int], list[int]]  # extras and refs that did not fit
Cells = np.ndarray[Any, np.dtype[np.int32]]
_UPDATES = np.isin(np.arange(max(Kind) + 1), (int(Kind.OPTIMIZER_STEP), int(Kind.ZERO_GRAD), int(Kind.ASSIGN_GRAD)))


class Rows:
    """Rows in their order, until they become columns: bytes as they were packed, and steps that were followed.

    Attributes:
        write: adds packed rows.
    """

    def __init__(self) -> None:
        self._last = bytearray()  # what was written behind the blocks
        self._blocks: list[Block] = []
        self._before = 0  # rows in the blocks
        self.write = self._last.extend

    def __len__(self) -> int:
        return self._before + len(self._last) // SIZE

    def add(self, steps: Block) -> None:
        """Add the rows of steps."""
        self._close()
        self._blocks.append(steps)
        self._before += len(steps)

    def _close(self) -> None:
        data = bytes(self._last)
        if data:
            self._blocks.append(Packed(data))
            del self._last[: len(data)]
            self._before += len(data) // SIZE

    def take(self, count: int) -> list[Block]:
        """Take out the first `count` rows."""
        self._close()
        taken: list[Block] = []
        while count:
            block = self._blocks[0]
            if len(block) > count:
                data = block.packed()
                block, self._blocks[0] = Packed(data[: count * SIZE]), Packed(data[count * SIZE :])
            else:
                del self._blocks[0]
            taken.append(block)
            count -= len(block)
            self._before -= len(block)
        return taken

    def clear(self) -> None:
        """Forget all rows."""
        self._blocks.clear()
        self._last.clear()
        self._before = 0


class Block(Protocol):
    """Rows that came together."""

    def __len__(self) -> int:
        """How many."""

    def packed(self) -> bytes:
        """As they are packed."""

    def cells(self, wide: dict[int, Wide]) -> list[Cells]:
        """The columns `HEAD` of the heads, that of the extras, and four of the refs."""


class Packed:
    """Rows as they were packed."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __len__(self) -> int:
        return len(self._data) // SIZE

    def packed(self) -> bytes:
        """See `Block`."""
        return self._data

    def cells(self, wide: dict[int, Wide]) -> list[Cells]:
        """See `Block`. What did not fit is taken out of `wide`."""
        rows = np.frombuffer(self._data, "<i4").reshape(-1, WIDTH)
        head = np.array(rows[:, :HEAD].T, order="C")
        many = head[MANY]
        spilled = np.flatnonzero(many < 0)
        beside = [wide.pop(number) for number in rows[spilled, HEAD].tolist()]
        extras = _ragged(rows[:, HEAD : HEAD + EXTRAS, None], many, spilled, [more for more, _ in beside])
        refs = _ragged(
            rows[:, HEAD + EXTRAS :].reshape(-1, REFS, 4), np.where(many < 0, -1, head[READS] + head[WRITES]), spilled,
            [more for _, more in beside],
        )  # fmt: skip
        many[spilled] = [len(more) for more, _ in beside]
        return [*head, extras[:, 0], *refs.T]


def columns_of(blocks: list[Block], wide: dict[int, Wide], place_lines: list[int], passes: int) -> dict[str, Any]:
    """The columns of rows; `passes` is the number of backward passes before them."""
    parts = [block.cells(wide) for block in blocks] or [Packed(b"").cells(wide)]
    packed, site, call, place, reads, writes, template, many, extra, owner, sub, version, value = (
        parts[0] if len(parts) == 1 else [np.concatenate(of_all) for of_all in zip(*parts, strict=True)]
    )
    kind = packed & 0xFF
    state = packed >> 8
    phase = np.where(state & 2, int(Phase.BACKWARD), int(Phase.FORWARD))
    phase = np.where(((state & 4) != 0) | _UPDATES[kind], int(Phase.UPDATE), phase)
    return {
        "kind": kind,
        "site": site,
        "call": call,
        "line": np.array(place_lines, np.int64)[place],
        "pass_": np.cumsum(kind == int(Kind.BACKWARD_BEGIN)) + (passes - 1),
        "phase": phase,
        "grad_mode": state & 1,
        "template": template,
        "reads": reads,
        "writes": writes,
        "extras_count": many,
        "extra": extra,
        "owner": owner,
        "sub": sub,
        "version": version,
        "value": value,
    }


def _ragged(cells: Any, counts: Any, spilled: Any, beside: list[list[int]]) -> Cells:
    """The first `counts[i]` cells of each row i, one behind the other; rows in `spilled` take theirs from `beside`."""
    most, width = cells.shape[1:]
    cell = np.flatnonzero(np.arange(most) < counts[:, None])
    flat: Cells = cells.reshape(-1, width)[cell]
    if not len(spilled):
        return flat
    before = np.cumsum(np.maximum(counts, 0))[spilled]  # how many cells of rows that fit stand before
    parts, at = [], 0
    for stop, more in zip(before.tolist(), beside, strict=True):
        parts += [flat[at:stop], np.array(more, np.int32).reshape(-1, width)]
        at = stop
    return np.concatenate([*parts, flat[at:]])
