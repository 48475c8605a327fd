"""Rules of the training loop: zero_grad, backward and step, in which order and how often."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Block, Script, at, calls, names

_EVERY_SECOND = 2
_LOSES_GRAPH = ("item", "detach", "numpy", "tolist", "detach_")


def forgotten_zero_grad(script: Script) -> Iterator[Finding]:
    """A loop with backward() and step() in which nothing clears the gradients."""
    for loop in script.loops:
        steps = [(call, name) for call, name in calls(loop.body, "step") if name in script.optimizers]
        inner = any(isinstance(node, ast.For | ast.While) and any(calls(node.body, "step")) for stmt in loop.body for node in walk(stmt))
        backward = next(calls(loop.body, "backward"), None)
        if not steps or backward is None or inner or _clears(loop.body) or _in_function_that_clears(script, loop.body):
            continue
        call, name = steps[0]
        yield at(
            backward[0], "zero_grad", f"No turn of this loop clears the gradients: {name}.step() in line {call.lineno} uses the sum of all passes so far.",
            f"Call {name}.zero_grad() before backward().",
        )  # fmt: skip


def updates_by_hand(script: Script) -> Iterator[Finding]:
    """A loop that updates with `w -= lr * w.grad` and never clears `w.grad`."""
    for loop in script.loops:
        backward = next(calls(loop.body, "backward"), None)
        if backward is None or _clears(loop.body) or _in_function_that_clears(script, loop.body):
            continue
        for node in walk(loop):
            written = node.target if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub) else None
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute) and node.targets[0].attr == "data":
                written = node.targets[0]
            if isinstance(node, ast.AugAssign | ast.Assign) and isinstance(written, ast.Name | ast.Attribute):
                target = unparse(written).removesuffix(".data")
                if f"{target}.grad" in unparse(node.value):
                    yield at(
                        node, "zero_grad", f"{target}.grad is never cleared in this loop: each update uses the sum of all passes so far.",
                        f"Set {target}.grad = None after the update.",
                    )  # fmt: skip


def _clears(body: Block) -> bool:
    if any(calls(body, "zero_grad")):
        return True
    for stmt in body:
        for node in walk(stmt):
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Attribute) and t.attr == "grad" for t in node.targets):
                return True
            if isinstance(node, ast.Call) and unparse(node.func).endswith((".grad.zero_", ".grad.data.zero_", ".grad.fill_")):
                return True
    return False


def _in_function_that_clears(script: Script, body: Block) -> bool:
    """Whether the loop calls a function of the script that clears, or wraps the step in a closure."""
    defined = {node.name: node for node in walk(script.tree) if isinstance(node, ast.FunctionDef)}
    called = {node.func.id for stmt in body for node in walk(stmt) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return any(_clears(defined[name].body) for name in called & set(defined))


def order(script: Script) -> Iterator[Finding]:
    """zero_grad between backward and step; step before the first backward of a turn."""
    for block in script.blocks:
        places = {name: [k for k, stmt in enumerate(block) if not isinstance(stmt, ast.FunctionDef | ast.ClassDef) and isinstance(stmt, ast.Expr) and any(calls(stmt, name))] for name in ("backward", "zero_grad", "step")}  # fmt: skip
        for back in places["backward"]:
            step = next((k for k in places["step"] if k > back and _of_optimizer(script, block[k])), None)
            between = next((k for k in places["zero_grad"] if step is not None and back < k < step), None)
            later = next((k for k in places["backward"] if between is not None and step is not None and between < k < step), None)
            if between is not None and step is not None and later is None:
                yield at(
                    block[between], "order", f"This throws away what backward() in line {block[back].lineno} brought: step() in line {block[step].lineno} finds no gradients.",
                    "Call zero_grad() before backward(), or after step().",
                )  # fmt: skip
        zero, step_, back_ = (places[name][0] if len(places[name]) == 1 else None for name in ("zero_grad", "step", "backward"))
        if zero is not None and step_ is not None and back_ is not None and zero < step_ < back_ and _of_optimizer(script, block[step_]):
            yield at(
                block[step_], "order", f"step() comes between zero_grad() (line {block[zero].lineno}) and backward() (line {block[back_].lineno}): it finds no gradients.",
                "The order is zero_grad, backward, step.",
            )  # fmt: skip


def _of_optimizer(script: Script, stmt: ast.stmt) -> bool:
    return any(name in script.optimizers for _, name in calls(stmt, "step"))


def twice(script: Script) -> Iterator[Finding]:
    """backward() of the same result twice, without retain_graph and without computing it again."""
    for block in script.blocks:
        last: dict[str, ast.Call] = {}
        for stmt in block:
            if isinstance(stmt, ast.Assign | ast.AugAssign):
                targets = stmt.targets if isinstance(stmt, ast.Assign) else [stmt.target]
                for name in {n for t in targets for n in names(t)}:
                    last.pop(name, None)
                continue
            if not isinstance(stmt, ast.Expr):
                last.clear()
                continue
            for call, name in calls(stmt, "backward"):
                if name and name in last and not any(k.arg == "retain_graph" for k in last[name].keywords):
                    yield at(
                        call, "twice", f"backward() of {name} in line {last[name].lineno} frees the graph; this one needs it again.",
                        "Give the first one retain_graph=True, or compute the loss again.",
                    )  # fmt: skip
                if name:
                    last[name] = call


def carried_state(script: Script) -> Iterator[Finding]:
    """`h = f(h)` from turn to turn with a backward() in each turn: the second goes back into the first."""
    for loop in script.loops:
        if not any(calls(loop.body, "backward")) or any(calls(loop.body, "detach")) or any(calls(loop.body, "detach_")):
            continue
        for stmt in loop.body:
            for node in walk(stmt):
                if isinstance(node, ast.For | ast.While):
                    break
                if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
                    continue
                name = node.targets[0].id
                before = script.assigned(name, loop.lineno)
                if (
                    name in names(node.value) and before is not None and "torch" in unparse(before[0]) and not asks(before[0])
                    and f"{name}.grad" not in unparse(node.value) and not any(any(calls(node, m)) for m in _LOSES_GRAPH)
                    and not script.within(node, "no_grad", "inference_mode") and _reassigned_late(loop.body, name, node)
                ):  # fmt: skip
                    if not _goes_into(loop.body, name):
                        yield at(
                            node, "running total", f"{name} takes in what was computed in each turn with its graph: it keeps the graphs of all turns in memory.",
                            "Take the number only: loss.item() or loss.detach().",
                        )  # fmt: skip
                        continue
                    retained = any(k.arg == "retain_graph" for call, _ in calls(loop.body, "backward") for k in call.keywords)
                    if retained and _handed_on(node.value, name):
                        yield at(
                            node, "carried and retained", f"{name} comes from the turn before with the graph of all turns, and backward(retain_graph=True) goes back through all of them: each turn takes more time and memory "
                            "than the one before, and after a step of an optimizer it ends in an error.",
                            f"Cut it at the start of each turn, {name} = {name}.detach(), and leave retain_graph away; or add the losses up and call backward() once, after the loop.",
                        )  # fmt: skip
                        continue
                    if retained:
                        yield at(
                            node, "counted again", f"{name} keeps the graph of all turns before, and backward(retain_graph=True) goes through them again in each turn: "
                            "their gradients are counted several times.", "Call backward() once, after the loop; or on what this turn has added only.",
                        )  # fmt: skip
                        continue
                    yield at(
                        node, "carried over", f"{name} comes from the turn before, with its graph; backward() of the second turn finds that graph freed.",
                        f"Cut it at the start of each turn: {name} = {name}.detach().",
                    )  # fmt: skip


def _handed_on(value: ast.expr, name: str) -> bool:
    """Whether a state is handed to a call, `cell(x, h)`, and not added to, `total + loss`: no term of an earlier turn is in it then."""
    return (
        isinstance(value, ast.Call)
        and any(isinstance(given, ast.Name) and given.id == name for given in value.args)
        and not unparse(value.func).startswith("torch.")
    )


def _goes_into(body: Block, name: str) -> bool:
    """Whether a backward() of the loop goes through a name, as far as the assignments of the turn tell."""
    roots = [call.func.value for call, _ in calls(body, "backward") if isinstance(call.func, ast.Attribute)]
    reached = {n for root in roots for n in names(root)}
    assigned = [node for stmt in body for node in walk(stmt) if isinstance(node, ast.Assign | ast.AugAssign)]
    for _ in assigned:
        more = {
            n
            for node in assigned
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if names(target) & reached
            for n in names(node.value)
        }
        if more <= reached:
            break
        reached |= more
    return name in reached or not roots


def asks(value: ast.expr) -> bool:
    """Whether a start value is itself a leaf that requires grad: then the loop is an update, and another rule's business."""
    return "requires_grad" in unparse(value)


