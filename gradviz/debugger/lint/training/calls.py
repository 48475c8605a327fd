"""Rules of calls: methods that are named and not called, called too late, or never."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, calls, dotted

_ACTING = frozenset({"backward", "step", "zero_grad", "train", "eval", "requires_grad_", "retain_grad", "detach_", "zero_"})
_CLIPPING = ("clip_grad_norm_", "clip_grad_value_")


def not_called(script: Script) -> Iterator[Finding]:
    """`optimizer.step` without parentheses."""
    for node in walk(script.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Attribute) and node.value.attr in _ACTING:
            text = unparse(node.value)
            yield at(node, "not called", f"This names {text} and does not call it: nothing happens.", f"Write {text}().")


def never_stepped(script: Script) -> Iterator[Finding]:
    """An optimizer whose step() is nowhere in the script, with a backward() in a loop."""
    looped = [call for loop in script.loops for call, _ in calls(loop.body, "backward")]
    stepped, cleared = ({name for _, name in calls(script.tree, method)} for method in ("step", "zero_grad"))
    if (stepped & cleared) - set(script.optimizers):
        return  # an optimizer of the script's own moves them
    if any(_computed_with(script, node) for node in walk(script.tree) if isinstance(node, ast.Attribute) and node.attr == "grad"):
        return  # the gradients themselves are what is wanted
    for name, made in script.optimizers.items():
        uses = [node for node in walk(script.tree) if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)]
        methods = {parent.attr for node in uses if isinstance(parent := script.parent[node], ast.Attribute)}
        given_away = any(not isinstance(script.parent[node], ast.Attribute) for node in uses)
        if looped and not given_away and methods <= {"zero_grad", "param_groups"}:
            yield at(
                made, "never stepped", f"{name}.step() is called nowhere: backward() in line {looped[0].lineno} computes gradients, and nothing moves.",
                f"Call {name}.step() after backward().",
            )  # fmt: skip


def _computed_with(script: Script, node: ast.Attribute) -> bool:
    """Whether a `.grad` is read, and not only printed."""
    if not isinstance(node.ctx, ast.Load):
        return False
    at: ast.AST | None = node
    while at is not None and not isinstance(at, ast.stmt):
        if isinstance(at, ast.Call) and dotted(at.func) == "print":
            return False
        at = script.parent.get(at)
    return not isinstance(at, ast.If | ast.Assert)


def late_retain(script: Script) -> Iterator[Finding]:
    """`h.retain_grad()` after the backward() whose gradient it should have kept."""
    for block in script.blocks:
        ended: int = 0
        fresh: set[str] = set()
        for stmt in block:
            if isinstance(stmt, ast.Assign):
                fresh |= {target.id for target in stmt.targets if isinstance(target, ast.Name)}
            if not isinstance(stmt, ast.Expr):
                continue
            for call, name in calls(stmt, "retain_grad"):
                if ended and name and name not in fresh:
                    yield at(
                        call, "late retain_grad", f"backward() in line {ended} is over: the gradient of {name} went through, and was not kept.",
                        f"Call {name}.retain_grad() before backward().",
                    )  # fmt: skip
            if any(calls(stmt, "backward")):
                ended, fresh = stmt.lineno, set()


def clipping(script: Script) -> Iterator[Finding]:
    """Gradients clipped before there are any, or after they were used."""
    for block in script.blocks:
        clip, back, step = (_places(block, names) for names in (_CLIPPING, ("backward",), ("step",)))
        steps = [k for k in step if any(name in script.optimizers for _, name in calls(block[k], "step"))]
        if len(clip) != 1 or len(back) != 1 or len(steps) != 1 or back[0] > steps[0]:
            continue
        if clip[0] > steps[0]:
            yield at(
                block[clip[0]], "clipping", f"The gradients are clipped after step() in line {block[steps[0]].lineno} has used them.",
                "Clip between backward() and step().",
            )  # fmt: skip
        elif clip[0] < back[0]:
            yield at(
                block[clip[0]], "clipping", f"The gradients are clipped before backward() in line {block[back[0]].lineno} has made them.",
                "Clip between backward() and step().",
            )  # fmt: skip


def clipped_while_scaled(script: Script) -> Iterator[Finding]:
    """Gradients of a scaled loss that are clipped before the scaler has divided them again."""
    scalers = {unparse(t) for node in walk(script.tree) if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
               and dotted(node.value.func).split(".")[-1] == "GradScaler" for t in node.targets}  # fmt: skip
    if not scalers or any(calls(script.tree, "unscale_")) or not any(calls(script.tree, "scale")):
        return
    for node in walk(script.tree):
        if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in _CLIPPING:
            scaler = min(scalers)
            yield at(
                node, "clipping", f"The gradients are clipped while they are multiplied by the scale of {scaler} (65536 at the start): what the clipping leaves is divided by it in "
                "step(), and next to nothing is left.", f"Call {scaler}.unscale_(optimizer) before the clipping.",
            )  # fmt: skip


def _places(block: list[ast.stmt], methods: tuple[str, ...]) -> list[int]:
    return [
        k
        for k, stmt in enumerate(block)
        if isinstance(stmt, ast.Expr | ast.Assign)
        and any(isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in methods for node in walk(stmt))
    ]


def unused_cotangent(script: Script) -> Iterator[Finding]:
    """A custom Function whose backward() does not use the gradient that it is given."""
    for node in walk(script.tree):
        if not (isinstance(node, ast.ClassDef) and any(dotted(base).split(".")[-1] == "Function" for base in node.bases)):
            continue
        for method in node.body:
            if not (isinstance(method, ast.FunctionDef) and method.name == "backward") or method.args.vararg is not None:
                continue
            given = [argument.arg for argument in method.args.args if argument.arg != "self"][1:]
            read = {n.id for stmt in method.body for n in walk(stmt) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
            returned = [n.value for stmt in method.body for n in walk(stmt) if isinstance(n, ast.Return) and n.value is not None]
            if given and returned and not read & set(given) and not all(isinstance(v, ast.Constant) for v in returned):
                yield at(
                    returned[0], "unused cotangent", f"backward() of {node.name} does not use {given[0]}, the gradient of what comes after it: the chain rule stops here.",
                    f"Multiply the local slope by {given[0]}.",
                )  # fmt: skip


def cotangent_written(script: Script) -> Iterator[Finding]:
    """backward() of a custom Function that writes into the gradient which it is given: others are given the same tensor."""
    for method in (node for node in walk(script.tree) if isinstance(node, ast.FunctionDef) and node.name == "backward"):
        holder = script.parent.get(method)
        given = [argument.arg for argument in method.args.args if argument.arg != "self"][1:]
        if not (isinstance(holder, ast.ClassDef) and any(dotted(base).split(".")[-1] == "Function" for base in holder.bases)):
            continue
        own = {node.id for node in walk(method) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        for name in (name for name in given if name not in own):
            written = next((node for node in walk(method) if _writes_into(node, name)), None)
            if isinstance(written, ast.stmt | ast.expr):
                yield at(
                    written, "cotangent written", f"backward() of {holder.name} writes into {name}: other nodes of the graph may be given the same tensor, such as the other side of a sum (a skip), and then get what is written here.",
                    f"Work on a copy: {name} = {name}.clone() first.",
                )  # fmt: skip


def _writes_into(node: ast.AST, name: str) -> bool:
    """Whether a node is `g[...] = ...`, `g *= ...` or `g.mul_(...)`."""
    if isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(
            (isinstance(t, ast.Subscript) and unparse(t.value) == name) or (isinstance(node, ast.AugAssign) and unparse(t) == name)
            for t in targets
        )
    called = node.func if isinstance(node, ast.Call) else None
    return (
        isinstance(called, ast.Attribute) and unparse(called.value) == name and called.attr.endswith("_") and not called.attr.endswith("__")
    )


def scheduler_first(script: Script) -> Iterator[Finding]:
    """scheduler.step() before optimizer.step() in a turn: the first learning rate is never used."""
    schedulers = {
        name for name, value, _ in script.assignments if isinstance(value, ast.Call) and "lr_scheduler." in dotted(value.func) + "."
    }
    for loop in script.loops:
        steps = [(call, name) for call, name in calls(loop.body, "step") if name in script.optimizers or name in schedulers]
        if steps and steps[0][1] in schedulers and any(name in script.optimizers for _, name in steps):
            yield at(
                steps[0][0], "scheduler", f"{steps[0][1]}.step() comes before the optimizer's: the first learning rate of the schedule is never used.",
                "Call it after optimizer.step(), at the end of the turn.",
            )  # fmt: skip
