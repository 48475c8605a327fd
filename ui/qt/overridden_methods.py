"""Errors in overridden Qt methods are told and must not end the process.

An error that leaves a Python override goes through PySide. Where Qt code that Python had called is in between, as in paintEvent
below `super().event()`, PySide (measured: 6.8 to 6.11 on Python 3.11) reads an exception object that C code (1 / 0, [][0]) has
not made, or writes into the one that is there, and the process dies then or later. So no error leaves an override of a class of
this package: it goes to `sys.excepthook`, which is where Qt's event loop would have brought it.
"""

from __future__ import annotations

import builtins
import functools
import sys
from collections.abc import Callable
from types import FunctionType, TracebackType
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QPainter

_PACKAGE = __name__.partition(".")[0] + "."
_OBJECT = type(QObject)
_NOTHING = {"event": False, "eventFilter": False, "focusNextPrevChild": False, "rowCount": 0, "columnCount": 0}


def install() -> None:
    """Guard all classes of this package that are made from now on."""
    if hasattr(builtins.__build_class__, "guards_overrides"):
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
        except Exception as error:
            _put_down(error.__traceback__)
            sys.excepthook(type(error), error, error.__traceback__)
            return _NOTHING.get(method.__name__)

    return override


def _put_down(trace: TracebackType | None) -> None:
    """End the painters that the frames of an error hold: whoever keeps the error keeps them, and what they paint on goes before."""
    frames = []
    while trace is not None:
        frames.append(trace.tb_frame)
        trace = trace.tb_next
    for frame in reversed(frames):
        for value in list(frame.f_locals.values()):
            if isinstance(value, QPainter) and value.isActive():
                value.end()
