"""Rules of schedules: one of an optimizer that was replaced, one that is made for epochs and counts batches."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, calls, dotted, keyword

_LENGTHS = {"CosineAnnealingLR": ("T_max", 1), "LinearLR": ("total_iters", 3), "PolynomialLR": ("total_iters", 1)}
"""Schedules that end, with the argument that says after how many steps, and its position."""

_OF_RATES = re.compile(r"\blr\b|lr_|_lr|learning_?rate|LambdaLR|function \w*(?:warm|rate|sched)", re.IGNORECASE)
_MEASURE = re.compile(r"loss|err|acc|metric|running|score|^val|mse|mae", re.IGNORECASE)


def of_another_optimizer(script: Script) -> Iterator[Finding]:
    """A scheduler that was made with an optimizer whose name is given to a new one afterwards: it turns the rate of the old one."""
    for name, made, holder in _schedulers(script):
        optimizer = made.args[0] if made.args else keyword(made, "optimizer")
        if optimizer is None:
            continue
        text, scope = unparse(optimizer), script.enclosing(holder, (ast.FunctionDef,))
        later = [
            node
            for node in walk(scope or script.tree)
            if isinstance(node, ast.Assign)
            and node.lineno > holder.lineno
            and script.enclosing(node, (ast.FunctionDef,)) is scope
            and any(unparse(target) == text for target in node.targets)
            and _is_optimizer(node.value)
        ]
        again = [node for known, _, node in _schedulers(script) if known == name and node.lineno > holder.lineno]
        if not later or any(node.lineno > later[0].lineno for node in again) or _in_one_loop(script, holder, later[0]):
            continue
        if scope is None and not any(
            unparse(call.func) == f"{name}.step" and call.lineno > later[0].lineno for call, _ in calls(script.tree, "step")
        ):
            continue
        yield at(
            later[0], "old optimizer of a schedule", f"{name} (line {holder.lineno}) was made with the {text} of before, which nothing steps any more: its step() turns the learning rate of "
            f"that one, and the {dotted(later[0].value.func).split('.')[-1] if isinstance(later[0].value, ast.Call) else text} of this line goes on with the rate that it was given.",
            f"Make the scheduler after the optimizer that trains: {name} = {dotted(made.func).split('.')[-1]}({text}, ...).",
        )  # fmt: skip


def _in_one_loop(script: Script, one: ast.AST, other: ast.AST) -> bool:
    """Whether two statements stand in a loop together: then each turn makes both."""
    loop = script.enclosing(one, (ast.For, ast.While))
    return loop is not None and loop is script.enclosing(other, (ast.For, ast.While))


def counted_in_batches(script: Script) -> Iterator[Finding]:
    """`CosineAnnealingLR(opt, T_max=epochs)` whose step() stands in the loop over batches: it is over after a few of them, and goes up again."""
    for name, made, holder in _schedulers(script):
        word, position = _LENGTHS.get(dotted(made.func).split(".")[-1], ("", 0))
        length = keyword(made, word) or (made.args[position] if word and len(made.args) > position else None)
        if length is None:
            continue
        for call, _ in calls(script.tree, "step"):
            before = [node for known, _, node in _schedulers(script) if known == name and node.lineno < call.lineno]
            if unparse(call.func) != f"{name}.step" or (before and max(before, key=lambda node: node.lineno) is not holder):
                continue
            inner = script.enclosing(call, (ast.For, ast.While))
            outer = script.enclosing(inner, (ast.For,)) if inner is not None else None
            if not isinstance(outer, ast.For) or script.enclosing(outer, (ast.FunctionDef,)) is not script.enclosing(
                call, (ast.FunctionDef,)
            ):
                continue
            turns = (
                outer.iter.args[-1]
                if isinstance(outer.iter, ast.Call) and dotted(outer.iter.func) in ("range", "trange") and outer.iter.args
                else None
            )
            if turns is not None and _same(script, turns, length):
                yield at(
                    call, "schedule in batches", f"{name} (line {made.lineno}) is made for {unparse(length)} steps, as many as the loop of line {outer.lineno} has turns, and is stepped in "
                    f"each turn of the loop inside of it: it reaches its end after {unparse(length)} batches, and what comes then was not meant (a cosine goes up again).",
                    f"Step it once a turn of line {outer.lineno}, after the inner loop; or give it the number of all batches.",
                )  # fmt: skip


def milestones_in_batches(script: Script) -> Iterator[Finding]:
    """`MultiStepLR(opt, milestones=[30, 60])` for 90 epochs whose step() stands in the loop over batches: all milestones are passed in the first epochs."""
    for name, made, holder in _schedulers(script):
        given = keyword(made, "milestones") or (made.args[1] if len(made.args) > 1 else None)
        if dotted(made.func).split(".")[-1] != "MultiStepLR" or not isinstance(given, ast.List | ast.Tuple):
            continue
        marks = [mark.value for mark in given.elts if isinstance(mark, ast.Constant) and isinstance(mark.value, int)]
        for call, _ in calls(script.tree, "step"):
            inner = script.enclosing(call, (ast.For,)) if unparse(call.func) == f"{name}.step" else None
            outer = script.enclosing(inner, (ast.For,)) if isinstance(inner, ast.For) else None
            if not (isinstance(inner, ast.For) and isinstance(outer, ast.For)) or "epoch" in unparse(inner.target):
                continue
            epochs = _turns(script, outer)
            if not marks or max(marks) >= epochs or outer.lineno <= holder.lineno <= (outer.end_lineno or 0):
                continue  # each turn of the outer loop trains anew
            yield at(
                call, "schedule in batches", f"{name} (line {made.lineno}) has milestones up to {max(marks)}, as if it counted the {epochs} turns of line {outer.lineno}, and is stepped in "
                f"each turn of the loop inside of it: it counts batches, and after {max(marks)} of them the rate is at its last.",
                "Step it once an epoch, after the inner loop; or count the milestones in batches.",
            )  # fmt: skip


def _turns(script: Script, loop: ast.For) -> int:
    """How often a loop over range(n) turns, where n is written down; 0 where that is not known."""
    if not (isinstance(loop.iter, ast.Call) and dotted(loop.iter.func) in ("range", "trange") and len(loop.iter.args) == 1):
        return 0
    given = loop.iter.args[0]
    found = script.assigned(given.id, given.lineno) if isinstance(given, ast.Name) else None
    value = found[0] if found is not None else given
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, int) else 0


def _same(script: Script, one: ast.expr, other: ast.expr) -> bool:
    texts = []
    for value in (one, other):
        found = script.assigned(value.id, value.lineno) if isinstance(value, ast.Name) else None
        texts.append(unparse(found[0]) if found is not None and isinstance(found[0], ast.Constant) else unparse(value))
    return texts[0] == texts[1]


def _schedulers(script: Script) -> list[tuple[str, ast.Call, ast.Assign]]:
    """(name, call, statement) of each scheduler that is given a name."""
    return [
        (unparse(node.targets[0]), node.value, node)
        for node in walk(script.tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _is_scheduler(node.value)
    ]


def _is_scheduler(call: ast.Call) -> bool:
    path = dotted(call.func)
    return "lr_scheduler." in path or path.split(".")[-1].endswith("LR") or path.split(".")[-1] == "ReduceLROnPlateau"


def _is_optimizer(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and "optim." in dotted(value.func) + "." and not _is_scheduler(value)


def rate_for_a_factor(script: Script) -> Iterator[Finding]:
    """`LambdaLR(opt, f)` where f gives `BASE * ...`, and the optimizer has lr=BASE: LambdaLR multiplies the rate by what f gives."""
    rates = {unparse(word.value) for call in walk(script.tree) if isinstance(call, ast.Call) for word in call.keywords if word.arg == "lr"}
    functions = {node.name: node for node in walk(script.tree) if isinstance(node, ast.FunctionDef)}
    for call in walk(script.tree):
        if not (isinstance(call, ast.Call) and dotted(call.func).split(".")[-1] == "LambdaLR"):
            continue
        given = next((word.value for word in call.keywords if word.arg == "lr_lambda"), call.args[1] if len(call.args) > 1 else None)
        if isinstance(given, ast.Name) and given.id in functions:
            results = [node.value for node in walk(functions[given.id]) if isinstance(node, ast.Return) and node.value is not None]
        else:
            results = [given.body] if isinstance(given, ast.Lambda) else []
        found = [rate for rate in rates if results and all(rate in _factors(result) for result in results) and rate not in ("1", "1.0")]
        if found:
            yield at(
                results[0], "rate for a factor",
                f"What this gives is a factor, and LambdaLR (line {call.lineno}) multiplies the learning rate of the optimizer by it: with lr={found[0]} there it is multiplied by {found[0]} once more.",
                f"Leave {found[0]} out of the function, or give the optimizer lr=1.0.",
            )  # fmt: skip


def _factors(node: ast.expr) -> set[str]:
    """What a product is made of, each as text."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _factors(node.left) | _factors(node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _factors(node.left)
    return {unparse(node)}


