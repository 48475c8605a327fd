"""What is called and is no function: a name that was given to a result, or to a tuple by a comma at the end of a line."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ...script.syntax import syntax_tree, unparse, walk
from ..finding import Diagnosis, Fix, source_line

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun


def no_function(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """`loss = loss(y, t)`: after the first turn the name of the function stands for its result."""
    kind = re.search(r"'(\w+)' object is not callable", text)
    tree = syntax_tree(run.recording.source)
    around = [node for node in walk(tree) if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)]
    at = max(around, key=lambda node: node.lineno, default=None)
    if kind is None or at is None:
        return None
    for call in (node for node in walk(at) if isinstance(node, ast.Call)):
        path = unparse(call.func)
        given = [node for node in walk(tree) if isinstance(node, ast.Assign) and any(unparse(target) == path for target in node.targets)]
        found = _giving(given, path, kind[1], line)
        if found is None:
            continue
        if isinstance(found.value, ast.Tuple) and len(found.value.elts) == 1:
            before, at_line = source_line(run, found.value.lineno), found.value.lineno
            one = ast.get_source_segment(run.recording.source, found.value.elts[0]) or ""
            whole = ast.get_source_segment(run.recording.source, found.value) or ""
            fix = Fix(at_line, before, before.replace(whole, one, 1)) if one and whole in before else None
            return Diagnosis(
                "no function", f"{path} is a tuple: the comma at the end of line {found.end_lineno} makes a tuple of one.", fix=fix,
                advice="Leave the comma away.", line=at_line,
            )  # fmt: skip
        earlier = next((node for node in given if node is not found), None)
        was = f"what line {earlier.lineno} made, {unparse(earlier.value)[:50]}," if earlier is not None else "a function"
        return Diagnosis(
            "no function", f"{path} was the name of {was} until line {found.lineno} gave it to a result: from then on it is a {kind[1]}, and line {line} calls it.",
            advice=f"Give the result a name of its own, such as {path.split('.')[-1]}_value, or the function: criterion.", line=found.lineno,
        )  # fmt: skip
    return None


def _giving(given: list[ast.Assign], path: str, kind: str, line: int) -> ast.Assign | None:
    """The assignment that made a name stand for what cannot be called."""
    own = [node for node in given if any(isinstance(inner, ast.Call) and unparse(inner.func) == path for inner in walk(node.value))]
    if own:
        return own[-1]
    if kind == "tuple":
        return next((node for node in given if isinstance(node.value, ast.Tuple)), None)
    earlier = [node for node in given if node.lineno < line]
    return earlier[-1] if len(earlier) > 1 else None
