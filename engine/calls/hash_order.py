"""The order in which PyTorch tells named arguments: that of the hash table (std::unordered_map) which its C++ code puts them into."""

from __future__ import annotations

from collections.abc import Iterable


def _place(name: str) -> int:
    """Where a name stands in a small hash table of C++'s library (libstdc++: murmur hash, 13 places)."""
    data, factor, mask = name.encode(), 0xC6A4A7935BD1E995, (1 << 64) - 1
    whole = len(data) & ~7
    found = 0xC70F6907 ^ (len(data) * factor & mask)
    for k in range(0, whole, 8):
        part = int.from_bytes(data[k : k + 8], "little") * factor & mask
        found = (found ^ (part ^ part >> 47) * factor & mask) * factor & mask
    if whole < len(data):
        found = (found ^ int.from_bytes(data[whole:], "little")) * factor & mask
    found = (found ^ found >> 47) * factor & mask
    return (found ^ found >> 47) % 13


def in_table(names: Iterable[str]) -> list[str]:
    """Names of arguments in the order in which C++'s table has them: the last one first, but those of one place stand together."""
    told: list[str] = []
    for name in names:
        place = _place(name)
        told.insert(next((k for k, other in enumerate(told) if _place(other) == place), 0), name)
    return told


__all__ = ["in_table"]
