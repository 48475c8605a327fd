"""Rules of moving averages: one whose share of the old is so small that it is a copy."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, keyword

_COPIES = 0.2  # of the old that is left: an average over one step
_SAME = frozenset({"data", "detach", "clone"})  # what a tensor's name ends in and is that tensor still


def copied_at_once(script: Script) -> Iterator[Finding]:
    """`t.copy_(tau * t + (1 - tau) * o)` with tau = 0.005: the two shares are exchanged, and the average is the model itself."""
    for node in walk(script.tree):
        found = _kept(script, node)
        if (
            found is None
            or not isinstance(node, ast.expr | ast.stmt)
            or script.enclosing(node, (ast.For, ast.While, ast.comprehension)) is None
        ):
            continue
        owner, share = found
        if 0 < share < _COPIES and _of_a_model(script, node, owner):
            yield at(
                node, "average", f"{owner} keeps {share:g} of what it was, and takes {1 - share:g} of the new: after one step it is nearly the other one, and no slow average of it.",
                f"Exchange the two shares: {owner} = {1 - share:g} * {owner} + {share:g} * new.",
            )  # fmt: skip


def _kept(script: Script, node: ast.AST) -> tuple[str, float] | None:
    """What an update mixes into itself, and which share of the old it keeps; None for all else."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return _mixed(script, _plain(node.targets[0]), node.value)
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return None
    owner = node.func.value
    if node.func.attr == "copy_":
        return _mixed(script, _plain(owner), node.args[0])
    if node.func.attr == "lerp_" and len(node.args) > 1:
        weight = _number(script, node.args[1])
        return (_plain(owner), 1 - weight) if weight is not None else None
    if node.func.attr != "add_" or not (
        isinstance(owner, ast.Call) and isinstance(owner.func, ast.Attribute) and owner.func.attr == "mul_"
    ):
        return None
    share = _number(script, owner.args[0]) if owner.args else None
    alpha = keyword(node, "alpha")
    other = _number(script, alpha) if alpha is not None else _factor(script, node.args[0])
    return (_plain(owner.func.value), share) if share is not None and other is not None and abs(share + other - 1) < 1e-9 else None


def _mixed(script: Script, owner: str, value: ast.expr) -> tuple[str, float] | None:
    """The share of what a sum of two products keeps of one of them, where the shares sum to 1."""
    if not (isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add)):
        return None
    shares = {}
    for side in (value.left, value.right):
        for factor, other in (
            ((side.left, side.right), (side.right, side.left)) if isinstance(side, ast.BinOp) and isinstance(side.op, ast.Mult) else ()
        ):
            number = _number(script, factor)
            if number is not None:
                shares[_plain(other)] = number
    if len(shares) != 2 or owner not in shares or abs(sum(shares.values()) - 1) > 1e-9:
        return None
    return owner, shares[owner]


def _factor(script: Script, value: ast.expr) -> float | None:
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
        return next((number for side in (value.left, value.right) if (number := _number(script, side)) is not None), None)
    return None


def _plain(value: ast.expr) -> str:
    """The text of a tensor, without .data, .detach() and .clone()."""
    while True:
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in _SAME:
            value = value.func.value
        elif isinstance(value, ast.Attribute) and value.attr in _SAME:
            value = value.value
        else:
            return unparse(value)


def _number(script: Script, value: ast.expr) -> float | None:
    """A number that stands in the text: itself, 1 minus another, or the one value that a name is given anywhere."""
    if isinstance(value, ast.Constant):
        return float(value.value) if isinstance(value.value, int | float) and not isinstance(value.value, bool) else None
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub):
        left, right = _number(script, value.left), _number(script, value.right)
        return left - right if left is not None and right is not None else None
    name = value.id if isinstance(value, ast.Name) else value.attr if isinstance(value, ast.Attribute) else ""
    given = {
        float(known.value)
        for known in script.given.get(name, ())
        if isinstance(known, ast.Constant) and isinstance(known.value, int | float)
    }
    return given.pop() if name and len(given) == 1 else None


def _of_a_model(script: Script, node: ast.AST, owner: str) -> bool:
    """Whether what is averaged are the parameters of a model, or its state: they come from parameters() or state_dict()."""
    around = script.enclosing(node, (ast.For, ast.comprehension))
    while around is not None:
        source = around.iter if isinstance(around, ast.For | ast.comprehension) else None
        if source is not None and any(word in unparse(source) for word in ("parameters(", "state_dict(", "buffers(")):
            return True
        around = script.enclosing(around, (ast.For, ast.comprehension))
    return ".weight" in owner or ".bias" in owner
