"""Objects in files of torch.save: which are their attributes and nothing else, and how they are made again without calling their class."""

from __future__ import annotations

import sys
from typing import Any

from ..naming.namespace import FUNCTIONAL, TORCH
from ..nn.modules.module import Module


class UnknownClassError(Exception):
    """The script has no such class."""


def is_storable(obj: Any) -> bool:
    """Whether an object is a module, or a plain object of the script's own classes."""
    cls = type(obj)
    if not isinstance(obj, Module) and cls.__module__ != "__main__":
        return False
    plain = all(getattr(cls, name, None) is getattr(object, name, None) for name in ("__reduce__", "__reduce_ex__", "__getstate__"))
    return plain and not hasattr(cls, "__setstate__") and hasattr(obj, "__dict__") and _found(name_of(obj)) is cls


def name_of(obj: Any) -> str:
    """The full name of its class."""
    return f"{type(obj).__module__}.{type(obj).__qualname__}"


_safe: list[Any] = []  # what a script lets be made from files that it does not trust


def add_safe_globals(safe_globals: list[Any]) -> None:
    """Let `load` make objects of these classes, and name these functions, with weights_only."""
    _safe.extend(each for each in safe_globals if each not in _safe)


def get_safe_globals() -> list[Any]:
    """What it lets."""
    return list(_safe)


def clear_safe_globals() -> None:
    """Let none."""
    _safe.clear()


class safe_globals:  # noqa: N801 - PyTorch's name
    """Within it some more are let."""

    def __init__(self, safe_globals: list[Any]) -> None:
        self.safe_globals = safe_globals

    def __enter__(self) -> None:
        self._before = get_safe_globals()
        add_safe_globals(self.safe_globals)

    def __exit__(self, *_: Any) -> None:
        _safe[:] = self._before


def is_safe(name: str) -> bool:
    """Whether a script lets a class or a function of this full name be made."""
    return any(name == f"{getattr(each, '__module__', '')}.{getattr(each, '__qualname__', '')}" for each in _safe)


def empty(name: str) -> Any:
    """An object of a class that the program has, without attributes; nothing of the class is called.

    Raises:
        UnknownClassError: there is none of that name, with pickle's words.
    """
    cls = _found(name)
    if cls is None:
        module, _, own = name.rpartition(".")
        raise UnknownClassError(f"Can't get attribute '{own}' on {sys.modules.get(module, module)!r}")
    return object.__new__(cls)


def _found(name: str) -> type | None:
    """The class among the modules that are imported: one of the script, or a Module."""
    found: Any = sys.modules.get("__main__") if name.startswith("__main__.") else None
    for part in name.split(".")[1:]:
        found = getattr(found, part, None)
    if isinstance(found, type):
        return found
    waiting: list[type] = [Module]
    while waiting:
        cls = waiting.pop()
        if f"{cls.__module__}.{cls.__qualname__}" == name and "<locals>" not in name:
            return cls
        waiting += cls.__subclasses__()
    return None


_TABLES = {"torch.nn.functional": FUNCTIONAL, "torch": TORCH}


def function_name(obj: Any) -> tuple[str, str] | None:
    """Where a function is public: one of the script at its top level, or one of torch; None for others, lambdas among them."""
    name = getattr(obj, "__name__", "")
    if not callable(obj) or isinstance(obj, type):
        return None
    main = vars(sys.modules["__main__"]) if "__main__" in sys.modules else {}
    for home, table in {**_TABLES, "__main__": main}.items():
        found = table.get(name)
        if found is not None and (found is obj or found is getattr(obj, "__wrapped__", None)):  # it may ask classes of the script's first
            return home, name
    return None


def function(home: str, name: str) -> Any:
    """The function that `function_name` told of.

    Raises:
        UnknownClassError: there is none of that name.
    """
    table = vars(sys.modules["__main__"]) if home == "__main__" else _TABLES.get(home, {})
    found = table.get(name)
    if not callable(found) or isinstance(found, type):
        raise UnknownClassError(f"Can't get attribute '{name}' on {sys.modules.get(home, home)!r}")
    return found


__all__ = [
    "UnknownClassError", "add_safe_globals", "clear_safe_globals", "empty", "function", "function_name", "get_safe_globals", "is_safe", "is_storable", "name_of",
    "safe_globals",
]  # fmt: skip
