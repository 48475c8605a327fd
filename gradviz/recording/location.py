"""Locations: the named slots that events read and write, packed into one integer each.

Packed, because a long run has millions of them and a table of names would be larger than the events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .columns.columns import Ints

KINDS = ("val", "grad", "save", "gin", "gout", "flag", "opt")
VAL, GRAD, SAVE, GIN, GOUT, FLAG, OPT = range(len(KINDS))
KIND_BITS = 3
SUB_BITS = 24  # slot and kind together; what is above them is the owner


class Location(NamedTuple):
    """A slot. `owner` is a tensor number for val, grad and flag, a call id for save, gin and gout."""

    kind: str
    owner: int
    slot: int = 0


def pack(kind: str, owner: int, slot: int = 0) -> int:
    """The number of a location."""
    return owner << SUB_BITS | slot << KIND_BITS | KINDS.index(kind)


def packed(kind: str, owners: Ints, slot: int = 0) -> Ints:
    """`pack` of many owners."""
    return owners << SUB_BITS | (slot << KIND_BITS | KINDS.index(kind))


class Locations:
    """`locations[number]` is the `Location` of that number."""

    def __getitem__(self, number: int) -> Location:
        kind = number & (1 << KIND_BITS) - 1
        if number < 0 or kind >= len(KINDS):
            raise IndexError(f"{number} is not a location")
        return Location(KINDS[kind], number >> SUB_BITS, (number & (1 << SUB_BITS) - 1) >> KIND_BITS)
