"""A name that torch or a tensor does not have: the nearest that it has."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from engine.calls.absent import MISSING

from ..finding import Diagnosis, replaced
from ..operands import failed_event

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_KNOWN = re.compile(r"'(Tensor)' object has no attribute '(\w+)'|module '(torch(?:\.\w+)*)' has no attribute '(\w+)'")


def misspelt(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """Which name was meant."""
    found = _KNOWN.search(text)
    if found is None:
        return None
    owner, name = (found[1], found[2]) if found[1] else (found[3], found[4])
    if MISSING in text:
        return Diagnosis(
            "no such name", f"Line {line} is right in PyTorch: {name} is not one of the things that gradviz can do.", failed_event(run),
            advice="Write it with other operations, or leave it out of what is recorded.", line=line,
        )  # fmt: skip
    near = get_close_matches(name, [each for each in _names_of(owner) if not each.startswith("_")], n=1, cutoff=0.7)
    whose = "A tensor" if owner == "Tensor" else owner
    sentence = f"{whose} has no {name} (line {line})"
    if not near:
        return Diagnosis(
            "no such name", f"{sentence}.", failed_event(run), advice="Look at the spelling, and at where it belongs.", line=line
        )
    fix = replaced(run, line, rf"\.{name}\b", f".{near[0]}")
    return Diagnosis("no such name", f"{sentence}; it has {near[0]}.", failed_event(run), fix=fix, advice=f"Write {near[0]}.", line=line)


def _names_of(owner: str) -> list[str]:
    """The public names of a tensor, or of a module of torch."""
    from engine.torch_module import module

    found: object = module()
    if owner == "Tensor":  # whose methods the rows of ops publish when the module is made
        from engine.tensor import Tensor

        return dir(Tensor)
    for part in owner.split(".")[1:]:
        found = getattr(found, part, None)
    return dir(found)
