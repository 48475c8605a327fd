"""What PySide and numpy add to the start of a program, and the first picture does without.

It compiles the sources of its signature support anew in each process: a fifth of the time that importing it takes, for the texts
of its TypeErrors and for `inspect.signature`. Here those modules are read when one of their names is first asked for.

And it puts a function of its own in the place of `__import__`, so that a program can write `from __feature__ import
snake_case`: it reads the source of every module that is imported from then on, and looks at every import statement that is
executed (a tenth of the time until the first picture). No module here writes such a line.

Both import modules for what nobody asks of them then: those are imported when one of their names is.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from . import enumerations

SIGNATURES = frozenset(
    f"shibokensupport/signature/{name}.py"
    for name in ("mapping", "errorhandler", "layout", "parser", "lib/enum_sig", "lib/pyi_generator", "lib/tool")
)  # as PySide gives them to `compile`; what another PySide calls by another name is compiled at once
UNREAD = """
import sys
__getattr__ = sys.modules[{here!r}].reading({filename!r}, globals())
"""
MAPPING = """
def update_mapping():  # C takes this one out of the module's names
    __getattr__("type_map")
    update_mapping()
"""

sources: dict[str, Any] = {}  # of what nothing was asked of yet
_loading = threading.RLock()


def load_qt() -> None:
    """Import PySide without what is read later; where a program has imported it before, nothing is changed."""
    compile_now: Callable[..., Any] = builtins.compile

    def compile_later(source: Any, filename: Any, mode: str, *args: Any, **kwargs: Any) -> Any:
        if filename not in SIGNATURES:
            return compile_now(source, filename, mode, *args, **kwargs)
        sources[filename] = source
        stub = UNREAD.format(here=__name__, filename=filename) + (MAPPING if filename.endswith("/mapping.py") else "")
        return compile_now(stub, filename, mode)

    enumerations.install()
    builtins.compile = compile_later
    try:
        with later(Later("tempfile")):
            import PySide6.QtCore  # noqa: F401
    finally:
        builtins.compile = compile_now


def load_numpy() -> None:
    """Import numpy without what it asks nothing of; of its types for annotations it names one, in three of them."""
    with later(Later("pickle"), Later("platform"), Later("numpy._typing", NDArray=list)):
        import numpy  # noqa: F401


class Later(ModuleType):
    """Stands in the place of a module: what is asked of it is asked of the module, which is imported for it.

    Args:
        known: names that it has by itself.
    """

    def __init__(self, name: str, **known: Any) -> None:
        super().__init__(name)
        self.__dict__.update(known)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # `import` looks for those
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def later(*modules: Later) -> Iterator[None]:
    """Who imports these modules meanwhile gets what stands for them; who does so afterwards gets them."""
    put = {module.__name__: module for module in modules if module.__name__ not in sys.modules}
    sys.modules.update(put)
    try:
        yield
    finally:
        for name, module in put.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def reading(filename: str, names: dict[str, Any]) -> Callable[[str], Any]:
    """The `__getattr__` of a module of signatures: its source is run in its place when a name is missed."""

    def find(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # `import` looks for those
        with _loading:
            if names.pop("__getattr__", None) is not None:
                exec(compile(sources.pop(filename), filename, "exec"), names)
        if name not in names:
            raise AttributeError(name)
        return names[name]

    return find


def restore() -> None:
    """Undo what PySide did to `__import__`; where it did nothing, nothing is done."""
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
