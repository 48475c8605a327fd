"""Rules of modules and optimizers: parameters that nobody registers, or that the optimizer does not know."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .finding import Finding
from .script import Script, at, calls, dotted


def plain_list(script: Script) -> Iterator[Finding]:
    """Layers in a Python list of a module: parameters() does not see them."""
    for node in ast.walk(script.tree):
        if not (isinstance(node, ast.ClassDef) and any(dotted(base).split(".")[-1] == "Module" for base in node.bases)):
            continue
        text = ast.unparse(node)
        for stmt in ast.walk(node):
            if (
                isinstance(stmt, ast.Assign)
                and isinstance(stmt.targets[0], ast.Attribute)
                and isinstance(stmt.value, ast.List | ast.ListComp | ast.Dict)
            ):
                target = ast.unparse(stmt.targets[0])
                layers = [c for c in ast.walk(stmt.value) if isinstance(c, ast.Call) and "nn." in dotted(c.func) + "."]
                wrapped = any(
                    f"{kind}({target})" in text or f"{kind}(*{target})" in text for kind in ("ModuleList", "Sequential", "ModuleDict")
                )
                if layers and not wrapped:
                    yield at(
                        stmt, "plain list", f"{target} is a plain Python container: the module does not register the layers in it, and parameters() leaves them out.",
                        "Use nn.ModuleList (or nn.ModuleDict).",
                    )  # fmt: skip


def old_model(script: Script) -> Iterator[Finding]:
    """A model that is made anew after its optimizer."""
    made = sorted(script.assignments, key=lambda row: row[2].lineno)
    for name, call in script.optimizers.items():
        models = {name_ for c, name_ in calls(call, "parameters") if c is not None and name_}
        for target, value, node in made:
            if (
                target in models
                and node.lineno > call.lineno
                and any(known == name and step.lineno > node.lineno for step, known in calls(script.tree, "step"))
                and isinstance(value, ast.Call)
                and script.parent.get(node) is script.parent.get(script.parent[call])
            ):
                yield at(
                    node, "old model", f"{name} (line {call.lineno}) holds the parameters of the {target} before; those of this one it will never move.",
                    "Make the optimizer after the model.",
                )  # fmt: skip


def uphill(script: Script) -> Iterator[Finding]:
    """`w += lr * w.grad`: along the gradient, which is uphill."""
    for node in ast.walk(script.tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and isinstance(node.target, ast.Name | ast.Attribute):
            target = ast.unparse(node.target).removesuffix(".data")
            text = ast.unparse(node.value)
            if text.endswith(f"{target}.grad") and not text.startswith("-") and any(calls(script.tree, "backward")):
                yield at(node, "uphill", f"This moves {target} along its gradient: the loss grows.", f"Step against it: {target} -= ...")
