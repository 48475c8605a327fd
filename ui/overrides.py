"""Errors in overridden Qt methods must not end the process.

Python before 3.12 hands an error raised by C code (1 / 0, [][0], next of nothing) on without making the exception object.
PySide (measured: 6.8 to 6.11) reads that missing object when the override was called by Qt code that Python had called, as
paintEvent is inside `super().event()`, and the process dies. Passing through an `except` makes the object; so each override
of a class of this package gets one. From Python 3.12 on there is nothing to do.
"""

from __future__ import annotations

import builtins
import functools
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

from PySide6.QtCore import QObject

_PACKAGE = __name__.partition(".")[0] + "."
_OBJECT = type(QObject)


def install() -> None:
    """Guard all classes of this package that are made from now on."""
    if sys.version_info >= (3, 12) or hasattr(builtins.__build_class__, "guards_overrides"):
        return
    build: Callable[..., Any] = builtins.__build_class__

    def guarded(*args: Any, **kwargs: Any) -> Any:
        made = build(*args, **kwargs)
        if isinstance(made, _OBJECT) and made.__module__.startswith(_PACKAGE):
            _guard(made)
        return made

    guarded.guards_overrides = True  # type: ignore[attr-defined]
    builtins.__build_class__ = guarded


def _guard(made: Any) -> None:
    for name, method in list(vars(made).items()):
        if isinstance(method, FunctionType) and not name.startswith("__") and _of_qt(made, name):
            setattr(made, name, _passing(method))


def _of_qt(made: type, name: str) -> bool:
    """Whether a base class that is no Python class has a method of that name."""
    return any(name in vars(base) and not isinstance(vars(base)[name], FunctionType) for base in made.__mro__[1:] if base is not object)


def _passing(method: FunctionType) -> Callable[..., Any]:
    @functools.wraps(method)
    def override(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except BaseException:  # this makes the exception object
            raise

    return override
