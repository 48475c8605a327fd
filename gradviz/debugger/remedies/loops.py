"""Remedies of the training loop: lines that are missing, and lines that stand in the wrong place."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ..diagnosis import Fix
from ..script.syntax import unparse, walk

if TYPE_CHECKING:
    from .text import Text


def cleared(text: Text, line: int, advice: str) -> Fix | None:
    """zero_grad() before backward(), or behind the step where that is in another function; of an update by hand its .grad."""
    back = text.statement(line)
    steps = _steps(text)
    by_hand = re.search(r"Set ([\w.]+)\.grad = None", advice)
    if back is None:
        return None
    parted = _stepped_by_parts(text, steps)
    if parted is not None and by_hand is None:
        return parted
    closures = [name for call, name in steps if call.args and _known(text, name.split(".")[0], _function(text, back))]
    if closures and by_hand is None:  # which calls backward() itself
        return text.before(line, f"{closures[0]}.zero_grad()")
    if steps and by_hand is None:
        same = [(call, name) for call, name in steps if _function(text, call) is _function(text, back)]
        call, name = (same or steps)[0]
        return text.before(line, f"{name}.zero_grad()") if same else text.after(call.lineno, f"{name}.zero_grad()")
    for node in walk(text.tree):
        by = re.search(r"\b([A-Za-z_][\w.]*)\.grad\b", unparse(node.value)) if isinstance(node, ast.AugAssign) else None
        if (
            by is not None
            and isinstance(node, ast.AugAssign)
            and unparse(node.target).removesuffix(".data") == by[1]
            and node.end_lineno == node.lineno
        ):
            return text.after(node.lineno, f"{by[1]}.grad = None")
    return None


def _stepped_by_parts(text: Text, steps: list[tuple[ast.Call, str]]) -> Fix | None:
    """The step of each part of a batch, moved to where the parts are cleared: an `if` behind it, as (i + 1) % k == 0."""
    for call, name in steps:
        stmt = text.statement(call.lineno)
        clears = [clear for clear, owner in text.methods("zero_grad") if owner == name]
        held = text.statement(clears[0].lineno) if len(clears) == 1 else None
        branch = text.parent.get(held) if held is not None else None
        if stmt is None or held is None or not isinstance(branch, ast.If) or held not in branch.body or branch not in _block(text, stmt):
            continue
        counted = any(isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) for node in walk(branch.test))
        if counted and stmt.lineno < branch.lineno:
            return text.moved(stmt.lineno, held.lineno, behind=False)
    return None


def called(text: Text, line: int, _advice: str) -> Fix | None:
    """`optimizer.step` with its parentheses."""
    stmt = text.statement(line)
    return text.put(stmt.value, f"{text.within(stmt.value)}()") if isinstance(stmt, ast.Expr) else None


def clipped_between(text: Text, line: int, _advice: str) -> Fix | None:
    """The clipping behind backward(), or before the step that it came too late for."""
    stmt = text.statement(line)
    block = _block(text, stmt) if stmt is not None else []
    back = [one.lineno for one in block if any(_is_method(node, "backward") for node in walk(one))]
    steps = [one.lineno for one in block if any(_is_method(node, "step") for node in walk(one))]
    if back and line < back[0]:
        return text.moved(line, back[0], behind=True)
    return text.moved(line, steps[0], behind=False) if steps and line > steps[0] else None


def stepped_later(text: Text, line: int, _advice: str) -> Fix | None:
    """A scheduler's step() behind that of the optimizer."""
    stmt = text.statement(line)
    block = _block(text, stmt) if stmt is not None else []
    steps = [one.lineno for one in block if one.lineno > line and any(_is_method(node, "step") for node in walk(one))]
    return text.moved(line, steps[-1], behind=True) if steps else None