def _reassigned_late(body: Block, name: str, node: ast.Assign) -> bool:
    """Whether this is the first assignment of the name in the turn: an earlier one starts afresh."""
    first = next(
        (
            n
            for stmt in body
            for n in walk(stmt)
            if isinstance(n, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in n.targets)
        ),
        None,
    )
    return first is node


def running_total(script: Script) -> Iterator[Finding]:
    """`total += loss` in a loop that calls loss.backward(): every graph is kept."""
    for loop in script.loops:
        ended = {name for _, name in calls(loop.body, "backward") if name}
        for node in walk(loop):
            if (
                isinstance(node, ast.AugAssign)
                and isinstance(node.op, ast.Add)
                and isinstance(node.value, ast.Name)
                and node.value.id in ended
            ):
                yield at(
                    node, "running total", f"{node.value.id} is added with its graph: the total keeps the graphs of all turns in memory.",
                    f"Add the number: {node.value.id}.item().",
                )  # fmt: skip
        for call, _ in calls(loop.body, "append"):
            if call.args and isinstance(call.args[0], ast.Name) and call.args[0].id in ended:
                name = call.args[0].id
                yield at(
                    call, "running total", f"{name} is kept with its graph: the list keeps the graphs of all turns in memory.",
                    f"Keep the number: {name}.item().",
                )  # fmt: skip


