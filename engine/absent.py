"""The error for a name that the engine does not have: PyTorch's words, and what exists instead.

A name that PyTorch does not have either gives PyTorch's own text; a name of PyTorch's says so, because then
the script is right and the engine is smaller.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path


@cache
def pytorch_names() -> dict[str, frozenset[str]]:
    """PyTorch's public names by module (and "torch.Tensor"); made by tools/pytorch_names.py."""
    table = json.loads(Path(__file__).with_name("pytorch_names.json").read_text(encoding="utf-8"))
    return {module: frozenset(names.split()) for module, names in table.items()}


def absent(owner: str, name: str, existing: Iterable[str], kind: str = "Tensor") -> AttributeError:
    """The error for `owner.name` ("torch.nn", or "torch.Tensor" for methods), where `existing` are the names that it has."""
    text = f"'{kind}' object has no attribute '{name}'" if owner == "torch.Tensor" else f"module '{owner}' has no attribute '{name}'"
    near = difflib.get_close_matches(name, sorted(n for n in existing if not n.startswith("_")), n=1)
    hint = f"The nearest that exists is {owner}.{near[0]}." if near else ""
    if name in pytorch_names().get(owner, ()):
        return AttributeError(f"{text}: {owner}.{name} is PyTorch's, and gradviz's engine does not have it. {hint}".rstrip())
    error = AttributeError(text)
    if hint and not name.startswith("_"):
        error.add_note(hint)
    return error


__all__ = ["absent", "pytorch_names"]
