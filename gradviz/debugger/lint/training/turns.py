"""Rules of what a turn of training repeats, forgets, or leaves as the turn before left it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Block, Script, at, calls, dotted, keyword

_REMEMBERING = ("Adam", "AdamW", "Adamax", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adadelta", "Rprop", "LBFGS", "ASGD")
_OTHERWISE = ("Dropout", "BatchNorm", "InstanceNorm", "AlphaDropout")  # layers that act otherwise while they train


def new_optimizer(script: Script) -> Iterator[Finding]:
    """An optimizer with a memory that is made in each turn, or in a function that makes one step and is called in a loop."""
    for name, call in script.optimizers.items():
        kind = dotted(call.func).split(".")[-1]
        momentum = keyword(call, "momentum")
        if kind not in _REMEMBERING and not (isinstance(momentum, ast.Constant) and momentum.value):
            continue
        holder = script.enclosing(call, (ast.For, ast.While, ast.FunctionDef))
        if holder is None or not _steps_once(script, holder, name) or _compared(script, holder, call):
            continue
        if isinstance(holder, ast.FunctionDef) and not _called_in_a_loop(script, holder.name):
            continue
        yield at(
            call, "new optimizer", f"{name} is made anew in each turn: what {kind} remembers of the gradients before is lost each time.",
            "Make it once, before the loop.",
        )  # fmt: skip


def _compared(script: Script, holder: ast.AST, call: ast.Call) -> bool:
    """Whether what the optimizer is given is made in the same turn: then each turn is a training of its own."""
    if isinstance(holder, ast.FunctionDef):
        return False
    given = {node.id for argument in call.args for node in walk(argument) if isinstance(node, ast.Name)}
    return any(
        name in given and script.enclosing(node, (ast.For, ast.While, ast.FunctionDef)) is holder for name, _, node in script.assignments
    )


def _steps_once(script: Script, holder: ast.AST, name: str) -> bool:
    """Whether a step() of the optimizer stands in the holder and in no loop inside of it."""
    steps = [call for call, known in calls(holder, "step") if known == name]
    return bool(steps) and all(script.enclosing(call, (ast.For, ast.While, ast.FunctionDef)) is holder for call in steps)


def _called_in_a_loop(script: Script, function: str) -> bool:
    loops = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.DictComp)
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == function
        and script.enclosing(node, loops) is not None
        for node in walk(script.tree)
    )


def last_batch(script: Script) -> Iterator[Finding]:
    """zero_grad() and the loss in the loop over batches, backward() after it."""
    for block in script.blocks:
        for k, stmt in enumerate(block):
            if not isinstance(stmt, ast.For | ast.While) or not any(calls(stmt.body, "zero_grad")) or any(calls(stmt.body, "backward")):
                continue
            for later in block[k + 1 :]:
                found = (
                    next((call for call, name in calls(later, "backward") if name and _plainly(stmt.body, name)), None)
                    if isinstance(later, ast.Expr)
                    else None
                )
                if found is not None:
                    yield at(
                        found, "last batch", f"This stands after the loop of line {stmt.lineno}: only the loss of its last turn is propagated back, and the other "
                        "batches teach nothing.", "Move backward() and step() into the loop.",
                    )  # fmt: skip
                    break


def _plainly(body: Block, name: str) -> bool:
    """Whether a loop gives a name a new value in each turn, without adding to the old one."""
    stores = [
        node
        for stmt in body
        for node in walk(stmt)
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
    ]
    return bool(stores) and all(name not in {n.id for n in walk(node.value) if isinstance(n, ast.Name)} for node in stores)


def eval_left_on(script: Script) -> Iterator[Finding]:
    """eval() of a model that goes on training, with layers that act otherwise then."""
    text = unparse(script.tree)
    if not any(f"{layer}" in text for layer in _OTHERWISE):
        return
    trained = {
        name
        for call in script.optimizers.values()
        for inner in walk(call)
        if isinstance(inner, ast.Call)
        for _, name in calls(inner, "parameters")
    }
    functions = {node.name: node for node in walk(script.tree) if isinstance(node, ast.FunctionDef)}
    for loop in script.loops:
        if not any(calls(loop.body, "backward")) or script.enclosing(loop, (ast.For, ast.While)) is not None:
            continue
        called = {n.func.id for stmt in loop.body for n in walk(stmt) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        inside: list[ast.AST] = [*loop.body, *(functions[name] for name in called & set(functions))]
        if any(any(calls(part, "train")) for part in inside):
            continue
        left = [found for part in inside for found in calls(part, "eval") if not trained or found[1] in trained or part not in loop.body]
        before = [found for found in calls(script.tree, "eval") if found[0].lineno < loop.lineno and found[1] and found[1] in trained]
        after = [call.lineno for call, _ in calls(script.tree, "train") if before and before[-1][0].lineno < call.lineno < loop.lineno]
        left = [found for found in left if not (found[1] and _plainly(loop.body, found[1]))]  # each turn makes another model
        if left:
            call, name = left[0]
            yield at(
                call, "eval left on", f"After the first turn {name or 'the model'} stays in evaluation mode: from the second on it trains without dropout, and with "
                "the batch statistics of before.", f"Call {name or 'model'}.train() at the start of each turn.",
            )  # fmt: skip
        elif before and not after and any(any(calls(part, "step")) for part in inside):  # a picture may be moved by a model at rest
            call, name = before[-1]
            yield at(
                call, "eval left on", f"{name} is in evaluation mode while the loop of line {loop.lineno} trains it: dropout is off, and batch statistics stay as they are.",
                f"Call {name}.train() before the loop.",
            )  # fmt: skip