def given_a_number(script: Script) -> Iterator[Finding]:
    """`StepLR(...)` and `scheduler.step(val_loss)`: only ReduceLROnPlateau takes a measure, all others take it for the number of an epoch."""
    made = _schedulers(script)
    for name in dict.fromkeys(name for name, _, _ in made):
        kinds = {dotted(call.func).split(".")[-1] for known, call, _ in made if known == name}
        if "ReduceLROnPlateau" in kinds:
            continue
        for call, _ in calls(script.tree, "step"):
            given = call.args[0] if call.args else None
            if unparse(call.func) != f"{name}.step" or given is None or not _a_measure(given) or _another(script, name, call):
                continue
            kind = min(kinds)
            yield at(
                call, "schedule given a number", f"{kind} takes {unparse(given)} for the number of the epoch, and works out the learning rate of that epoch anew: only ReduceLROnPlateau asks for a measure.",
                f"Write {name}.step(), or use ReduceLROnPlateau.",
            )  # fmt: skip


def _another(script: Script, name: str, call: ast.Call) -> bool:
    """Whether a call stands in a function that gives the name to something else."""
    for function in walk(script.tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and call in walk(function):
            given = [node.value for node in walk(function) if isinstance(node, ast.Assign) and name in map(unparse, node.targets)]
            if (given or name in {arg.arg for arg in walk(function.args) if isinstance(arg, ast.arg)}) and not any(
                isinstance(value, ast.Call) and _is_scheduler(value) for value in given
            ):
                return True
    return False


def _a_measure(given: ast.expr) -> bool:
    """Whether what step() is given is a loss or another measure, and no count of turns."""
    if isinstance(given, ast.Constant):
        return False
    words = {node.id for node in walk(given) if isinstance(node, ast.Name)} | {
        node.attr for node in walk(given) if isinstance(node, ast.Attribute)
    }
    return any(_MEASURE.search(word) for word in words)


def warmed_in_whole_numbers(script: Script) -> Iterator[Finding]:
    """`lr * min(1, step // warmup)`: a whole number, 0 until the warm-up is over."""
    for node in walk(script.tree):
        if not (isinstance(node, ast.Call) and dotted(node.func) == "min" and len(node.args) == 2):
            continue
        most, part = sorted(node.args, key=lambda each: isinstance(each, ast.BinOp))
        whole = isinstance(part, ast.BinOp) and isinstance(part.op, ast.FloorDiv)
        if (
            whole
            and isinstance(part, ast.BinOp)
            and isinstance(most, ast.Constant)
            and most.value in (1, 1.0)
            and _OF_RATES.search(_around(script, node))
        ):
            yield at(
                part, "whole warm-up", f"// gives a whole number: it is 0 until {unparse(part.left)} reaches {unparse(part.right)}, and 1 from then on. The learning rate is 0 for all of the warm-up, and nothing is learned in it.",
                f"Divide with /: {unparse(part.left)} / {unparse(part.right)}.",
            )  # fmt: skip


def _around(script: Script, node: ast.expr) -> str:
    """The statement in which an expression stands, without what follows in its block."""
    stmt = script.enclosing(node, (ast.Assign, ast.AugAssign, ast.Return, ast.Expr))
    holder = script.enclosing(node, (ast.FunctionDef,)) if isinstance(stmt, ast.Return) else None
    return f"function {holder.name if isinstance(holder, ast.FunctionDef) else ''} {unparse(stmt) if stmt is not None else ''}"
