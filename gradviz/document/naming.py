"""Which names a block may have: its result is a variable of the exported program."""

from __future__ import annotations

import keyword
import unicodedata

# what the program itself uses
_RESERVED = frozenset(("torch", "F", "nn", "optimizer", "scheduler", "epoch", "start", "steps", "print", "range", "len", "float"))


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
