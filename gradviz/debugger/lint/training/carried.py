"""Rules of what a loop hands from turn to turn: a result that each turn replaces, returns that are summed from the wrong end."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, calls, names

_REWARDS = re.compile(r"(?:^|_)r(?:ew(?:ard)?s?)?(?:_\w*)?$", re.IGNORECASE)


def replaced_in_each_turn(script: Script) -> Iterator[Finding]:
    """`for p in parameters: loss = base + p.norm()` and loss.backward() after the loop: the last turn alone is left of it."""
    roots = {name for call, _ in calls(script.tree, "backward") if isinstance(call.func, ast.Attribute) for name in names(call.func.value)}
    for loop in script.loops:
        if not isinstance(loop, ast.For) or any(
            isinstance(node, ast.Break | ast.If | ast.Return | ast.Yield) for stmt in loop.body for node in walk(stmt)
        ):
            continue
        if any(calls(loop.body, "backward")) or any(calls(loop.body, "append")):
            continue
        turned = names(loop.target)
        written = {node.id for stmt in loop.body for node in walk(stmt) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        for stmt in loop.body:
            target = stmt.targets[0] if isinstance(stmt, ast.Assign) and len(stmt.targets) == 1 else None
            if not isinstance(target, ast.Name) or not isinstance(stmt, ast.Assign) or target.id not in roots:
                continue
            read = {node.id for each in loop.body for node in walk(each) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
            if target.id in read or names(stmt.value) & written or not names(stmt.value) & turned:
                continue
            yield at(
                stmt, "replaced in each turn", f"Each turn of the loop of line {loop.lineno} gives {target.id} a new value and reads the one before nowhere: of all turns only the last is left, "
                "and that is what backward() starts from.", f"Add them up: {target.id} = {target.id} + ..., from a value before the loop.",
            )  # fmt: skip


def left_at_once(script: Script) -> Iterator[Finding]:
    """`for layer in self.layers: x = layer(x)` with the return in the body of the loop: only the first layer is ever used."""
    for loop in script.loops:
        last = loop.body[-1]
        if not isinstance(loop, ast.For) or not isinstance(last, ast.Return | ast.Break) or len(loop.body) < 2:
            continue
        holder = script.enclosing(loop, (ast.FunctionDef,))
        if (
            isinstance(last, ast.Break)
            or any(isinstance(node, ast.Continue) for stmt in loop.body for node in walk(stmt))
            or not isinstance(holder, ast.FunctionDef)
        ):
            continue
        if any(
            isinstance(stmt, ast.Assign) and {name for target in stmt.targets for name in names(target)} & names(stmt.value)
            for stmt in loop.body
        ):
            yield at(
                last, "left at once", f"This return stands in the body of the loop of line {loop.lineno}: its first turn is its last, and what the later turns were to do is never done.",
                "Move it out of the loop, one step to the left.",
            )  # fmt: skip


def returns_from_the_front(script: Script) -> Iterator[Finding]:
    """`for r in rewards: total = r + gamma * total`: from the front each sum holds what was before it, where a return holds what comes after."""
    if not any(calls(script.tree, "log_prob")) and "log_softmax" not in unparse(script.tree):
        return
    for loop in script.loops:
        if not (isinstance(loop, ast.For) and isinstance(loop.target, ast.Name) and isinstance(loop.iter, ast.Name | ast.Attribute)):
            continue
        listed = unparse(loop.iter)
        if not _REWARDS.search(listed.split(".")[-1]) or _turned_round(script, listed, loop.lineno):
            continue
        for stmt in loop.body:
            if not (
                isinstance(stmt, ast.Assign)
                and isinstance(stmt.targets[0], ast.Name)
                and isinstance(stmt.value, ast.BinOp)
                and isinstance(stmt.value.op, ast.Add)
            ):
                continue
            total, reward = stmt.targets[0].id, loop.target.id
            sides = (stmt.value.left, stmt.value.right)
            discounted = any(isinstance(side, ast.BinOp) and isinstance(side.op, ast.Mult) and total in names(side) for side in sides)
            if discounted and any(reward in names(side) for side in sides):
                yield at(
                    loop, "returns from the front", f"The loop goes through {listed} from the front, so each {total} holds the rewards that came before, discounted; the return of an action "
                    "is what comes after it.", f"Go from the end: for {reward} in reversed({listed}), and turn the list of the sums round again (insert(0, {total})).",
                )  # fmt: skip


def _turned_round(script: Script, listed: str, line: int) -> bool:
    """Whether a list was turned round before a line: rewards = rewards[::-1], rewards.reverse()."""
    found = script.assigned(listed, line)
    text = unparse(found[0]) if found is not None else ""
    return (
        "::-1" in text
        or "reversed(" in text
        or any(owner == listed and call.lineno < line for call, owner in calls(script.tree, "reverse"))
    )
