"""Imports go Python's own way.

PySide puts a function of its own in the place of `__import__`, so that a program can write `from __feature__ import
snake_case`: it reads the source of every module that is imported from then on, and looks at every import statement that is
executed (a tenth of the time until the first picture). No module here writes such a line.
"""

from __future__ import annotations

import builtins

import PySide6.QtCore  # noqa: F401  (it is this that changes `__import__`)


def restore() -> None:
    """Undo what PySide did to `__import__`; where it did nothing, nothing is done."""
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
