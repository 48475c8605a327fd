"""The error for a name that the engine does not have: PyTorch's words, and what exists instead.

A name that PyTorch does not have either gives PyTorch's own text; a name of PyTorch's says so, because then
the script is right and the engine is smaller.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

_ENGINE = (__package__ or "").rpartition(".")[0]  # gradviz.engine in the wheel
MISSING = "is PyTorch's, and gradviz's engine does not have it"


@cache
def pytorch_names() -> dict[str, frozenset[str]]:
    """PyTorch's public names by module (and "torch.Tensor"); made by tools/pytorch_names.py."""
    table = json.loads(Path(__file__).with_name("pytorch_names.json").read_text(encoding="utf-8"))
    return {module: frozenset(names.split()) for module, names in table.items()}


def _nearest(owner: str, name: str, existing: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(n for n in existing if not n.startswith("_")), n=1)
    return f"The nearest that exists is {owner}.{near[0]}." if near else ""


def absent(owner: str, name: str, existing: Iterable[str], kind: str = "Tensor") -> AttributeError:
    """The error for `owner.name` ("torch.nn", or "torch.Tensor" for methods), where `existing` are the names that it has."""
    text = f"'{kind}' object has no attribute '{name}'" if owner == "torch.Tensor" else f"module '{owner}' has no attribute '{name}'"
    hint = _nearest(owner, name, existing)
    if name in pytorch_names().get(owner, ()):
        return AttributeError(f"{text}: {owner}.{name} {MISSING}. {hint}".rstrip())
    error = AttributeError(text)
    if hint and not name.startswith("_"):
        error.add_note(hint)
    return error


class Missing:
    """A method of PyTorch's tensors that the engine does not have: asking for it says so.

    A `__getattr__` of the class would say it, too, but with one Python looks up every attribute of a tensor the slow
    way, which is a tenth of an op on small tensors (benchmark row `engine/W4`).
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, tensor: Any, owner: type) -> Any:
        raise absent("torch.Tensor", self._name, existing(owner), owner.__name__)


def existing(owner: type) -> list[str]:
    """The names that a class of tensors has."""
    return [name for cls in owner.__mro__ for name, value in vars(cls).items() if not isinstance(value, Missing)]


_filled: list[type] = []


def fill(owner: type) -> None:
    """Put a `Missing` for each name of PyTorch's that the class of tensors lacks."""
    _filled.append(owner)
    for name in pytorch_names()["torch.Tensor"].difference(dir(owner)):
        missing = Missing()
        missing.__set_name__(owner, name)
        setattr(owner, name, missing)


_NO_SUCH_IMPORT = re.compile(r"cannot import name '(\w+)' from '([\w.]+)' \(.*\)")


def _tell_import(error: ImportError) -> None:
    """Say whether PyTorch has what a script tried to import, and name our files as PyTorch's modules."""
    asked = error.name or ""
    if isinstance(error, ModuleNotFoundError):
        if asked in pytorch_names()["modules"]:
            error.msg = f"No module named '{asked}': {asked} {MISSING}."
        elif asked.startswith("torch.") and (
            near := difflib.get_close_matches(asked, [n for n in sys.modules if n.startswith("torch.")], n=1)
        ):
            error.add_note(f"The nearest that exists is {near[0]}.")
        return
    found = _NO_SUCH_IMPORT.fullmatch(error.msg or "")
    if found is None:
        return
    name, module = found.groups()
    public = module.removeprefix(f"{_ENGINE}.")
    owner = f"torch.{public}" if public != module else module
    text = f"cannot import name '{name}' from '{owner}' (unknown location)"
    near_by = _nearest(owner, name, dir(sys.modules.get(module)))
    if name in pytorch_names().get(owner, ()) or f"{owner}.{name}" in pytorch_names()["modules"]:
        text = f"{text}: {owner}.{name} {MISSING}. {near_by}".rstrip()
    elif near_by and owner.split(".")[0] == "torch":
        error.add_note(near_by)
    error.msg = text


def hint(error: BaseException) -> None:
    """Note at a script's error about what nobody knows which one is the nearest."""
    if isinstance(error, ImportError):
        _tell_import(error)
    elif isinstance(error, AttributeError) and isinstance(error.obj, tuple(_filled)) and error.name and not error.name.startswith("_"):
        nearest = _nearest("torch.Tensor", error.name, existing(type(error.obj)))
        if nearest:
            error.add_note(nearest)


__all__ = ["Missing", "absent", "existing", "fill", "hint", "pytorch_names"]
