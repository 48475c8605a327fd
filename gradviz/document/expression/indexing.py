"""`x[...]` as a node: what stands between the brackets is a text, parsed and never evaluated.

In the text at0 is the tensor at the first port for indices, at1 the one at the second: x[:, at0], x[at0, at1].
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..model import Param
from ..problem import DocumentProblem

INDEX = "Tensor.__getitem__"
AT = "at"  # the port for tensors in an index
LONGEST = 200
_PLACE = re.compile(rf"{AT}(\d+)")


@dataclass(frozen=True, slots=True)
class At:
    """The place of a tensor in an index."""

    number: int


def indexed(tensor: Any, index: Param, at: Sequence[Any] = ()) -> Any:
    """The elements of a tensor that an index names; `at` are the tensors in it.

    Raises:
        DocumentProblem: no index, or one with a place where no tensor is.
    """

    def tensor_at(place: At) -> Any:
        found = at[place.number] if place.number < len(at) else None
        if found is None:
            raise DocumentProblem(f"nothing is connected to {AT}{place.number}")
        return found

    return tensor[_filled(read_index(index), tensor_at)]


def with_place(index: Param, number: int) -> str:
    """An index that has a place for a tensor: the one that it was, and where it had none the place behind it."""
    name = f"{AT}{number}"
    if index is None or index == "":
        return name
    text = index if isinstance(index, str) else show_index(index)
    return text if re.search(rf"\b{name}\b", text) else f"{text}, {name}"


def _filled(index: Any, tensor_at: Callable[[At], Any]) -> Any:
    if isinstance(index, tuple):
        return tuple(_filled(i, tensor_at) for i in index)
    return tensor_at(index) if isinstance(index, At) else index


def read_index(index: Param) -> Any:
    """An index as Python takes it, but for the places of tensors (`At`).

    Raises:
        DocumentProblem: something else than whole numbers, slices, None, ... and places of tensors with commas between.
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
        raise DocumentProblem(f"“{index[:40]}” is no index: numbers, 1:3, :, None, ... and {AT}0 with commas between")
    return _read(tree.slice, index)


def show_index(index: Param, at: Sequence[str | None] = ()) -> str:
    """What stands between the brackets in a program, with the names of the tensors in it; a text that is no index stays a text."""
    try:
        found = read_index(index)
    except DocumentProblem:
        return repr(index)
    return ", ".join(_show(part, at) for part in found) if isinstance(found, tuple) and found else _show(found, at)


def _read(node: ast.expr, text: str) -> Any:
    if isinstance(node, ast.Tuple):
        return tuple(_read(e, text) for e in node.elts)
    if isinstance(node, ast.Slice):
        return slice(*(None if part is None else _whole(part, text) for part in (node.lower, node.upper, node.step)))
    if isinstance(node, ast.Constant) and (node.value is None or node.value is Ellipsis):
        return node.value
    if isinstance(node, ast.Name) and (place := _PLACE.fullmatch(node.id)) is not None and len(node.id) < 6:
        return At(int(place.group(1)))
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
    raise DocumentProblem(f"“{text[:40]}” is no index: numbers, 1:3, :, None, ... and {AT}0 with commas between")


def _checked(index: Param) -> Any:
    if isinstance(index, tuple):
        return tuple(_checked(i) for i in index)
    if index is None or (isinstance(index, int) and not isinstance(index, bool)):
        return index
    raise DocumentProblem("an index needs whole numbers")


def _show(index: Any, at: Sequence[str | None]) -> str:
    if isinstance(index, At):
        return (at[index.number] if index.number < len(at) else None) or f"{AT}{index.number}"
    if isinstance(index, slice):
        ends = [("" if part is None else str(part)) for part in (index.start, index.stop)]
        return ":".join(ends) + ("" if index.step is None else f":{index.step}")
    return "..." if index is Ellipsis else repr(index)
