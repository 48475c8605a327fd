"""The enumerations of PySide that are made in a short way are those that Python would have made."""

from __future__ import annotations

import enum
import pickle
from collections.abc import Iterator
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import Qt

from ui.qt import enumerations


def found() -> Iterator[Any]:
    """All enumerations of the three libraries, those inside of their classes too."""
    seen = set()
    for library in (QtCore, QtGui, QtWidgets):
        for outer in (library, *(thing for thing in vars(library).values() if isinstance(thing, type))):
            for name in dir(outer):
                thing = getattr(outer, name, None)
                if isinstance(thing, enum.EnumType) and thing.__module__.startswith("PySide6.") and thing not in seen:
                    seen.add(thing)
                    yield thing


def told(made: Any) -> dict[str, Any]:
    """What an enumeration holds, with members by what they are, and without its name."""
    made_of: dict[str, Any] = {}
    for key, value in vars(made).items():
        if isinstance(value, made):
            made_of[key] = {k: v if isinstance(v, (int, str)) else "" for k, v in vars(value).items() if k != "_inverted_"} | {
                "is": type(value) is made
            }
        elif key in ("_member_map_", "_value2member_map_"):
            made_of[key] = [(k, member._name_) for k, member in value.items() if member._name_ in made._member_map_]  # not those of use
        elif key not in ("__dict__", "__weakref__", "__module__", "__qualname__", "__doc__"):
            made_of[key] = (
                value if isinstance(value, (int, str, list, dict, tuple, type(None))) else getattr(value, "__qualname__", str(value))
            )
    return made_of


def test_all_of_qt_is_as_python_makes_it() -> None:
    count = 0
    for ours in found():
        base, names = ours.__mro__[1], [(name, member.value) for name, member in ours.__members__.items()]
        theirs = enumerations._create(base, ours.__name__, names, module=ours.__module__, boundary=enum.KEEP)
        again = enumerations._created(base, ours.__name__, names, module=ours.__module__, boundary=enum.KEEP)
        assert told(again) == told(theirs), ours
        whole = told(theirs)
        assert {k: v for k, v in told(ours).items() if k in whole and k[:2] != "__"} == {k: v for k, v in whole.items() if k[:2] != "__"}, (
            ours
        )
        assert [repr(m).split(".", 1)[-1] for m in ours] == [repr(m).split(".", 1)[-1] for m in theirs]
        count += 1
    assert count > 150


def test_they_are_used_as_any_other() -> None:
    assert Qt.Key(0x01000000) is Qt.Key.Key_Escape and Qt.Key["Key_Escape"] is Qt.Key.Key_Escape
    assert Qt.Key["Key_Any"] is Qt.Key.Key_Space and Qt.Key.Key_Any.name == "Key_Space"
    both = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier
    assert list(both) == [Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier]
    assert Qt.KeyboardModifier.AltModifier not in both & ~Qt.KeyboardModifier.AltModifier
    assert pickle.loads(pickle.dumps(both)) == both and pickle.loads(pickle.dumps(Qt.Key.Key_A)) is Qt.Key.Key_A
    assert [m.name for m in QtWidgets.QSizePolicy.Policy][:2] == ["Fixed", "Minimum"]


def test_what_is_no_enumeration_of_qt_is_made_by_python() -> None:
    api: Any = enum.Enum
    assert [c.value for c in api("Colour", "red green")] == [1, 2]
    assert api("Colour", {"red": 1}).__module__ == __name__
    odd = enumerations._created(enum.Enum, "Odd", [("_ignored", 1), ("name_", 2)], boundary=enum.KEEP, module="here")
    assert odd(2).name == "name_" and odd.__module__ == "here"
