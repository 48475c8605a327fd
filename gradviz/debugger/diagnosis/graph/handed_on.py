"""What one turn of a training hands on to the next, and where it can be cut off: the words of the script for both."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ...script.syntax import syntax_tree, unparse, walk
from ..finding import Fix, source_line

if TYPE_CHECKING:
    from ....recording.event import Site
    from ...recorded_run import RecordedRun

_STATEMENTS = (ast.FunctionDef, ast.For, ast.While, ast.With, ast.If, ast.Try)


def state_between(run: RecordedRun, reader: Site, source: Site) -> str:
    """The name or attribute that the lines of one site assign and those of the other read, such as self.memory; "" where it is not one."""
    tree = syntax_tree(run.recording.source)
    made, read = {source.line, *source.path}, {reader.line, *reader.path}
    assigned = {
        unparse(part)
        for node in walk(tree)
        if isinstance(node, ast.Assign) and node.lineno in made
        for target in node.targets
        for part in (target.elts if isinstance(target, ast.Tuple) else [target])
    }
    loaded = {
        unparse(node)
        for node in walk(tree)
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Load) and node.lineno in read
    }
    both = assigned & loaded
    return both.pop() if len(both) == 1 else ""


def cut_off(run: RecordedRun, reader: Site, name: str) -> Fix | None:
    """The change that detaches a state where a turn begins: before the outermost loop over the parts of a sequence, not in it."""
    tree = syntax_tree(run.recording.source)
    lines = {reader.line, *reader.path}
    reading = [
        node
        for node in walk(tree)
        if isinstance(node, ast.stmt) and not isinstance(node, _STATEMENTS) and node.lineno in lines and _reads(node, name)
    ]
    if not reading:
        return None
    parent = {child: node for node in walk(tree) for child in ast.iter_child_nodes(node)}
    at: ast.AST = min(reading, key=lambda node: node.lineno)
    while (above := parent.get(at)) is not None and not _turns(above):
        at = above
    if not isinstance(at, ast.stmt):
        return None
    before = source_line(run, at.lineno)
    indent = before[: len(before) - len(before.lstrip())]
    cut = f"{name} = {name}.detach()"
    added = f"{indent}{cut}" if not _may_be_none(tree, name) else f"{indent}if {name} is not None:\n{indent}    {cut}"
    return Fix(at.lineno, before, f"{added}\n{before}")


def _may_be_none(tree: ast.AST, name: str) -> bool:
    """Whether the script starts a state with None, as a recurrent layer takes it: a name, or an entry of a dictionary."""
    key = re.fullmatch(r"\w+\[(['\"]\w+['\"])\]", name)
    for node in walk(tree):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and node.value.value is None
            and name in map(unparse, node.targets)
        ):
            return True
        for given, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
            none = isinstance(value, ast.Constant) and value.value is None
            if key is not None and given is not None and none and unparse(given) == key[1]:
                return True
    return False


def _reads(node: ast.AST, name: str) -> bool:
    return any(
        isinstance(part, ast.expr) and isinstance(getattr(part, "ctx", None), ast.Load) and unparse(part) == name for part in walk(node)
    )


def _turns(node: ast.AST) -> bool:
    """Whether a node begins anew in each turn: a function, the module, or a loop that goes back."""
    if isinstance(node, ast.For | ast.While):
        return any(isinstance(n, ast.Attribute) and n.attr == "backward" for stmt in node.body for n in walk(stmt))
    return isinstance(node, ast.FunctionDef | ast.Module)
