"""A None where a tensor was meant: the function of the script that returns nothing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...script.syntax import syntax_tree, walk
from ..finding import Diagnosis, Fix, source_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...recorded_run import RecordedRun

Function = ast.FunctionDef | ast.AsyncFunctionDef


def nothing_returned(run: RecordedRun, _text: str, line: int) -> Diagnosis | None:
    """What the failed line uses was assigned by a call of a function without return."""
    tree = syntax_tree(run.recording.source)
    for name, call in used_by(tree, line):
        function, owner = function_called(tree, call)
        if function is None or _returns(function):
            continue
        last = function.body[-1]
        target = last.targets[0] if isinstance(last, ast.Assign) else last.target if isinstance(last, ast.AugAssign) else None
        computed = f", which ends in line {last.lineno} with {target.id}," if isinstance(target, ast.Name) else ""
        called = f"{function.name} of {owner}" if owner else function.name
        fix = None
        if isinstance(target, ast.Name):
            before = source_line(run, last.end_lineno or last.lineno)
            indent = " " * last.col_offset
            fix = Fix(last.end_lineno or last.lineno, before, f"{before}\n{indent}return {target.id}")
        what = f"{name} is None in line {line}" if name else f"Line {line} works on None"
        return Diagnosis(
            "nothing returned", f"{what}: {called} (line {function.lineno}){computed} has no return, and a function without one gives None.",
            fix=fix, advice="Return the result.", line=last.end_lineno or last.lineno,
        )  # fmt: skip
    return None


def used_by(tree: ast.Module, line: int) -> Iterator[tuple[str, ast.Call]]:
    """The calls whose results a line uses: those in it, and the last assignments of its names above it, with the name."""
    stands = [node for node in walk(tree) if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)]
    at = max(stands, key=lambda node: node.lineno, default=None)
    if at is None:
        return
    names = [node.id for node in walk(at) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    assigned = [
        (target.id, node.value)
        for node in walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and node.lineno < line
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    for name in dict.fromkeys(names):
        calls = [call for bound, call in assigned if bound == name]
        if calls:
            yield name, max(calls, key=lambda call: call.lineno)
    yield from (("", node) for node in walk(at) if isinstance(node, ast.Call))


def function_called(tree: ast.Module, call: ast.Call) -> tuple[Function | None, str]:
    """The function of the script that a call runs, and the class that it is a method of."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    classes = {node.name: node for node in walk(tree) if isinstance(node, ast.ClassDef)}
    func = call.func
    if isinstance(func, ast.Name) and func.id in functions:
        return functions[func.id], ""
    if isinstance(func, ast.Call) and isinstance(func.func, ast.Name):  # Net()(x)
        return _method(classes.get(func.func.id), ("forward", "__call__"))
    holder = (
        func.id
        if isinstance(func, ast.Name)
        else func.value.id
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)
        else ""
    )
    made = [
        node.value.func.id
        for node in walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name)
        and any(isinstance(t, ast.Name) and t.id == holder for t in node.targets)
    ]  # fmt: skip
    names = ("forward", "__call__") if isinstance(func, ast.Name) else (func.attr,) if isinstance(func, ast.Attribute) else ()
    return _method(classes.get(made[-1]) if made else None, names)


def _method(cls: ast.ClassDef | None, names: tuple[str, ...]) -> tuple[Function | None, str]:
    if cls is None:
        return None, ""
    found = next((node for node in cls.body if isinstance(node, ast.FunctionDef) and node.name in names), None)
    return found, cls.name


def _returns(function: Function) -> bool:
    """Whether it gives something back: a return with a value of its own, or it is a generator."""
    waiting: list[ast.AST] = list(function.body)
    for node in waiting:
        if (isinstance(node, ast.Return) and node.value is not None) or isinstance(node, ast.Yield | ast.YieldFrom | ast.Raise):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
    return False
