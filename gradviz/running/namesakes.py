"""Modules of a user's project that are called as packages of ours.

In a source tree `engine` and `ui` are packages of gradviz, and a project may have an `engine.py` beside its script (installed,
they are `gradviz.engine` and `gradviz.ui`, and in nobody's way). Its imports get its own file, ours get ours: theirs are
loaded here and never stand in `sys.modules`, where ours do.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from importlib.machinery import PathFinder
from importlib.util import module_from_spec, resolve_name
from pathlib import Path
from types import ModuleType
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
OURS = ("engine", "gradviz", "ui") if (__package__ or "") == "gradviz.running" and (_ROOT / "engine").is_dir() else ("gradviz",)
_FOLDERS = tuple(str(_ROOT / name) for name in OURS)


def step_aside(folder: Path) -> None:
    """Let programs of a folder import its own modules, where they have our names; nothing is done where they have not."""
    names = frozenset(name for name in OURS if (folder / f"{name}.py").is_file() or any((folder / name).glob("*.py")))
    if names and folder != _ROOT:
        builtins.__import__ = _Import(folder, names, builtins.__import__)


class _Import:
    """What `import` calls."""

    def __init__(self, folder: Path, names: frozenset[str], usual: Any) -> None:
        self._folder = str(folder)
        self._names = names
        self._usual = usual
        self._modules: dict[str, ModuleType] = {}

    def __call__(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        asks = globals or {}
        package = asks.get("__package__") or ""
        head = (package if level else name).partition(".")[0]
        if head not in self._names or not asks or str(asks.get("__file__", "")).startswith(_FOLDERS):
            found: ModuleType = self._usual(name, globals, locals, fromlist, level)
            return found
        wanted = resolve_name("." * level + name, package)
        module = self._load(wanted)
        if not fromlist:
            return self._modules[head]
        if hasattr(module, "__path__"):
            for each in fromlist:
                if each != "*" and not hasattr(module, each) and self._spec(f"{wanted}.{each}", module) is not None:
                    self._load(f"{wanted}.{each}")
        return module

    def _spec(self, name: str, parent: ModuleType | None) -> Any:
        return PathFinder.find_spec(name, [self._folder] if parent is None else list(parent.__path__))

    def _load(self, name: str) -> ModuleType:
        """A module of the user, made once."""
        if name in self._modules:
            return self._modules[name]
        above, _, last = name.rpartition(".")
        parent = self._load(above) if above else None
        spec = self._spec(name, parent) if parent is None or hasattr(parent, "__path__") else None
        if spec is None or spec.loader is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        module = self._modules[name] = module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del self._modules[name]
            raise
        if parent is not None:
            setattr(parent, last, module)
        return module
