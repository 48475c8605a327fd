"""Where a script makes a plain number of a tensor that it later wants to go back from: item(), float(), numpy()."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ...script.syntax import syntax_tree, unparse, walk
from ..finding import Fix, source_line

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_TAKING = re.compile(r"\.item\(\)|\bfloat\(|\.tolist\(\)|\.numpy\(\)")
_METHOD = re.compile(r"\.(?:item|tolist)\(\)")
_DEPTH = 4  # functions that are looked into


def taken_out(source: str, name: str, line: int) -> int:
    """The line that made a name a plain number, in the function that gave it where it came from one; 0 for none."""
    tree = syntax_tree(source)
    functions = {node.name: node for node in walk(tree) if isinstance(node, ast.FunctionDef)}
    given = _given(tree, name, 0, line)
    return _taking(given, functions, _DEPTH) if given is not None else 0


def kept(run: RecordedRun, line: int) -> Fix | None:
    """The line without its item()."""
    before = source_line(run, line)
    after = _METHOD.sub("", before)
    return Fix(line, before, after) if after != before else None


def _given(tree: ast.AST, name: str, first: int, line: int) -> ast.expr | None:
    """What a name was last given between two lines."""
    found = [
        node
        for node in walk(tree)
        if isinstance(node, ast.Assign | ast.AugAssign)
        and first <= node.lineno < line
        and any(unparse(target) == name for target in (node.targets if isinstance(node, ast.Assign) else [node.target]))
    ]
    taking = [node for node in found if _TAKING.search(unparse(node.value))]
    last = max(taking or found, key=lambda node: node.lineno, default=None)
    return last.value if last is not None else None


def _taking(value: ast.expr, functions: dict[str, ast.FunctionDef], depth: int) -> int:
    """The line in which an expression, or a function of the script that it calls, takes a number out."""
    if _TAKING.search(unparse(value)):
        return value.lineno
    for call in walk(value) if depth else ():
        function = functions.get(unparse(call.func).split(".")[-1]) if isinstance(call, ast.Call) else None
        for node in walk(function) if function is not None else ():
            if not isinstance(node, ast.Return) or node.value is None:
                continue
            inner: ast.expr | None = node.value
            if isinstance(inner, ast.Name) and function is not None:
                inner = _given(function, inner.id, function.lineno, node.lineno + 1)
            found = _taking(inner, functions, depth - 1) if inner is not None else 0
            if found:
                return found
    return 0
