"""Errors of a result that is two tensors: the largest values along a dimension, and where they stand."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...script.syntax import syntax_tree, unparse, walk
from ..finding import Diagnosis, Fix, last_of_line, source_line

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_PAIRS = frozenset({"max", "min", "sort", "topk", "median", "nanmedian", "mode", "kthvalue", "cummax", "cummin"})
_ALWAYS = frozenset({"sort", "topk", "mode", "kthvalue", "cummax", "cummin"})  # the others give a pair where they are given a dimension


def with_indices(run: RecordedRun, _text: str, line: int) -> Diagnosis | None:
    """`q.max(dim=1)` that goes on as if it were the values alone."""
    tree = syntax_tree(run.recording.source)
    here = [node for node in walk(tree) if isinstance(node, ast.expr) and node.lineno == line]
    read = {node.id for node in here if isinstance(node, ast.Name)}
    given = [
        node.value
        for node in walk(tree)
        if isinstance(node, ast.Assign) and node.lineno <= line and len(node.targets) == 1 and unparse(node.targets[0]) in read
    ]
    at_once = [node for node in here if isinstance(node, ast.Call)]
    found = [call for call in (*at_once, *sorted(given, key=lambda value: -value.lineno)) if isinstance(call, ast.Call) and _is_pair(call)]
    if not found or found[0].end_lineno != found[0].lineno:
        return None
    call = found[0]
    name = unparse(call.func).split(".")[-1]
    raw, end = source_line(run, call.lineno).encode(), call.end_col_offset or 0
    fix = Fix(call.lineno, raw.decode(), (raw[:end] + b".values" + raw[end:]).decode())
    return Diagnosis(
        "values with indices", f"{name}() along a dimension (line {call.lineno}) gives two tensors, the values and the places where they stand; line {line} computes with both at once.",
        last_of_line(run, call.lineno), fix=fix, advice="Take the values: .values, or [0].", line=call.lineno,
    )  # fmt: skip


def _is_pair(call: ast.Call) -> bool:
    """Whether a call gives values and indices, and all of it goes on."""
    name, of_torch = unparse(call.func).split(".")[-1], unparse(call.func).startswith("torch.")
    numbers = [each for each in call.args[of_torch:] if isinstance(each, ast.Constant | ast.UnaryOp)]
    return name in _PAIRS and (name in _ALWAYS or bool(numbers) or any(word.arg == "dim" for word in call.keywords))
