"""Which names a block may have: its result is a variable of the exported program."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Iterable

LONGEST_NUMBER = 9  # digits at the end of a name that are counted on; a file may have thousands, which are no number to Python
# what the program itself uses
_RESERVED = frozenset(
    ("torch", "F", "nn", "optimizer", "scheduler", "epoch", "start", "steps", "shuffled", "print", "range", "len", "float")
)


def as_read(name: str) -> str:
    """A name as Python reads it in a program: full-width letters, as input methods type them, and ligatures are plain ones."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def usable(name: str) -> bool:
    """Whether a program can have a variable with that name beside what it uses itself."""
    return not keyword.iskeyword(name) and name not in _RESERVED


def variable(words: str) -> str:
    """A variable for what has words for a name (a file, say): a letter for each that a name may have, `_` for the others."""
    made = "".join(c if c.isalnum() else "_" for c in as_read(words)).strip("_") or "x"
    return made if made.isidentifier() and usable(made) else f"x_{made}" if f"x_{made}".isidentifier() else "x"


class Names:
    """The names that blocks have, and the free ones that thousands more get, one after the other."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = set(taken)
        self._onward: dict[tuple[str, int], int] = {}  # from a number that is taken to one before which all are

    def free(self, wanted: str) -> str:
        """A name that no block has, and from here on one has: the wanted one, or it with a number."""
        wanted = as_read(wanted)
        base = wanted if wanted.isidentifier() and usable(wanted) else "t"
        return self._take(f"{base}{self.number(base, 2)}" if base in self.taken else base)

    def following(self, wanted: str) -> str:
        """The same with the next one of its row in place of a name that ends with a number: h1, h2, h3."""
        stem = wanted.rstrip("0123456789")
        digits = wanted[len(stem) :]
        if not stem or not 0 < len(digits) <= LONGEST_NUMBER or wanted not in self.taken:
            return self.free(wanted)
        return self._take(f"{stem}{self.number(stem, int(digits) + 1)}")

    def number(self, stem: str, first: int) -> int:
        """The first number, of those from one on, that makes a free name."""
        number, passed = first, []
        while f"{stem}{number}" in self.taken:
            passed.append(number)
            number = self._onward.get((stem, number), number + 1)
        for step in passed:
            self._onward[stem, step] = number
        return number

    def _take(self, name: str) -> str:
        self.taken.add(name)
        return name
