"""The enumerations of PySide, made in a fifth of the time: a window that opens makes two hundred, with three thousand names.

PySide makes those of a class when the class is first touched, by the functional interface of Python's `enum`, which takes 50 µs and
7 more for each name: it asks of each whether it is private, a descriptor, the name of something in a base. Here an enumeration of
plain whole numbers is a copy of one that Python made without names, and the names are put in, with the same result
(tests/ui/qt/test_enumerations.py compares all of Qt's). What is not as plain, or made by others, is left to Python; so is all in Pythons
whose `enum` nobody has looked at.
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

KNOWN = ((3, 11), (3, 12), (3, 13))  # the Pythons whose `enum` keeps its members in these places
_PLAIN = (enum.Enum, enum.IntEnum, enum.Flag, enum.IntFlag)
_create: Callable[..., Any] = enum.EnumType._create_  # type: ignore[attr-defined]


def install() -> None:
    """Make PySide's enumerations so from here on."""
    if sys.version_info[:2] in KNOWN:
        enum.EnumType._create_ = _created  # type: ignore[attr-defined]


def restore() -> None:
    """Leave them to Python again."""
    enum.EnumType._create_ = _create  # type: ignore[attr-defined]


def _created(cls: Any, name: str, names: Any, *, module: str | None = None, qualname: str | None = None, **others: Any) -> Any:
    if module is None:
        module = sys._getframe(2).f_globals.get("__name__")
    kept = others.get("boundary") is enum.KEEP and others.get("type") is None  # nobody but PySide keeps the bits of what is no flag
    if not (kept and module and cls in _PLAIN and type(names) is list and _plain(cls, names)):
        return _create(cls, name, names, module=module, qualname=qualname, **others)
    places = {key: value.copy() if isinstance(value, (list, dict)) else value for key, value in _nameless(cls).items()}
    places["__module__"] = module
    if qualname is not None:
        places["__qualname__"] = qualname
    made = type.__new__(type(cls), name, (cls,), places)
    type.__setattr__(made, "__new__", enum.Enum.__new__)
    _fill(made, names)
    return made


@cache
def _nameless(cls: Any) -> dict[str, Any]:
    """What an enumeration without members has."""
    made = _create(cls, "nameless", (), module=__name__, boundary=enum.KEEP)
    return {key: value for key, value in vars(made).items() if key not in ("__dict__", "__weakref__", "__new__")}


def _plain(cls: Any, names: list[Any]) -> bool:
    """Whether all are names of whole numbers, and none is that of something that each enumeration has."""
    taken = _taken(cls)
    return all(type(value) is int and name not in taken and name[0] != "_" for name, value in names)


@cache
def _taken(cls: Any) -> frozenset[str]:
    return frozenset(name for base in (*cls.__mro__, *type(cls).__mro__) for name in vars(base)) | {"name", "value", "mro"}


def _fill(made: Any, names: list[tuple[str, int]]) -> None:
    """Put members into an enumeration that has none."""
    whole, flag = issubclass(made, int), issubclass(made, enum.Flag)
    listed, by_name, by_value = made._member_names_, made._member_map_, made._value2member_map_
    hashable = vars(made).get("_hashable_values_")  # of later Pythons
    put: Callable[..., None] = type.__setattr__
    new: Callable[..., Any] = int.__new__ if whole else object.__new__
    mask = singles = 0
    for name, value in names:
        single = value != 0 and value & (value - 1) == 0
        if flag:
            mask |= value
            singles |= value if single else 0
        member = by_value.get(value)
        if member is None:
            member = new(made, value) if whole else new(made)
            member.__dict__.update(_value_=value, _name_=name, __objclass__=made, _sort_order_=len(listed))
            by_value[value] = member
            if hashable is not None:
                hashable.append(value)
            if single or not flag:
                listed.append(name)
        by_name[name] = member
        put(made, name, member)
    if flag:
        for attribute, number in (("_flag_mask_", mask), ("_singles_mask_", singles), ("_all_bits_", 2 ** mask.bit_length() - 1)):
            put(made, attribute, number)
        values = [by_name[name]._value_ for name in listed]
        if values != sorted(values):
            made._iter_member_ = made._iter_member_by_def_
