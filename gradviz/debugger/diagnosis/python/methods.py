"""Errors of Python that a class of layers brings about: self left out before an attribute or among the arguments, a method that an attribute hides."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from engine.nn.modules.module import Module

from ...script.syntax import syntax_tree, unparse, walk
from ..finding import Diagnosis, Fix, last_of_line, replaced, source_line

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun


def self_left_out(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """`fc(x)` in a method of a class whose object has a self.fc."""
    found = re.search(r"name '(\w+)' is not defined", text)
    inside = _class_at(run, line)
    if found is None or inside is None:
        return None
    name = found[1]
    held = [
        target.lineno
        for node in walk(inside)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and unparse(target) == f"self.{name}"
    ]
    if not held:
        return None
    return Diagnosis(
        "self left out", f"{inside.name} keeps {name} as self.{name} (line {held[0]}); {name} alone, in line {line}, is a name that nothing was given to.",
        last_of_line(run, line), fix=replaced(run, line, rf"(?<![\w.]){name}\b", f"self.{name}"), advice=f"Write self.{name}.", line=line,
    )  # fmt: skip


def no_place_for_self(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """`def forward(x)` in a class: the object itself is handed in first."""
    found = re.search(r"(?:(\w+)\.)?(\w+)\(\) takes (\d+) positional arguments? but (\d+) (?:was|were) given", text)
    if found is None:
        return None
    owner, method = found[1], found[2]
    for cls in (node for node in walk(syntax_tree(run.recording.source)) if isinstance(node, ast.ClassDef)):
        for function in cls.body:
            if (
                not isinstance(function, ast.FunctionDef)
                or function.name != method
                or (owner and cls.name != owner)
                or function.decorator_list
            ):
                continue
            first = function.args.args[0].arg if function.args.args else ""
            before = source_line(run, function.lineno)
            if first in ("self", "cls") or "(" not in before:
                continue
            head, rest = before.split("(", 1)
            return Diagnosis(
                "no place for self", f"{method} of {cls.name} (line {function.lineno}) has no self among its arguments: Python hands the object itself in first, as {first or 'one argument too many'}.",
                last_of_line(run, line), fix=Fix(function.lineno, before, f"{head}(self{', ' if first else ''}{rest}"), advice=f"Write def {method}(self, ...).", line=function.lineno,
            )  # fmt: skip
    return None


def step_of_a_loss(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """`optimizer.step(loss)`: step() takes a function that computes the loss anew, and calls it."""
    found = re.search(r"\b([\w.]+)\.step\(\s*([A-Za-z_]\w*)\s*\)", source_line(run, line))
    if found is None or "Tensor" not in text:
        return None
    return Diagnosis(
        "step given the loss", f"step() in line {line} takes {found[2]} for a closure, a function that computes the loss anew, and calls it. The gradients are in .grad already: it needs no loss.",
        last_of_line(run, line), fix=replaced(run, line, r"\.step\(\s*[A-Za-z_]\w*\s*\)", ".step()"), advice=f"Write {found[1]}.step().", line=line,
    )  # fmt: skip


def _class_at(run: RecordedRun, line: int) -> ast.ClassDef | None:
    around = [
        node
        for node in walk(syntax_tree(run.recording.source))
        if isinstance(node, ast.ClassDef) and node.lineno <= line <= (node.end_lineno or line)
    ]
    return max(around, key=lambda node: node.lineno, default=None)


def method_overwritten(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """`self.train = data` in a Module: the object has the data now where it had a method, and model.train() calls them."""
    found = re.search(r"'(\w+)' object is not callable", text)
    called = {method for _, method in re.findall(r"([\w.]+)\.([A-Za-z_]\w*)\(", source_line(run, line))}
    tree = syntax_tree(run.recording.source)
    for cls in (node for node in walk(tree) if isinstance(node, ast.ClassDef) and found is not None):
        own = {node.name for node in cls.body if isinstance(node, ast.FunctionDef)}
        inherited = set(dir(Module)) if any(unparse(base).split(".")[-1] == "Module" for base in cls.bases) else set()
        for node in (each for each in walk(cls) if isinstance(each, ast.Assign)):
            name = next(
                (t.attr for t in node.targets if isinstance(t, ast.Attribute) and unparse(t.value) == "self" and t.attr in called), ""
            )
            if name and name in own | inherited and found is not None:
                return Diagnosis(
                    "method overwritten", f"{name} is a method of {cls.name}, and line {node.lineno} gives its objects an attribute of that name, a {found[1]}: line {line} calls that.",
                    last_of_line(run, line), advice=f"Give what line {node.lineno} keeps another name, such as self.{name}_data.", line=node.lineno,
                )  # fmt: skip
    return None
