"""`x[...]` as a node: what stands between the brackets is a text, parsed and never evaluated."""

from __future__ import annotations

import ast
from typing import Any

from .model import Param
from .problem import DocumentProblem

INDEX = "Tensor.__getitem__"
LONGEST = 200


def indexed(tensor: Any, index: Param) -> Any:
    """The elements of a tensor that an index names.

    Raises:
        DocumentProblem: no index.
    """
    return tensor[read_index(index)]


def read_index(index: Param) -> Any:
    """An index as Python takes it.

    Raises:
        DocumentProblem: something else than whole numbers, slices, None and ... with commas between.
    """
    if not isinstance(index, str):
        return _checked(index)
    if len(index) > LONGEST:
        raise DocumentProblem("the index is too long")
    try:
        tree = ast.parse(f"x[{index.strip()}]", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        tree = ast.Constant("")
    if not isinstance(tree, ast.Subscript) or not isinstance(tree.value, ast.Name):
        raise DocumentProblem(f"“{index[:40]}” is no index: numbers, 1:3, :, None and ... with commas between")
    return _read(tree.slice, index)


def show_index(index: Param) -> str:
    """What stands between the brackets in a program; a text that is no index stays a text."""
    try:
        found = read_index(index)
    except DocumentProblem:
        return repr(index)
    return ", ".join(map(_show, found)) if isinstance(found, tuple) and found else _show(found)


def _read(node: ast.expr, text: str) -> Any:
    if isinstance(node, ast.Tuple):
        return tuple(_read(e, text) for e in node.elts)
    if isinstance(node, ast.Slice):
        return slice(*(None if part is None else _whole(part, text) for part in (node.lower, node.upper, node.step)))
    if isinstance(node, ast.Constant) and (node.value is None or node.value is Ellipsis):
        return node.value
    if isinstance(node, ast.List):
        return [_whole(e, text) for e in node.elts]
    return _whole(node, text)


def _whole(node: ast.expr, text: str) -> int | None:
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node, sign = node.operand, -1
    if isinstance(node, ast.Constant) and node.value is None:
        return None
    if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return sign * node.value
    raise DocumentProblem(f"“{text[:40]}” is no index: numbers, 1:3, :, None and ... with commas between")


def _checked(index: Param) -> Any:
    if isinstance(index, tuple):
        return tuple(_checked(i) for i in index)
    if index is None or (isinstance(index, int) and not isinstance(index, bool)):
        return index
    raise DocumentProblem("an index needs whole numbers")


def _show(index: Any) -> str:
    if isinstance(index, slice):
        ends = [("" if part is None else str(part)) for part in (index.start, index.stop)]
        return ":".join(ends) + ("" if index.step is None else f":{index.step}")
    return "..." if index is Ellipsis else repr(index)
