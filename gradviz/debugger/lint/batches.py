"""Rules of how a loop cuts the data into batches."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .finding import Finding
from .modules import pairs
from .script import Script, at, calls, dotted
from .statements import OF_TARGETS


def overlapping(script: Script) -> Iterator[Finding]:
    """`for i in range(n // size): x[i : i + size]`: the batches overlap, and most of the data is never seen."""
    for loop in script.loops:
        if not (isinstance(loop, ast.For) and isinstance(loop.target, ast.Name) and _trains(script, loop)):
            continue
        counted = loop.iter
        if not (
            isinstance(counted, ast.Call) and dotted(counted.func).split(".")[-1] in ("range", "trange") and len(counted.args) in (1, 2)
        ):
            continue
        sizes = {ast.unparse(size) for size in _divisors(script, counted.args[-1])}
        for node in (found for stmt in loop.body for found in ast.walk(stmt)):
            size = _window(node, loop.target.id) if isinstance(node, ast.Slice) else None
            if size is None or ast.unparse(size) not in sizes:
                continue
            name, step = loop.target.id, ast.unparse(size)
            around = script.parent[node]
            yield at(
                around if isinstance(around, ast.expr) else loop, "overlapping batches",
                f"{name} counts batches, and the slice takes it for the number of a sample: each batch begins one sample after the one before, and what stands behind the "
                f"first {ast.unparse(counted.args[-1])} + {step} samples is never seen.", f"Multiply by the size: {name} * {step} : ({name} + 1) * {step}.",
            )  # fmt: skip
            break


def not_shifted(script: Script) -> Iterator[Finding]:
    """`x = data[i : i + T]` and `y = data[i : i + T]`: the targets of a sequence are its inputs, and not what comes next."""
    for block in script.blocks:
        cut: dict[str, tuple[str, ast.stmt]] = {}
        for stmt in block:
            for target, value in pairs(stmt) if isinstance(stmt, ast.Assign) else ():
                if not isinstance(target, ast.Name) or not _bounded(value):
                    continue
                text = ast.unparse(value)
                if text in cut and OF_TARGETS.search(target.id) and not OF_TARGETS.search(cut[text][0]):
                    name, first = cut[text]
                    yield at(
                        stmt, "not shifted", f"{target.id} is cut out of the data just as {name} in line {first.lineno}: the target of each place is what was put in there, and nothing is "
                        "left to predict.", f"Cut {target.id} one further: data[i + 1 : i + 1 + length].",
                    )  # fmt: skip
                cut.setdefault(text, (target.id, stmt))


def _bounded(value: ast.expr) -> bool:
    """Whether an expression slices between two places that are computed."""
    slices = [node for node in ast.walk(value) if isinstance(node, ast.Slice)]
    return any(part.lower is not None and part.upper is not None and not isinstance(part.lower, ast.Constant) for part in slices)


def _trains(script: Script, loop: ast.For) -> bool:
    """Whether a loop propagates back, itself or in a function of the script that it calls."""
    functions = {node.name: node for node in ast.walk(script.tree) if isinstance(node, ast.FunctionDef)}
    called = {dotted(node.func).split(".")[-1] for stmt in loop.body for node in ast.walk(stmt) if isinstance(node, ast.Call)}
    return any(calls(loop.body, "backward")) or any(any(calls(functions[name], "backward")) for name in called & set(functions))


def _divisors(script: Script, count: ast.expr, depth: int = 0) -> Iterator[ast.expr]:
    """What a number of batches was divided by: `n // size`, `int(n / size)`, `math.ceil(n / size)`, or a name for it."""
    if isinstance(count, ast.BinOp):
        if isinstance(count.op, ast.FloorDiv | ast.Div):
            yield count.right
        yield from _divisors(script, count.left, depth)
    elif isinstance(count, ast.Call):
        for argument in count.args:
            yield from _divisors(script, argument, depth)
    elif isinstance(count, ast.Name | ast.Attribute) and not depth:
        path = ast.unparse(count)
        for node in ast.walk(script.tree):
            if isinstance(node, ast.Assign) and any(ast.unparse(target) == path for target in node.targets):
                yield from _divisors(script, node.value, 1)


def _window(part: ast.Slice, name: str) -> ast.expr | None:
    """The size of the slice `name : name + size`."""
    lower, upper = part.lower, part.upper
    if not (isinstance(lower, ast.Name) and lower.id == name and isinstance(upper, ast.BinOp) and isinstance(upper.op, ast.Add)):
        return None
    sides = [side for side in (upper.left, upper.right) if not (isinstance(side, ast.Name) and side.id == name)]
    return sides[0] if len(sides) == 1 else None
