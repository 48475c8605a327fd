"""Rules of what an activation overwrites: a name that is read afterwards, as if it still held what went in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, dotted, keyword

_WRITING = re.compile(r"(?:relu|leaky_relu|elu|selu|hardtanh|threshold|sigmoid|tanh|hardswish|silu|mish|celu|dropout|relu6)_$")
_FUNCTIONS = frozenset(
    {"relu", "leaky_relu", "elu", "selu", "hardtanh", "relu6", "silu", "mish", "hardswish", "hardsigmoid", "celu", "dropout", "threshold"}
)


def read_after_activation(script: Script) -> Iterator[Finding]:
    """`out = F.relu(x, inplace=True)` and then `out + x`: x is what relu has left, and not what went in."""
    layers = {unparse(target) for target, value in _layers(script) if _in_place(value)}
    sequences = {
        unparse(target) for target, value in _layers(script)
        if dotted(value.func).endswith("Sequential") and value.args and isinstance(value.args[0], ast.Call) and _in_place(value.args[0])
    }  # fmt: skip
    for node in walk(script.tree):
        given = _written(node, layers | sequences) if isinstance(node, ast.Call) else None
        holder = script.enclosing(node, (ast.FunctionDef,))
        if given is None or not isinstance(holder, ast.FunctionDef) or not isinstance(node, ast.Call):
            continue
        stmt = script.enclosing(node, (ast.stmt,))
        bound = {target.id for target in stmt.targets if isinstance(target, ast.Name)} if isinstance(stmt, ast.Assign) else set()
        for name in (given, *_aliases(holder, given, node.lineno)):
            late = _read_later(holder, name, node, stmt) if name not in bound else None
            if late is not None:
                yield at(
                    node, "overwritten", f"This overwrites {given} in place, and line {late.lineno} reads {name} as if it still held what went in: it holds the result of "
                    f"{unparse(node.func).split('.')[-1]}.", f"Leave inplace=True away, or keep a copy of what went in: {name} = {name}.clone() before.",
                )  # fmt: skip
                break


def _layers(script: Script) -> list[tuple[ast.expr, ast.Call]]:
    return [
        (target, node.value) for node in walk(script.tree) if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) for target in node.targets
    ]  # fmt: skip


def _in_place(call: ast.Call) -> bool:
    """Whether a call has inplace=True: of a layer, or of a function."""
    value = keyword(call, "inplace")
    first = call.args[0] if call.args and dotted(call.func).split(".")[-1] in ("ReLU", "ReLU6", "SiLU", "Mish", "SELU") else None
    return any(isinstance(given, ast.Constant) and given.value is True for given in (value, first))


def _written(call: ast.Call, layers: set[str]) -> str | None:
    """The name that a call overwrites with an activation of itself, None for all else."""
    method = dotted(call.func).split(".")[-1]
    first = call.args[0] if call.args else None
    if unparse(call.func) in layers or (method in _FUNCTIONS and _in_place(call)) or (_WRITING.match(method) and first is not None):
        return first.id if isinstance(first, ast.Name) else None
    if _WRITING.match(method) and isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        return call.func.value.id
    return None


def _aliases(holder: ast.FunctionDef, name: str, line: int) -> list[str]:
    """Other names that were given to the same tensor before: `identity = x`."""
    found = []
    for node in walk(holder):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id == name and node.lineno < line:
            between = (other for other in walk(holder) if isinstance(other, ast.Assign) and node.lineno < other.lineno < line)
            if not any(isinstance(target, ast.Name) and target.id == name for other in between for target in other.targets):
                found += [target.id for target in node.targets if isinstance(target, ast.Name)]
    return found


def _read_later(holder: ast.FunctionDef, name: str, call: ast.Call, stmt: ast.AST | None) -> ast.Name | None:
    """The next read of a name behind a call in a function, None where it is given something else before."""
    if isinstance(stmt, ast.Expr):
        return None  # a statement of its own is there for what it does to the name
    after = [
        node
        for node in walk(holder)
        if isinstance(node, ast.Name)
        and node.id == name
        and (node.lineno, node.col_offset) > (call.end_lineno or 0, call.end_col_offset or 0)
    ]
    for node in sorted(after, key=lambda node: (node.lineno, isinstance(node.ctx, ast.Store), node.col_offset)):
        return None if isinstance(node.ctx, ast.Store) else node if not _only_shape(holder, node) else None
    return None


def _only_shape(holder: ast.FunctionDef, name: ast.Name) -> bool:
    """Whether a read asks for the form of a tensor and not for its numbers."""
    return any(
        isinstance(node, ast.Attribute) and node.value is name and node.attr in ("shape", "size", "dtype", "device", "ndim")
        for node in walk(holder)
    )