def stepped_by_epochs(text: Text, line: int, _advice: str) -> Fix | None:
    """A scheduler's step() of each batch, behind the loop over batches."""
    stmt = text.statement(line)
    inner = text.around(stmt, ast.For, ast.While, ast.FunctionDef) if stmt is not None else None
    outer = text.around(inner, ast.For, ast.While, ast.FunctionDef) if inner is not None else None
    if not (isinstance(inner, ast.For | ast.While) and isinstance(outer, ast.For | ast.While)) or not text.methods("step", line):
        return None
    old = text.lines[line - 1 : inner.end_lineno]
    if stmt is None or stmt.end_lineno != line or len(inner.body) < 2:
        return None
    return Fix(line, "\n".join(old), "\n".join([*old[1:], text.indent(inner.lineno) + old[0].strip()]))


def cleared_earlier(text: Text, line: int, _advice: str) -> Fix | None:
    """zero_grad() that stands between backward() and step(), before backward()."""
    stmt = text.statement(line)
    block = _block(text, stmt) if stmt is not None else []
    back = [one.lineno for one in block if one.lineno < line and any(_is_method(node, "backward") for node in walk(one))]
    cleared_here = stmt is not None and any(_is_method(node, "zero_grad") for node in walk(stmt))
    if back and cleared_here:
        return text.moved(line, back[-1], behind=False)
    steps = [one.lineno for one in block if one.lineno > line and any(_is_method(node, "step") for node in walk(one))]
    return text.moved(line, steps[0], behind=True) if steps and cleared_here else None


def step_added(text: Text, _line: int, advice: str) -> Fix | None:
    """The step() that is nowhere, behind backward()."""
    name = re.search(r"Call ([\w.]+)\.step\(\) after", advice)
    backs = text.methods("backward")
    return text.after(backs[0][0].lineno, f"{name[1]}.step()") if name is not None and len(backs) == 1 else None


def trained_again(text: Text, line: int, _advice: str) -> Fix | None:
    """model.train() where each turn of the training begins, under the name that the model has there."""
    evals = text.methods("eval", line)
    backs = text.methods("backward")
    if not evals or not backs:
        return None
    loop = text.around(backs[0][0], ast.For, ast.While)
    place = loop.body[0] if isinstance(loop, ast.For | ast.While) else text.statement(backs[0][0].lineno)
    holder = _function(text, backs[0][0])
    names = [evals[0][1]] if _function(text, evals[0][0]) is holder else _trained(text)
    here = [name for name in names if _known(text, name.split(".")[0], holder)]
    if place is None or not here:
        return None
    for node in walk(text.tree):  # a loop of the same function that holds it all: once in each epoch is enough
        if (
            isinstance(node, ast.For | ast.While)
            and loop is not None
            and node in _holders(text, loop)
            and _function(text, node) is holder
            and _evaluates(node, evals[0][1])
        ):
            place = node.body[0]
    return text.before(place.lineno, f"{here[0]}.train()")


def made_before(text: Text, line: int, _advice: str) -> Fix | None:
    """An optimizer that each turn makes, before the loop."""
    stmt = text.statement(line)
    loop = text.around(stmt, ast.For, ast.While, ast.FunctionDef) if stmt is not None else None
    while loop is not None and isinstance(text.around(loop, ast.For, ast.While, ast.FunctionDef), ast.For | ast.While):
        loop = text.around(loop, ast.For, ast.While)
    return text.moved(line, loop.lineno, behind=False) if isinstance(loop, ast.For | ast.While) else None


