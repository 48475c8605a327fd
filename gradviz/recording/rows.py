"""How an event is noted while the program runs: one packed row of integers, turned into columns later.

    kind and state | site | call | place | reads | writes | template | extras | 5 extras | 8 refs of 4

`state`: 1 grad mode, 2 inside a backward pass, 4 update. An extra is an integer of the detail, a ref is
(owner, slot and kind, version, value). What does not fit stands beside, and `extras` is then -1.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from .columns import Ints
from .event import Kind, Phase

EXTRAS, REFS = 5, 8
HEAD = 8
WIDTH = HEAD + EXTRAS + 4 * REFS
SIZE = 4 * WIDTH
GRAD_MODE, IN_BACKWARD, UPDATE = 1 << 8, 2 << 8, 4 << 8

PACK = [
    [struct.Struct(f"<{HEAD + extras}i{4 * (EXTRAS - extras)}x{4 * refs}i{16 * (REFS - refs)}x").pack for refs in range(REFS + 1)]
    for extras in range(EXTRAS + 1)
]

Wide = tuple[list[int], list[int]]  # extras and refs that did not fit
_UPDATES = np.isin(np.arange(max(Kind) + 1), (int(Kind.OPTIMIZER_STEP), int(Kind.ZERO_GRAD), int(Kind.ASSIGN_GRAD)))


def columns_of(data: bytes, wide: dict[int, Wide], place_lines: list[int], passes: int) -> dict[str, Ints]:
    """The columns of rows; `passes` is the number of backward passes before them."""
    rows = np.frombuffer(data, "<i4").reshape(-1, WIDTH)
    head = np.ascontiguousarray(rows[:, :HEAD].T, np.int64)
    kind = head[0] & 0xFF
    state = head[0] >> 8
    extras_count, reads, writes = head[7].copy(), head[4], head[5]
    spilled = np.flatnonzero(extras_count < 0)
    beside = [wide.pop(number) for number in rows[spilled, HEAD].tolist()]
    extras_count[spilled] = [len(more) for more, _ in beside]
    extras = _ragged(rows[:, HEAD : HEAD + EXTRAS, None], head[7], spilled, [more for more, _ in beside])
    refs = _ragged(
        rows[:, HEAD + EXTRAS :].reshape(-1, REFS, 4), np.where(head[7] < 0, -1, reads + writes), spilled,
        [more for _, more in beside],
    )  # fmt: skip
    phase = np.where(state & 2, int(Phase.BACKWARD), int(Phase.FORWARD))
    phase = np.where(((state & 4) != 0) | _UPDATES[kind], int(Phase.UPDATE), phase)
    return {
        "kind": kind,
        "site": head[1],
        "call": head[2],
        "line": np.array(place_lines, np.int64)[head[3]],
        "pass_": np.cumsum(kind == int(Kind.BACKWARD_BEGIN)) + (passes - 1),
        "phase": phase,
        "grad_mode": state & 1,
        "template": head[6],
        "reads": reads,
        "writes": writes,
        "extras_count": extras_count,
        "extra": extras[:, 0],
        "owner": refs[:, 0],
        "sub": refs[:, 1],
        "version": refs[:, 2],
        "value": refs[:, 3],
    }


def _ragged(cells: Any, counts: Ints, spilled: Ints, beside: list[list[int]]) -> Ints:
    """The first `counts[i]` cells of each row i, one behind the other; rows in `spilled` take theirs from `beside`."""
    most, width = cells.shape[1:]
    cell = np.flatnonzero(np.arange(most) < counts[:, None])
    flat: Ints = cells.reshape(-1, width)[cell].astype(np.int64)
    if not len(spilled):
        return flat
    before = np.cumsum(np.maximum(counts, 0))[spilled]  # how many cells of rows that fit stand before
    parts, at = [], 0
    for stop, more in zip(before.tolist(), beside, strict=True):
        parts += [flat[at:stop], np.array(more, np.int64).reshape(-1, width)]
        at = stop
    return np.concatenate([*parts, flat[at:]])
