"""Which Function of the script an op ran inside of: autograd does not look in there, the Function's own node has the gradient."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

from ...recording.event import Event, Phase
from ..script.syntax import syntax_tree

if TYPE_CHECKING:
    from .trace import Trace

_METHODS = ("forward", "backward", "setup_context", "vjp", "jvp")


def inside(trace: Trace, event: Event) -> str:
    """ "Squash.forward" where an op without history ran in there, "a backward" where it ran while one fired (a hook, say), else ""."""
    if trace.has_history(event) or not event.grad_mode:
        return ""
    method = _methods(trace.recording.source).get(event.line, "")
    return method or ("a backward" if event.phase == Phase.BACKWARD else "")


@lru_cache(maxsize=4)
def _methods(source: str) -> dict[int, str]:
    """The lines in methods of Functions, with the method's name."""
    found: dict[int, str] = {}
    for cls in ast.walk(syntax_tree(source)):
        if isinstance(cls, ast.ClassDef) and any(ast.unparse(base).rpartition(".")[2] == "Function" for base in cls.bases):
            for method in cls.body:
                if isinstance(method, ast.FunctionDef) and method.name in _METHODS:
                    found |= dict.fromkeys(range(method.lineno, (method.end_lineno or method.lineno) + 1), f"{cls.name}.{method.name}")
    return found
