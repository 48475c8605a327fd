"""Rules of leaves and names: what requires grad, and what still does after a line."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ...script.wanted_gradients import taken_for_leaf
from ..finding import Finding
from ..script import Script, asks_grad, at, calls, dotted, keyword, names

_MAKING = ("tensor", "ones", "zeros", "randn", "rand", "full", "arange", "linspace", "empty", "eye", "randint", "Parameter")
_AS_IT_IS = ("to", "cuda")  # give a Parameter back where it is of that dtype, and there, already
_ON_COPY = ("to", "double", "half", "cuda", "clone", "reshape", "view", "t", "sqrt", "mul", "div", "unsqueeze", "flatten")


def computed_leaf(script: Script) -> Iterator[Finding]:
    """`w = torch.randn(3, requires_grad=True) * 0.1`: w is the product, and not the leaf."""
    for name, value, node in script.assignments:
        inner = [value.left, value.right] if isinstance(value, ast.BinOp) else []
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in _ON_COPY:
            inner = [value.func.value]
        if any(isinstance(part, ast.Call | ast.BinOp) and asks_grad(part) for part in inner) and taken_for_leaf(script.tree, name):
            yield at(
                node.value, "computed leaf", f"{name} is computed from the leaf that requires grad, and is no leaf itself: {name}.grad will stay None.",
                f"Ask for grad last: {name} = (...).requires_grad_().",
            )  # fmt: skip
    for made in walk(script.tree):
        if isinstance(made, ast.Assign) and _computed_from_parameter(made.value):
            name = unparse(made.targets[0])
            yield at(
                made.value, "computed leaf", f"{name} is computed from a Parameter, and is none itself: the module does not register it, parameters() leaves it out, and no "
                "optimizer moves it.", f"Compute first, and make the Parameter of the result: {name} = nn.Parameter(...).",
            )  # fmt: skip


def rebound_in_a_loop(script: Script) -> Iterator[Finding]:
    """`for t, s in zip(target.parameters(), source.parameters()): t = tau * s + (1 - tau) * t`: the name is given to a new tensor, and the parameter stays as it is."""
    for loop in script.loops:
        if not isinstance(loop, ast.For) or not any(
            word in unparse(loop.iter) for word in ("parameters()", "buffers()", "state_dict().values()")
        ):
            continue
        targets = names(loop.target)
        for stmt in loop.body:
            target = stmt.targets[0] if isinstance(stmt, ast.Assign) and len(stmt.targets) == 1 else None
            if (
                not isinstance(stmt, ast.Assign)
                or not isinstance(target, ast.Name)
                or target.id not in targets
                or target.id not in names(stmt.value)
            ):
                continue
            if f"{target.id}.grad" in unparse(stmt.value):
                continue  # an update, which another rule is about
            after = [node for later in loop.body[loop.body.index(stmt) + 1 :] for node in walk(later)]
            if any(isinstance(node, ast.Name) and node.id == target.id and isinstance(node.ctx, ast.Load) for node in after):
                continue
            yield at(
                stmt, "rebound", f"This makes a new tensor and gives it the loop's name {target.id}: the parameter itself stays as it is.",
                f"Write into it: {target.id}.data.copy_({unparse(stmt.value)}).",
            )  # fmt: skip


def _computed_from_parameter(value: ast.expr) -> bool:
    """`nn.Parameter(x) * 0.1`, `nn.Parameter(x).view(2, 2)`: the Parameter itself has no name."""
    if isinstance(value, ast.BinOp):
        return any(_is_parameter(side) or _computed_from_parameter(side) for side in (value.left, value.right))
    if isinstance(value, ast.UnaryOp):
        return _is_parameter(value.operand)
    if (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in _ON_COPY
        and value.func.attr not in _AS_IT_IS
    ):
        return _is_parameter(value.func.value) or _computed_from_parameter(value.func.value)
    return False


def _is_parameter(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and dotted(value.func).split(".")[-1] == "Parameter"


def rebound_update(script: Script) -> Iterator[Finding]:
    """`w = w - lr * w.grad`: a new tensor with the old name."""
    for name, value, node in script.assignments:
        if (
            isinstance(value, ast.BinOp)
            and isinstance(value.op, ast.Sub)
            and isinstance(value.left, ast.Name)
            and value.left.id == name
            and f"{name}.grad" in unparse(value.right)
        ):
            after = "it does not require grad" if script.within(node, "no_grad") else f"it is no leaf, and {name}.grad will be None"
            if script.within(node, "no_grad") and _asks_again(script, node, name):
                continue
            yield at(
                node, "rebound", f"This makes a new tensor with the name {name}: {after}.",
                f"Write into the leaf: with torch.no_grad(): {name} -= ...",
            )  # fmt: skip


def _asks_again(script: Script, node: ast.AST, name: str) -> bool:
    text = unparse(script.tree)
    return (
        f"{name}.requires_grad_()" in text
        or f"{name}.requires_grad = True" in text
        or f"{name} = {name}.detach().requires_grad_" in text
        or node is None
    )


def whole_numbers(script: Script) -> Iterator[Finding]:
    """requires_grad=True on integers."""
    for node in walk(script.tree):
        if (
            isinstance(node, ast.Call)
            and dotted(node.func) in ("torch.tensor", "torch.full")
            and asks_grad(node)
            and keyword(node, "dtype") is None
            and node.args
        ):
            numbers = [n for n in walk(node.args[-1]) if isinstance(n, ast.Constant)]
            if numbers and all(isinstance(n.value, int) for n in numbers) and not names(node.args[-1]):
                yield at(
                    node,
                    "whole numbers",
                    "Only floating point tensors can require gradients, and these are whole numbers: this line fails.",
                    "Write 1.0 and not 1.",
                )


def written_leaf(script: Script) -> Iterator[Finding]:
    """In-place writes of a leaf that requires grad, outside no_grad."""
    for block in script.blocks:
        leaves: dict[str, int] = {}
        for stmt in block:
            if isinstance(stmt, ast.Assign):
                for target in stmt.targets:
                    if isinstance(target, ast.Name):
                        made = (
                            isinstance(stmt.value, ast.Call) and dotted(stmt.value.func).split(".")[-1] in _MAKING and asks_grad(stmt.value)
                        )
                        leaves[target.id] = stmt.lineno if made else 0
                    elif (
                        isinstance(target, ast.Subscript)
                        and isinstance(target.value, ast.Name)
                        and leaves.get(target.value.id)
                        and not script.within(stmt, "no_grad")
                    ):
                        yield _written(stmt, target.value.id, leaves[target.value.id])
            elif (
                isinstance(stmt, ast.AugAssign)
                and isinstance(stmt.target, ast.Name)
                and leaves.get(stmt.target.id)
                and not script.within(stmt, "no_grad")
            ):
                yield _written(stmt, stmt.target.id, leaves[stmt.target.id])
            elif isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Call) and isinstance(stmt.value.func, ast.Attribute):
                call = stmt.value.func
                in_place = (
                    call.attr.endswith("_")
                    and not call.attr.startswith("_")
                    and call.attr not in ("requires_grad_", "detach_", "retain_grad_")
                )
                if in_place and isinstance(call.value, ast.Name) and leaves.get(call.value.id) and not script.within(stmt, "no_grad"):
                    yield _written(stmt, call.value.id, leaves[call.value.id])


def _written(stmt: ast.stmt, name: str, line: int) -> Finding:
    return at(
        stmt, "written leaf", f"{name} (line {line}) is a leaf that requires grad: PyTorch refuses to write into it while it records.",
        "Write inside with torch.no_grad():, or compute a new tensor.",
    )  # fmt: skip


def kept_gradients(script: Script) -> Iterator[Finding]:
    """`history.append(w.grad)`: the list holds one tensor many times."""
    for loop in script.loops:
        for call, _ in calls(loop.body, "append"):
            if call.args and isinstance(call.args[0], ast.Attribute) and call.args[0].attr == "grad":
                name = unparse(call.args[0])
                yield at(
                    call, "one tensor", f"{name} is one tensor that backward() adds to: all entries of the list will show the last sum.",
                    f"Keep a copy: {name}.clone().",
                )  # fmt: skip


def gradient_of_result(script: Script) -> Iterator[Finding]:
    """Reading `.grad` of something computed, without retain_grad()."""
    leaves = {name for name, value, _ in script.assignments if asks_grad(value)}
    retained = {name for _, name in calls(script.tree, "retain_grad")} | {name for _, name in calls(script.tree, "requires_grad_")}
    for node in walk(script.tree):
        if not (
            isinstance(node, ast.Attribute) and node.attr == "grad" and isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load)
        ):
            continue
        name = node.value.id
        found = script.assigned(name, node.lineno)
        if found is None or name in retained or script.enclosing(node, (ast.FunctionDef,)) is not None:
            continue
        value, made = found
        made_of_leaf = isinstance(value, ast.BinOp) and names(value) & leaves - {name} and not asks_grad(value)
        if made_of_leaf and not script.within(made, "no_grad"):
            yield at(
                node, "grad of a result", f"{name} (line {made.lineno}) is computed: its gradient passes through and is not kept, so {name}.grad is None.",
                f"Call {name}.retain_grad() before backward().",
            )  # fmt: skip
