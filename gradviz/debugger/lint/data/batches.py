"""Rules of how a loop cuts the data into batches."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..layers.modules import pairs
from ..python.statements import OF_TARGETS
from ..script import Script, at, calls, dotted


def overlapping(script: Script) -> Iterator[Finding]:
    """`for i in range(n // size): x[i : i + size]`: the batches overlap, and most of the data is never seen."""
    for loop in script.loops:
        if not (isinstance(loop, ast.For) and isinstance(loop.target, ast.Name)):
            continue
        counted = loop.iter
        if not (
            isinstance(counted, ast.Call) and dotted(counted.func).split(".")[-1] in ("range", "trange") and len(counted.args) in (1, 2)
        ):
            continue
        sizes = {unparse(size) for size in _divisors(script, counted.args[-1])}
        if not sizes or not _trains(script, loop):
            continue
        for node in (found for stmt in loop.body for found in walk(stmt)):
            size = _window(node, loop.target.id) if isinstance(node, ast.Slice) else None
            if size is None or unparse(size) not in sizes:
                continue
            name, step = loop.target.id, unparse(size)
            around = script.parent[node]
            yield at(
                around if isinstance(around, ast.expr) else loop, "overlapping batches",
                f"{name} counts batches, and the slice takes it for the number of a sample: each batch begins one sample after the one before, and what stands behind the "
                f"first {unparse(counted.args[-1])} + {step} samples is never seen.", f"Multiply by the size: {name} * {step} : ({name} + 1) * {step}.",
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
                text = unparse(value)
                if text in cut and OF_TARGETS.search(target.id) and not OF_TARGETS.search(cut[text][0]):
                    name, first = cut[text]
                    yield at(
                        stmt, "not shifted", f"{target.id} is cut out of the data just as {name} in line {first.lineno}: the target of each place is what was put in there, and nothing is "
                        "left to predict.", f"Cut {target.id} one further: data[i + 1 : i + 1 + length].",
                    )  # fmt: skip
                cut.setdefault(text, (target.id, stmt))


def unread_batch(script: Script) -> Iterator[Finding]:
    """`for xb, yb in loader:` and a body that reads the x and y of the whole data, or of another loop, in their place."""
    for loop in script.loops:
        if not isinstance(loop, ast.For) or not _gives_batches(script, loop) or not any(calls(loop.body, "backward")):
            continue
        target = loop.target.elts[-1] if _counted(loop) and isinstance(loop.target, ast.Tuple) else loop.target
        parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        bound = [part.id for part in parts if isinstance(part, ast.Name) and not part.id.startswith("_")]
        read = [node for stmt in loop.body for node in walk(stmt) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
        unread = [name for name in bound if name not in {node.id for node in read}]
        sources = _tensors_of(script, loop)
        instead = {name: whole for name, whole in zip(bound, sources, strict=False) if name in unread} if len(sources) == len(bound) else {}
        used = next((node for node in read if node.id in instead.values()), None)
        if not unread or (used is None and len(unread) < len(bound)):
            continue
        what = f"{used.id}, which is all of the data," if used is not None else "other names"
        yield at(
            used or loop.target, "unread batch", f"The loop of line {loop.lineno} takes a batch in each turn and calls it {', '.join(bound)}; {', '.join(unread)} "
            f"{'is' if len(unread) == 1 else 'are'} never read in it: it works with {what} in each turn.", f"Use {', '.join(unread)} in the body of the loop.",
        )  # fmt: skip


def _counted(loop: ast.For) -> bool:
    return isinstance(loop.iter, ast.Call) and dotted(loop.iter.func) == "enumerate"


def _gives_batches(script: Script, loop: ast.For) -> bool:
    """Whether a loop goes through a loader, or through pieces of data."""
    made = _made_by(script, loop)
    return made is not None and (dotted(made.func).split(".")[-1] in ("DataLoader", "split", "chunk", "zip"))


def _made_by(script: Script, loop: ast.For) -> ast.Call | None:
    """The call that makes what a loop goes through, behind enumerate() and tqdm()."""
    source: ast.expr = loop.iter
    while isinstance(source, ast.Call) and dotted(source.func).split(".")[-1] in ("enumerate", "tqdm") and source.args:
        source = source.args[0]
    if isinstance(source, ast.Name):
        found = script.assigned(source.id, loop.lineno)
        source = found[0] if found is not None else source
    return source if isinstance(source, ast.Call) else None


def _tensors_of(script: Script, loop: ast.For) -> list[str]:
    """The names of the whole tensors that a loop gives batches of: DataLoader(TensorDataset(x, y)), zip(x.split(8), y.split(8))."""
    made = _made_by(script, loop)
    if made is None or not made.args:
        return []
    if dotted(made.func) == "zip":
        cut = [part.func.value if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) else part for part in made.args]
        return [part.id for part in cut if isinstance(part, ast.Name)]
    data = made.args[0]
    found = script.assigned(data.id, made.lineno) if isinstance(data, ast.Name) else None
    data = found[0] if found is not None else data
    given = data.args if isinstance(data, ast.Call) and dotted(data.func).split(".")[-1] == "TensorDataset" else []
    return [part.id for part in given if isinstance(part, ast.Name)]


def _bounded(value: ast.expr) -> bool:
    """Whether an expression slices between two places that are computed."""
    slices = [node for node in walk(value) if isinstance(node, ast.Slice)]
    return any(part.lower is not None and part.upper is not None and not isinstance(part.lower, ast.Constant) for part in slices)


def _trains(script: Script, loop: ast.For) -> bool:
    """Whether a loop propagates back, itself or in a function of the script that it calls."""
    functions = {node.name: node for node in walk(script.tree) if isinstance(node, ast.FunctionDef)}
    called = {dotted(node.func).split(".")[-1] for stmt in loop.body for node in walk(stmt) if isinstance(node, ast.Call)}
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
        path = unparse(count)
        for node in walk(script.tree):
            if isinstance(node, ast.Assign) and any(unparse(target) == path for target in node.targets):
                yield from _divisors(script, node.value, 1)


def _window(part: ast.Slice, name: str) -> ast.expr | None:
    """The size of the slice `name : name + size`."""
    lower, upper = part.lower, part.upper
    if not (isinstance(lower, ast.Name) and lower.id == name and isinstance(upper, ast.BinOp) and isinstance(upper.op, ast.Add)):
        return None
    sides = [side for side in (upper.left, upper.right) if not (isinstance(side, ast.Name) and side.id == name)]
    return sides[0] if len(sides) == 1 else None