def clipped(text: Text, _line: int, advice: str) -> Fix | None:
    """A clipping before the step, of what the optimizer was given."""
    if "clip" not in advice.lower():
        return None
    steps = _steps(text)
    given = {
        name: unparse(node.value.args[0])
        for node in walk(text.tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and "optim" in unparse(node.value.func) and node.value.args
        for name in map(unparse, node.targets)
    }
    if len(steps) != 1 or not given.get(steps[0][1], "").endswith(".parameters()"):
        return None
    return text.before(steps[0][0].lineno, f"torch.nn.utils.clip_grad_norm_({given[steps[0][1]]}, 1.0)")


def kept_in_time(text: Text, line: int, advice: str) -> Fix | None:
    """retain_grad() behind the line that computes the result, or in front of backward()."""
    stmt = text.statement(line)
    if isinstance(stmt, ast.Expr) and text.methods("retain_grad", line):
        block = _block(text, stmt)
        back = [one.lineno for one in block if one.lineno < line and any(_is_method(node, "backward") for node in walk(one))]
        return text.moved(line, back[-1], behind=False) if back else None
    name = re.search(r"\b([A-Za-z_]\w*)\.retain_grad\(\)", advice)
    made = [
        node
        for node in walk(text.tree)
        if name is not None and isinstance(node, ast.Assign) and node.lineno < line and [unparse(t) for t in node.targets] == [name[1]]
    ]
    last = max(made, key=lambda node: node.lineno, default=None)
    return (
        text.after(last.lineno, f"{name[1]}.retain_grad()")
        if name is not None and last is not None and last.end_lineno == last.lineno
        else None
    )


def _steps(text: Text) -> list[tuple[ast.Call, str]]:
    """The calls of step() of what clears gradients or was made by torch.optim: a scheduler's and an environment's are none."""
    made = {
        name
        for node in walk(text.tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and "optim" in unparse(node.value.func)
        and "lr_scheduler" not in unparse(node.value.func)
        for name in map(unparse, node.targets)
    }
    named = [(call, name) for call, name in text.methods("step") if name in made]
    return named or [(call, name) for call, name in text.methods("step") if "opt" in name.lower()]


def _function(text: Text, node: ast.AST) -> ast.AST | None:
    return text.around(node, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def _block(text: Text, stmt: ast.stmt) -> list[ast.stmt]:
    """The statements among which one stands."""
    holder = text.parent.get(stmt)
    for field in ("body", "orelse", "finalbody"):
        block = getattr(holder, field, None)
        if isinstance(block, list) and stmt in block:
            return block
    return []


def _is_method(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name


def _trained(text: Text) -> list[str]:
    """What optimizers are given the parameters of."""
    return list(dict.fromkeys(name for call, name in text.methods("parameters") if "optim" in unparse(text.parent[call])))


def _known(text: Text, name: str, holder: ast.AST | None) -> bool:
    """Whether a name is one of a function, or of the module."""
    scope = holder if isinstance(holder, ast.FunctionDef) else None
    given = [argument.arg for argument in scope.args.args] if scope is not None else []
    bound = {node.id for node in walk(scope or text.tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    top = {unparse(t) for node in text.tree.body if isinstance(node, ast.Assign) for t in node.targets}
    return name in given or name in bound or name in top


def _holders(text: Text, node: ast.AST) -> set[ast.AST]:
    found, at = {node}, text.parent.get(node)
    while at is not None:
        found.add(at)
        at = text.parent.get(at)
    return found


def _evaluates(loop: ast.For | ast.While, name: str) -> bool:
    """Whether a loop itself calls eval() of a name."""
    return any(
        _is_method(node, "eval") and unparse(node.func.value) == name
        for node in walk(loop)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    )


def entered(text: Text, line: int, _advice: str) -> Fix | None:
    """`with torch.no_grad():` around what follows in the block, where nothing of that is trained."""
    stmt = text.statement(line)
    block = _block(text, stmt) if stmt is not None else []
    rest = block[block.index(stmt) + 1 :] if stmt in block else []
    if stmt is None or not rest or any(_is_method(node, "backward") for part in rest for node in walk(part)):
        return None
    old = text.lines[line - 1 : rest[-1].end_lineno]
    return Fix(
        line,
        "\n".join(old),
        "\n".join([f"{text.indent(line)}with {old[0].strip()}:", *(f"    {each}" if each.strip() else each for each in old[1:])]),
    )
