"""Rules of hooks: what a forward hook returns takes the place of what the layer gave."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ..script.syntax import unparse, walk
from .finding import Finding
from .script import Script, at, calls

_LEFT = re.compile(r"\.detach\(\)|\.data\b|\.numpy\(\)|\.item\(\)|\.tolist\(\)")


def replaced_output(script: Script) -> Iterator[Finding]:
    """`register_forward_hook(f)`, where f returns what it has kept, cut off from its history: the layers behind go on with that."""
    for call, _ in calls(script.tree, "register_forward_hook"):
        for function in _functions(script, call.args[0] if call.args else None):
            for value in _results(function):
                if _LEFT.search(_meaning(function, value)) and "register_forward" not in unparse(value):
                    yield at(
                        value, "replaced output", f"A forward hook (line {call.lineno}) returns this, and what a forward hook returns takes the place of the layer's output: what comes behind is computed from numbers "
                        "without history, and nothing before learns.", "Keep it, and return nothing.",
                    )  # fmt: skip


def _functions(script: Script, hook: ast.expr | None) -> list[ast.FunctionDef | ast.Lambda]:
    """The functions that a hook may be: a lambda, one of that name, or those that a function of that name makes."""
    if isinstance(hook, ast.Lambda):
        return [hook]
    name = unparse(hook.func if isinstance(hook, ast.Call) else hook).split(".")[-1] if hook is not None else ""
    named = [node for node in walk(script.tree) if isinstance(node, ast.FunctionDef) and node.name == name]
    if not isinstance(hook, ast.Call):
        return list(named)
    inner = [node for outer in named for node in walk(outer) if isinstance(node, ast.FunctionDef | ast.Lambda) and node is not outer]
    return [node for node in inner if isinstance(node, ast.FunctionDef) or isinstance(script.parent.get(node), ast.Return)]


def _results(function: ast.FunctionDef | ast.Lambda) -> list[ast.expr]:
    if isinstance(function, ast.Lambda):
        cut = unparse(function.body).endswith((".detach()", ".data", ".numpy()", ".item()", ".tolist()"))
        return [function.body] if cut else []  # append() and update() of a list give None
    return [node.value for node in walk(function) if isinstance(node, ast.Return) and node.value is not None]


def _meaning(function: ast.FunctionDef | ast.Lambda, value: ast.expr) -> str:
    """An expression, or what the function assigned to it last."""
    text = unparse(value)
    given = [
        node.value for node in walk(function) if isinstance(node, ast.Assign) and any(unparse(target) == text for target in node.targets)
    ]
    return unparse(given[-1]) if given else text
