"""A plain tensor that a method puts in the place of a parameter, which it was computed from: self.weight = normalize(self.weight)."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ...script.syntax import syntax_tree, unparse, walk
from ..finding import Diagnosis, Fix, last_of_line

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun


def put_in_place(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """What is computed of a parameter in forward() wants a name of its own; None where a module is being made."""
    source = run.recording.source
    tree = syntax_tree(source)
    named = re.search(r"as parameter '(\w+)'", text)
    for method in (node for node in walk(tree) if isinstance(node, ast.FunctionDef) and node.name != "__init__"):
        for stmt in walk(method):
            if not isinstance(stmt, ast.Assign) or stmt.lineno != line or named is None or len(stmt.targets) != 1:
                continue
            attribute = unparse(stmt.targets[0])
            reads = [node for node in walk(stmt.value) if isinstance(node, ast.Attribute) and unparse(node) == attribute]
            if not reads or not attribute.endswith(f".{named[1]}"):
                continue
            taken = {node.id for node in walk(method) if isinstance(node, ast.Name)} | {one.arg for one in method.args.args}
            name = named[1] if named[1] not in taken else f"own_{named[1]}"
            return Diagnosis(
                "plain tensor as a parameter",
                f"{attribute} is a parameter of the module, and line {line} puts what it computes of it in its place: the optimizer would lose the parameter.",
                last_of_line(run, line), (), _renamed(source.splitlines(), method, stmt, attribute, name), f"Give the result a name of its own: {name} = ...", line,
            )  # fmt: skip
    return None


def _renamed(lines: list[str], method: ast.FunctionDef, stmt: ast.Assign, attribute: str, name: str) -> Fix | None:
    """The lines from the assignment on with the new name, the parameter itself only where the assignment reads it."""
    end = max((node.lineno for node in walk(method) if isinstance(node, ast.Attribute) and unparse(node) == attribute), default=stmt.lineno)
    if stmt.lineno != stmt.end_lineno:
        return None
    old = lines[stmt.lineno - 1 : end]
    pattern = re.compile(rf"(?<![\w.]){re.escape(attribute)}\b")
    new = [pattern.sub(name, old[0], count=1), *(pattern.sub(name, part) for part in old[1:])]
    return Fix(stmt.lineno, "\n".join(old), "\n".join(new))