def stepped_at_all_others(script: Script) -> Iterator[Finding]:
    """`if (i + 1) % k:` around step(), where the loss is divided by k: true for all batches but each k-th."""
    for node in walk(script.tree):
        test = node.test if isinstance(node, ast.If) else None
        if (
            isinstance(test, ast.Compare)
            and len(test.ops) == 1
            and isinstance(test.ops[0], ast.NotEq | ast.Gt)
            and unparse(test.comparators[0]) == "0"
        ):
            test = test.left
        if not (isinstance(node, ast.If) and isinstance(test, ast.BinOp) and isinstance(test.op, ast.Mod)):
            continue
        loop, count = script.enclosing(node, (ast.For, ast.While)), unparse(test.right)
        values = [test.right, *script.given.get(count.split(".")[-1], ())]
        if any(isinstance(value, ast.Constant) and value.value == _EVERY_SECOND for value in values):
            continue  # of two batches the other one is every second
        if not isinstance(loop, ast.For | ast.While) or not any(calls(node.body, "step")) or not any(calls(node.body, "zero_grad")):
            continue
        parts = [n for n in walk(loop) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Div) and unparse(n.right) == count]
        divided = [n for n in walk(loop) if isinstance(n, ast.AugAssign) and isinstance(n.op, ast.Div) and unparse(n.value) == count]
        if parts or divided:
            yield at(
                node.test, "all other batches", f"This is true for all batches but each {count}-th: a step is taken with the gradient of one batch, whose loss is divided by {count}, and only the last two are ever added up.",
                f"Ask for 0: if {unparse(test)} == 0.",
            )  # fmt: skip
