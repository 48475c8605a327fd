"""Slips of the pen that Python takes without a word: half of a sum on a line of its own, a second draw, one network under two names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from ..syntax import unparse, walk
from .finding import Finding
from .script import Script, at, dotted


def term_alone(script: Script) -> Iterator[Finding]:
    """`+ 0.5 * other(...)` as a statement of its own, after the line whose sum it was to go on with."""
    for block in script.blocks:
        for before, stmt in pairwise(block):
            alone = isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.BinOp | ast.UnaryOp)
            if not alone or not isinstance(before, ast.Assign | ast.AugAssign) or not any(isinstance(n, ast.Call) for n in walk(stmt)):
                continue
            signed: ast.AST = stmt.value  # type: ignore[attr-defined]  # an Expr, as asked above
            while isinstance(signed, ast.BinOp):
                signed = signed.left
            if isinstance(signed, ast.UnaryOp) and isinstance(signed.op, ast.UAdd | ast.USub):
                name = unparse(before.targets[0] if isinstance(before, ast.Assign) else before.target)
                yield at(
                    stmt, "term alone", f"This line is a statement of its own: it is computed and dropped, and {name} (line {before.lineno}) ends before it.",
                    f"Put the whole sum in brackets: {name} = (... + ...).",
                )  # fmt: skip


def another_draw(script: Script) -> Iterator[Finding]:
    """`dist.log_prob(dist.sample())` in a policy's loss: the probability of another action than the one that was taken."""
    for node in walk(script.tree):
        if not (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "log_prob" and len(node.args) == 1
        ):
            continue
        drawn = node.args[0]
        if not (isinstance(drawn, ast.Call) and isinstance(drawn.func, ast.Attribute) and drawn.func.attr == "sample"):
            continue
        owner = unparse(node.func.value)
        elsewhere = [
            n for n in walk(script.tree)
            if n is not drawn and isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in ("sample", "act", "select_action", "choose_action")
        ]  # fmt: skip
        if unparse(drawn.func.value) == owner and elsewhere:
            yield at(
                node, "another draw", f"{owner}.sample() draws here anew: the loss weighs the probability of an action that nobody took by the reward of another one (drawn in line {elsewhere[0].lineno}).",
                f"Keep the action that was taken, and ask for its probability: {owner}.log_prob(action).",
            )  # fmt: skip


def one_network(script: Script) -> Iterator[Finding]:
    """`target_net = policy_net`, and later one is loaded from the other, or both are called side by side: it is one network with two names."""
    loads = {unparse(node) for node in walk(script.tree) if isinstance(node, ast.Call) and dotted(node.func).endswith("load_state_dict")}
    for node in walk(script.tree):
        if not (isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.value, ast.Name | ast.Attribute)):
            continue
        new, old = unparse(node.targets[0]), unparse(node.value)
        if new.split(".")[-1] == old.split(".")[-1] or not isinstance(node.targets[0], ast.Name | ast.Attribute):
            continue
        loaded = f"{new}.load_state_dict({old}.state_dict())" in loads or f"{old}.load_state_dict({new}.state_dict())" in loads
        if loaded or _side_by_side(script, new, old, node.lineno):
            what = "load_state_dict() copies it onto itself" if loaded else "both are called in one turn, and give the same"
            yield at(
                node, "one network", f"{new} is another name of {old}, and no copy: each step moves both, and {what}.",
                f"Make a copy: {new} = copy.deepcopy({old}).",
            )  # fmt: skip


def _side_by_side(script: Script, new: str, old: str, line: int) -> bool:
    """Whether a loop that takes steps of an optimizer of the new name calls both."""
    made = [
        n for n in walk(script.tree)
        if isinstance(n, ast.Call) and dotted(n.func).split(".")[-1] in ("Adam", "AdamW", "SGD", "RMSprop") and any(f"{new}.parameters()" == unparse(a) for a in n.args)
    ]  # fmt: skip
    if not made or sum(isinstance(n, ast.Assign) and unparse(n.targets[0]) == new for n in walk(script.tree)) != 1:
        return False
    for loop in (n for n in walk(script.tree) if isinstance(n, ast.For | ast.While) and n.lineno > line):
        called = {unparse(n.func) for n in walk(loop) if isinstance(n, ast.Call)}
        if {new, old} <= called:
            return True
    return False
